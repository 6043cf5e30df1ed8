//! Making a prompt fit a context: references are shortened, oldest layers first and evenly within a layer.

use serde::{Deserialize, Serialize};

use crate::conversation::Conversation;
use crate::failure::{Failure, FailureKind};
use crate::layer::LayerIndex;
use crate::prompt::Prompt;
use crate::reference::Reference;

/// Stands at the end of a shortened reference, so that its reader knows that something is missing.
const CUT_MARK: &str = " [...]";

/// How many candidate lengths are tried for one layer before the best one so far is taken. Each try tokenizes the prompt.
const MAX_TRIES: u32 = 12;

/// What was cut to make a prompt fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortening {
    /// Tokens of the prompt with whole references.
    pub original_tokens: u32,
    /// Tokens of the prompt as it was sent.
    pub fitted_tokens: u32,
    /// The most tokens that the prompt may have.
    pub limit_tokens: u32,
    /// The references that were shortened, in the order of their numbers.
    pub references: Vec<ShortenedReference>,
}

/// One reference that lost its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortenedReference {
    /// The layer that the reference comes from.
    pub layer: LayerIndex,
    /// The agent that wrote it.
    pub agent: String,
    /// Characters before.
    pub original_chars: usize,
    /// Characters kept; 0 where the reference was left out.
    pub kept_chars: usize,
}

/// A prompt that fits.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The prompt, with shortened references where that was needed.
    pub prompt: Prompt,
    /// The tokens that it has.
    pub tokens: u32,
    /// What was cut, if anything.
    pub shortening: Option<Shortening>,
}

/// Shortens the references of `prompt` until it has at most `limit_tokens` tokens as counted by `count`.
///
/// The layers lose text from the oldest on, and a layer is touched only when all older ones are gone. Within a layer every
/// reference is cut to the same number of characters, so that short ones stay whole.
///
/// # Errors
/// `ContextOverflow`, naming both numbers, when the conversation does not even fit without references; whatever `count` or the
/// synthesis template fail with.
pub fn fit(
    prompt: &Prompt,
    limit_tokens: u32,
    count: impl Fn(&Conversation) -> Result<u32, Failure>,
) -> Result<Fitted, Failure> {
    let measure = |candidate: &Prompt| -> Result<u32, Failure> {
        let rendered = candidate
            .render()
            .map_err(|error| Failure::new(FailureKind::InvalidRequest, error.to_string()))?;
        count(&rendered)
    };
    let original_tokens = measure(prompt)?;
    if original_tokens <= limit_tokens {
        return Ok(Fitted { prompt: prompt.clone(), tokens: original_tokens, shortening: None });
    }

    let mut layers: Vec<LayerIndex> = prompt.references().iter().map(|reference| reference.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    let mut current = prompt.clone();
    for layer in layers {
        let without = current.with_references(cut(current.references(), layer, 0));
        if measure(&without)? > limit_tokens {
            current = without;
            continue;
        }
        let (fitted, tokens) = longest_that_fits(&current, layer, limit_tokens, &without, &measure)?;
        let shortening = describe(prompt, &fitted, original_tokens, tokens, limit_tokens);
        return Ok(Fitted { prompt: fitted, tokens, shortening: Some(shortening) });
    }
    let bare_tokens = measure(&current)?;
    Err(overflow(bare_tokens, limit_tokens))
}

/// The failure of a prompt that cannot fit, with both numbers.
#[must_use]
pub fn overflow(prompt_tokens: u32, limit_tokens: u32) -> Failure {
    Failure::new(
        FailureKind::ContextOverflow,
        format!(
            "the conversation has {prompt_tokens} tokens, but at most {limit_tokens} fit the model's context"
        ),
    )
    .with_hint("shorten the prompt or the history, lower max-tokens, or raise the model's context-tokens")
}

/// Searches the largest number of characters per reference of `layer` with which the prompt fits.
fn longest_that_fits(
    current: &Prompt,
    layer: LayerIndex,
    limit_tokens: u32,
    without: &Prompt,
    measure: &impl Fn(&Prompt) -> Result<u32, Failure>,
) -> Result<(Prompt, u32), Failure> {
    let longest = current
        .references()
        .iter()
        .filter(|reference| reference.layer == layer)
        .map(|reference| reference.text.chars().count())
        .max()
        .unwrap_or(0);
    let mut best = (without.clone(), measure(without)?);
    let (mut fits, mut too_long) = (0, longest + 1);
    for _ in 0..MAX_TRIES {
        let middle = usize::midpoint(fits, too_long);
        if middle == fits {
            break;
        }
        let candidate = current.with_references(cut(current.references(), layer, middle));
        let tokens = measure(&candidate)?;
        if tokens <= limit_tokens {
            fits = middle;
            best = (candidate, tokens);
        } else {
            too_long = middle;
        }
    }
    Ok(best)
}

/// The references with those of `layer` cut to `chars` characters; with 0 characters they are left out.
fn cut(references: &[Reference], layer: LayerIndex, chars: usize) -> Vec<Reference> {
    references
        .iter()
        .filter(|reference| chars > 0 || reference.layer != layer)
        .map(|reference| match reference.text.char_indices().nth(chars) {
            Some((end, _)) if reference.layer == layer => {
                Reference { text: format!("{}{CUT_MARK}", &reference.text[..end]), ..reference.clone() }
            }
            _ => reference.clone(),
        })
        .collect()
}

fn describe(
    original: &Prompt,
    fitted: &Prompt,
    original_tokens: u32,
    fitted_tokens: u32,
    limit_tokens: u32,
) -> Shortening {
    let references = original
        .references()
        .iter()
        .filter_map(|before| {
            let after = fitted
                .references()
                .iter()
                .find(|after| after.layer == before.layer && after.agent == before.agent);
            if after.is_some_and(|after| after.text == before.text) {
                return None;
            }
            let kept =
                after.map_or(0, |after| after.text.chars().count().saturating_sub(CUT_MARK.chars().count()));
            Some(ShortenedReference {
                layer: before.layer,
                agent: before.agent.clone(),
                original_chars: before.text.chars().count(),
                kept_chars: kept,
            })
        })
        .collect();
    Shortening { original_tokens, fitted_tokens, limit_tokens, references }
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;
