//! `AlpacaEval` 2.0: a judge compares a model's answers to 805 instructions with a baseline's.
//!
//! From the model's answers to its place on the leaderboard: [`read_outputs`] → [`Pairing::of`] → [`is_switched`] and
//! [`JudgePrompt::messages`] → the judge → [`Annotation::judged`] → [`read_comparisons`] → [`score`] → [`LeaderboardRow`].
//!
//! # Source
//!
//! The package alpaca-eval 0.6.6 and its data set; Dubois et al., "Length-Controlled AlpacaEval", arXiv 2404.04475.

mod annotation;
mod coin;
mod comparison;
mod cross_validation;
mod difficulty;
mod gamed;
mod judge_prompt;
mod leaderboard;
mod length_control;
mod outputs;
mod pairing;
mod rows;
mod score;
mod solver;
mod verdict;
mod weights;
mod win_rate;

pub use annotation::{Annotation, FieldNames, read_annotations, write_annotations};
pub use coin::is_switched;
pub use comparison::{CodePoints, Comparison, read_comparisons};
pub use cross_validation::CrossValidated;
pub use difficulty::{Difficulty, DifficultyOf};
pub use gamed::GamedRows;
pub use judge_prompt::{Filling, JudgeMessage, JudgePrompt};
pub use leaderboard::{Leaderboard, LeaderboardRow};
pub use length_control::{LengthControlled, Variant};
pub use outputs::{ModelOutput, average_length, generator_name, read_outputs, write_outputs};
pub use pairing::{Pair, Pairing};
pub use score::{AlpacaScore, Options, References, score};
pub use verdict::{DRAW, TopLogprob, first_top_logprobs, in_file_order, prompt_preference};
pub use weights::{Coefficients, Predicted, StoredWeights};
pub use win_rate::WinRate;

#[cfg(test)]
mod tests;
