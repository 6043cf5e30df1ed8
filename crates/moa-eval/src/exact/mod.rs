//! Tasks whose answers are right or wrong, so that no judge is needed.
//!
//! # The rule
//!
//! What counts as the answer is looked for in this order:
//!
//! 1. what follows the last `####` (GSM8K's own mark) or stands in the last `\boxed{...}`, whichever of the two comes last;
//! 2. without such a mark: for numbers, the last number of the text; for a choice, the letter after the last "answer is" or "answer:",
//!    or else the last letter in parentheses, or a text that is nothing but the letter; for texts, the last line that is not empty.
//!
//! A number may have a sign, thousands separators (commas between groups of three digits, also LaTeX's `{,}` and `\,`), decimals, an
//! exponent, or be a fraction (`3/4`, `\frac{3}{4}`); currency signs, percent signs and units around it are passed over. Numbers are
//! compared by value and exactly: 18, 18.0, $18 and 18 dollars are equal, 33.3 and 33.33 are not. Where a mark is followed by no number,
//! the last number of the whole text counts. A text in which nothing is found is *invalid*, which is not the same as wrong.

mod answer;
mod comparison;
mod human_eval;
mod scores;
mod scoring;
mod task;
mod vote;

pub use answer::{Marked, Verdict, extract, mark};
pub use comparison::{AgainstBase, Comparison, ComparisonRow, comparison};
pub use human_eval::{Problem, Sample, pass_at_k, read_problems, read_samples, write_results};
pub use moa_core::extraction::{Code, Number, program};
pub use scores::{ScoreSummary, ScoredItem, ScoredProposal, ScoredSample, Scores};
pub use scoring::score_tasks;
pub use task::{Task, TaskKind, read_gsm8k, read_tasks};
pub use vote::{majority_of_whole, vote};

#[cfg(test)]
mod scores_tests;
#[cfg(test)]
mod tests;
