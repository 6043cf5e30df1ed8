//! How likely tokens were, as services tell it.

use moa_core::{TokenLogprob, TokenLogprobs};
use serde_json::Value;

/// The tokens in a choice's `logprobs`. Entries that are none are left out, as everything is that is not understood.
pub(super) fn logprobs(told: &Value) -> Vec<TokenLogprobs> {
    let entries = told.get("content").and_then(Value::as_array);
    let read = |entry: &Value| {
        let top = entry.get("top_logprobs").and_then(Value::as_array);
        let top_logprobs = top.into_iter().flatten().filter_map(token).collect();
        Some(TokenLogprobs { written: token(entry)?, top_logprobs })
    };
    entries.into_iter().flatten().filter_map(read).collect()
}

fn token(entry: &Value) -> Option<TokenLogprob> {
    Some(TokenLogprob {
        token: entry.get("token")?.as_str()?.to_owned(),
        logprob: entry.get("logprob")?.as_f64()?,
    })
}
