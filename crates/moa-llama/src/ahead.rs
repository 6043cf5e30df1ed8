//! How much of a prompt can be read before all of its references are there.

use moa_core::{Failure, Prompt, Reference};

use crate::native::Token;
use crate::prompter::Prompter;
use crate::sequences::common_prefix;

/// The tokens with which the prompt begins whatever reference comes next behind those that it has.
///
/// Found by writing it out with two different ones and comparing, so that nothing need be known of templates, marks and numbers.
///
/// # Errors
/// As [`Prompter::encode`].
pub(crate) fn known_beginning(prompter: &Prompter, prompt: &Prompt) -> Result<Vec<Token>, Failure> {
    let Some(layer) = prompt.references().last().map(|reference| reference.layer) else {
        return Ok(Vec::new());
    };
    let with_another = |name: &str| {
        let another = Reference { layer, agent: name.to_owned(), model: name.into(), text: name.to_owned() };
        let references = prompt.references().iter().cloned().chain([another]).collect();
        prompter.encode_prompt(&prompt.with_references(references), &[])
    };
    let (mut tokens, other) = (with_another("a")?, with_another("0")?);
    tokens.truncate(common_prefix(&tokens, &other));
    Ok(tokens)
}

#[cfg(test)]
#[path = "ahead_tests.rs"]
mod tests;
