//! How much is asked at the same time where nothing else is said.

use moa_config::ResolvedModel;

/// Questions in flight behind endpoints.
const REMOTE: u32 = 8;

/// Answers that one local model writes at the same time. Twice as many as eight were half as many again in the same time
/// (`examples/throughput.rs` of moa-llama: 68 and 100 tokens a second of Qwen2.5-Coder 1.5B on two cores).
const LOCAL: u32 = 16;

/// How many calls are in flight at the same time, if these models answer them.
pub(super) fn usual<'a>(models: impl IntoIterator<Item = &'a ResolvedModel>) -> u32 {
    let is_local = models.into_iter().all(|model| matches!(model, ResolvedModel::Local(_)));
    if is_local { LOCAL } else { REMOTE }
}
