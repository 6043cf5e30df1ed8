//! Programs that answer a prompt, tried on the examples that the prompt itself gives.
//!
//! What is read out of texts is read here: the examples of a prompt (`examples`, of the forms in `doctest`, `assertion` and `inline`), and the
//! programs of its answers (`programs`). Nothing is run here: whoever starts a run hands in a [`CandidateRunner`] that can.

mod assertion;
mod doctest;
mod example;
mod examples;
mod inline;
mod programs;
mod python;
mod runner;

pub use example::{Example, ExampleOutcome, ExampleRun, Expected};
pub(crate) use examples::{examples, functions, may_have_examples};
pub(crate) use programs::Start;
pub use runner::{CandidateRunner, Trial, TrialReport};

#[cfg(test)]
mod tests;
