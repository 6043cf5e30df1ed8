//! The judge's preference out of the log-probabilities of its one token.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The preference where neither answer is better.
pub const DRAW: f64 = 1.5;

/// The token that names the answer shown first.
const FIRST: &str = "m";

/// The token that names the answer shown second.
const SECOND: &str = "M";

/// One of the most likely tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TopLogprob {
    /// The token.
    pub token: String,
    /// The natural logarithm of its probability.
    pub logprob: f64,
}

/// The most likely first tokens of a completion in the form of the chat API: `logprobs.content[0].top_logprobs`.
#[must_use]
pub fn first_top_logprobs(completion: &Value) -> Option<Vec<TopLogprob>> {
    let entries = completion.pointer("/logprobs/content/0/top_logprobs")?.as_array()?;
    entries
        .iter()
        .map(|entry| {
            let token = entry.get("token")?.as_str()?.to_owned();
            Some(TopLogprob { token, logprob: entry.get("logprob")?.as_f64()? })
        })
        .collect()
}

/// The preference in the order of the prompt: 1 where the first answer is better, 2 where the second is. Nothing where neither token
/// is among the most likely ones, or their log-probabilities are no numbers.
///
/// # Source
///
/// `completion_parsers.logprob_parser` with `is_binarize: false`.
#[must_use]
pub fn prompt_preference(logprobs: &[TopLogprob]) -> Option<f64> {
    // A later entry for the same token overrides an earlier one.
    let last = |token| logprobs.iter().rev().find(|entry| entry.token == token).map(|entry| entry.logprob);
    let (first, second) = (last(FIRST), last(SECOND));
    first.or(second)?;
    let first = first.unwrap_or(f64::NEG_INFINITY);
    let second = second.unwrap_or(f64::NEG_INFINITY);
    let largest = first.max(second);
    let total = largest + ((first - largest).exp() + (second - largest).exp()).ln();
    let preference = 2.0 - (first - total).exp();
    preference.is_finite().then_some(preference)
}

/// The preference in the order of the file, baseline first.
#[must_use]
pub fn in_file_order(prompt_preference: f64, switched: bool) -> f64 {
    if switched { 3.0 - prompt_preference } else { prompt_preference }
}
