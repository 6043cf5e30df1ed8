//! Which answer the judge reads first.

use crate::python::Random;

/// The seed of the pairwise annotator, which the official configuration leaves at its default.
const ANNOTATOR_SEED: u32 = 0;

/// Whether the two answers to an instruction are switched before the judge sees them: a coin that the instruction throws.
///
/// # Source
///
/// `processors.SwitchProcessor` of alpaca-eval; agrees with the order of every stored completion.
#[must_use]
pub fn is_switched(instruction: &str) -> bool {
    Random::from_text(&format!("is_switched_outputs{instruction}{ANNOTATOR_SEED}")).coin()
}
