//! How long it would take, by the speeds of stored runs.

use std::collections::BTreeMap;

use moa_core::Trace;
use moa_store::{RunFilter, Store};

use super::{CallEstimate, LayerEstimate};

/// Stored runs that are looked at for speeds.
const RUNS: usize = 20;

/// Tokens per second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speed {
    pub(crate) prefill: f64,
    pub(crate) decode: f64,
}

/// The seconds of all layers, each as long as its slowest call, where the speed of every model is known from stored runs.
pub(super) fn seconds(
    layers: &[LayerEstimate],
    measured: &BTreeMap<String, Speed>,
) -> (Option<f64>, &'static str) {
    let of_call = |call: &CallEstimate| -> Option<f64> {
        let speed = measured.get(&call.model)?;
        let prompt = f64::from(u32::try_from(call.prompt_tokens_at_most).unwrap_or(u32::MAX));
        Some(prompt / speed.prefill + f64::from(call.max_tokens) / speed.decode)
    };
    let of_layer = |layer: &LayerEstimate| -> Option<f64> {
        layer.calls.iter().try_fold(0.0, |longest: f64, call| Some(longest.max(of_call(call)?)))
    };
    match layers.iter().map(of_layer).sum::<Option<f64>>() {
        Some(seconds) => (Some(seconds), "the speeds of stored runs"),
        None => (None, "unknown until each model has answered once"),
    }
}

/// The median speeds of each model in the latest stored runs, neighbours at work included.
pub(crate) fn measured_speeds(store: &Store) -> BTreeMap<String, Speed> {
    let filter = RunFilter { limit: Some(RUNS), ..RunFilter::default() };
    let runs = store.list(&filter).unwrap_or_default();
    let mut samples: BTreeMap<String, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for run in runs {
        let Ok(events) = store.events(run.id) else { continue };
        for call in Trace::of(&events).calls() {
            let Some(outcome) = &call.outcome else { continue };
            let (Some(first_ms), true) = (outcome.first_token_ms, call.endpoint == "local") else { continue };
            let usage = outcome.usage;
            let computed = usage.prompt_tokens.saturating_sub(usage.cached_tokens);
            let (prefill, decode) = samples.entry(call.model.clone()).or_default();
            if computed > 0 && first_ms > 0.0 {
                prefill.push(f64::from(computed) * 1_000.0 / first_ms);
            }
            if usage.completion_tokens > 1 && outcome.wall_ms > first_ms {
                decode.push(f64::from(usage.completion_tokens - 1) * 1_000.0 / (outcome.wall_ms - first_ms));
            }
        }
    }
    samples
        .into_iter()
        .filter_map(|(model, (prefill, decode))| {
            Some((model, Speed { prefill: median(prefill)?, decode: median(decode)? }))
        })
        .collect()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
