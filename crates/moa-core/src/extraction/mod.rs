//! What a text gives as its answer, so that answers can be compared although no two texts are alike.
//!
//! Used by the kinds of aggregation that count votes or run programs, and by the exact-match tasks of evaluations.

mod choice;
mod code;
mod form;
mod mark;
mod number;
mod prose;

pub use choice::choice;
pub use code::{Code, program};
pub(crate) use code::{any_program, defines, start_of_program};
pub use form::{AnswerForm, Extracted, extract};
pub use number::{Number, number};
pub use prose::{final_text, normalized};

#[cfg(test)]
mod tests;
