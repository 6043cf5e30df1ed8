//! What a contender's name means.

use std::collections::BTreeMap;

use moa_config::{Config, Overrides, ResolvedModel, ResolvedPreset};
use moa_core::{Agent, Mixture, ModelId};
use moa_eval::runner::Contender;

use super::arguments::GenerateArgs;
use super::concurrency;
use crate::complaint::Complaint;
use crate::workspace::config_complaint;

/// The temperature of samples that are to differ from each other (the paper's, arXiv:2406.04692).
const SAMPLE_TEMPERATURE: f64 = 0.7;

/// The most answers that one local model writes at the same time, whatever else is asked of it: each needs memory for its context.
const MOST_SEQUENCES: u32 = 32;

/// More samples than this are a typing error.
const MOST_SAMPLES: u32 = 1024;

/// A contender and the models that it needs.
pub(super) struct Resolved {
    pub(super) contender: Contender,
    pub(super) models: BTreeMap<ModelId, ResolvedModel>,
    pub(super) max_cost_usd: Option<f64>,
    /// Items that are worked on at the same time.
    pub(super) concurrency: u32,
}

/// A contender as it is written.
#[derive(Debug, PartialEq, Eq)]
enum Written<'a> {
    SelfConsistency { model: &'a str, samples: u32 },
    SelfMoa { model: &'a str, samples: u32 },
    PresetOrModel(&'a str),
}

/// Finds what `written` means.
pub(super) fn resolve(
    config: &Config,
    written: &str,
    arguments: &GenerateArgs,
) -> Result<Resolved, Complaint> {
    let overrides = |temperature: Option<f64>| Overrides {
        max_tokens: arguments.max_tokens,
        temperature: arguments.temperature.or(temperature),
        max_cost_usd: arguments.work.max_cost,
        ..Overrides::default()
    };
    let single = |model: &str, temperature: f64| {
        config.single_model(model, &overrides(Some(temperature))).map_err(|error| config_complaint(&error))
    };
    let (preset, contender): (ResolvedPreset, Contender) = match parse(written)? {
        Written::SelfConsistency { model, samples } => {
            let preset = single(model, SAMPLE_TEMPERATURE)?;
            let contender = Contender::new(written, preset.mixture.clone()).voting(samples);
            (preset, contender)
        }
        Written::SelfMoa { model, samples } => {
            let preset = single(model, SAMPLE_TEMPERATURE)?;
            let contender = Contender::self_moa(written, &preset.mixture.aggregator, samples);
            (preset, contender)
        }
        Written::PresetOrModel(name) => {
            let preset = if config.has_preset(name) {
                config.preset(name, &overrides(None)).map_err(|error| config_complaint(&error))?
            } else {
                single(name, 0.0)?
            };
            let contender = Contender::new(written, preset.mixture.clone());
            (preset, contender)
        }
    };
    let at_once = calls_at_once(contender.mixture()).saturating_mul(contender.votes().unwrap_or(1)).max(1);
    let usual = concurrency::usual(preset.models.values()).div_ceil(at_once).max(2);
    let concurrency = arguments.work.concurrency.unwrap_or(usual);
    let sequences = concurrency.saturating_mul(at_once).min(MOST_SEQUENCES);
    let models = preset.models.into_iter().map(|(id, model)| (id, with_sequences(model, sequences)));
    Ok(Resolved { contender, models: models.collect(), max_cost_usd: preset.max_cost_usd, concurrency })
}

/// The most calls that one item makes of one model at the same time.
fn calls_at_once(mixture: &Mixture) -> u32 {
    let most_of_one = |agents: &[Agent]| {
        let of = |model: &ModelId| agents.iter().filter(|agent| agent.model == *model).count();
        agents.iter().map(|agent| of(&agent.model)).max().unwrap_or(0)
    };
    let most = mixture.layers.iter().map(|layer| most_of_one(&layer.agents)).max().unwrap_or(0);
    u32::try_from(most.max(1)).unwrap_or(u32::MAX)
}

/// The model with room for so many answers at the same time, unless the configuration says how many.
fn with_sequences(model: ResolvedModel, sequences: u32) -> ResolvedModel {
    match model {
        ResolvedModel::Local(mut local) => {
            local.sequences.get_or_insert(sequences);
            ResolvedModel::Local(local)
        }
        other => other,
    }
}

fn parse(written: &str) -> Result<Written<'_>, Complaint> {
    let Some((prefix @ ("self-consistency" | "self-moa"), rest)) = written.split_once(':') else {
        return Ok(Written::PresetOrModel(written));
    };
    // A model's own name may have colons.
    let parts = rest.rsplit_once(':').filter(|(model, _)| !model.is_empty());
    let parts = parts.and_then(|(model, samples)| {
        let samples = samples.parse().ok().filter(|samples| (1..=MOST_SAMPLES).contains(samples))?;
        Some((model, samples))
    });
    match parts {
        Some((model, samples)) if prefix == "self-moa" => Ok(Written::SelfMoa { model, samples }),
        Some((model, samples)) => Ok(Written::SelfConsistency { model, samples }),
        None => {
            let message = format!(
                "'{written}' is no contender: {prefix} wants a model and how often it is sampled (1 to {MOST_SAMPLES})"
            );
            let hint = format!("such as {prefix}:qwen2.5-coder-0.5b-instruct:5");
            Err(Complaint::usage(message).with_hint(Some(hint)))
        }
    }
}

#[cfg(test)]
#[path = "contender_tests.rs"]
mod tests;
