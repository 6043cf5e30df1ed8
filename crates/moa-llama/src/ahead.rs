//! How much of a prompt can be read before all of its references are there.

use moa_core::{Failure, Prompt};

use crate::native::Token;
use crate::prompter::Prompter;
use crate::sequences::common_prefix;

/// The tokens with which a prompt begins whatever its last reference, which is still being written, goes on with.
///
/// Found by writing it out with two continuations and comparing, so that nothing need be known of templates, marks and numbers. A word that
/// goes on may become another token than its beginning; what is read in vain then is that token.
///
/// # Errors
/// As [`Prompter::encode`].
pub(crate) fn known_beginning(prompter: &Prompter, prompt: &Prompt) -> Result<Vec<Token>, Failure> {
    if prompt.references().is_empty() {
        return Ok(Vec::new());
    }
    let going_on = |continuation: &str| {
        let mut references = prompt.references().to_vec();
        if let Some(last) = references.last_mut() {
            last.text.push_str(continuation);
        }
        prompter.encode_prompt(&prompt.with_references(references), &[])
    };
    let (mut tokens, other) = (going_on("a")?, going_on("0")?);
    tokens.truncate(common_prefix(&tokens, &other));
    Ok(tokens)
}

#[cfg(test)]
#[path = "ahead_tests.rs"]
mod tests;
