//! Benchmarks scored exactly as their official tools score them, offline, and the runner that asks for the answers.
//!
//! - [`alpaca`]: AlpacaEval 2.0, with the length-controlled win rate;
//! - [`mt_bench`]: MT-Bench, single and pairwise;
//! - [`flask`]: FLASK's skills, domains and levels of difficulty;
//! - [`exact`]: tasks whose answer is right or wrong (GSM8K, people's own questions) and `HumanEval`'s formats;
//! - [`statistics`]: paired comparisons, bootstrap, Mc Nemar's test, Wilson's interval;
//! - [`calibration`]: which mixture of some models is best, and whether any is worth more than the best of them alone;
//! - [`calls`]: calls of models that are asked once, whatever contender or candidate they are for;
//! - [`runner`]: asks contenders for many answers at once, through the engine of `moa-core`, and keeps each in a journal;
//! - [`sandbox`]: runs candidate programs where they can do no harm.
//!
//! All else takes bytes or values and gives values that serialise: no network, no model, no files (calibrations and the runner keep journals). Nothing prints. No text of a benchmark
//! lives here: prompts, questions and reference data come from the benchmark's own files.

pub mod alpaca;
pub mod calibration;
pub mod calls;
mod count;
mod error;
pub mod exact;
pub mod flask;
mod json;
pub mod mt_bench;
mod python;
pub mod runner;
pub mod sandbox;
pub mod statistics;
mod table;

pub use error::EvalError;

#[cfg(test)]
mod test_data;
