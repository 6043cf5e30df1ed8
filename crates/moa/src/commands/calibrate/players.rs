//! The models that take part, ready to be asked.

use std::collections::BTreeMap;
use std::path::Path;

use moa_config::{Config, Overrides, ResolvedModel};
use moa_core::{Agent, ModelId, estimated_prompt_tokens};
use moa_eval::calibration::{Item, Roster, ask_for_programs, forms};
use moa_store::Store;

use super::arguments::CalibrateArgs;
use crate::complaint::Complaint;
use crate::estimate::measured_speeds;
use crate::workspace::{self, config_complaint};

/// The most answers that one local model writes at the same time: each needs memory for its context.
const MOST_SEQUENCES: u32 = 32;

/// The models that take part.
pub(super) struct Players {
    pub(super) roster: Roster,
    pub(super) models: BTreeMap<ModelId, ResolvedModel>,
    /// How each is written in a configuration file, by its id.
    pub(super) written: BTreeMap<ModelId, String>,
}

/// Finds the models that the command line names, or those of the default preset.
pub(super) fn players(
    config: &Config,
    arguments: &CalibrateArgs,
    items: &[Item],
) -> Result<Players, Complaint> {
    let complaint = |error: moa_config::ConfigError| config_complaint(&error);
    let names: Vec<String> = if arguments.models.is_empty() {
        let preset =
            config.preset(&config.default_preset().value, &Overrides::default()).map_err(complaint)?;
        preset.models.keys().map(ToString::to_string).collect()
    } else {
        arguments.models.clone()
    };
    let overrides = Overrides { max_tokens: arguments.max_tokens, ..Overrides::default() };
    let mut agents: Vec<Agent> = Vec::new();
    let (mut models, mut written) = (BTreeMap::new(), BTreeMap::new());
    for name in &names {
        let preset = config.single_model(name, &overrides).map_err(complaint)?;
        let agent = preset.mixture.aggregator;
        if agents.iter().any(|known| known.model == agent.model) {
            continue;
        }
        written.insert(agent.model.clone(), portable(name));
        models.extend(
            preset.models.into_iter().map(|(id, model)| (id, with_sequences(model, arguments.concurrency))),
        );
        agents.push(agent);
    }
    let roster = Roster {
        worth_sampling: agents.len(),
        agents,
        temperatures: distinct(&arguments.temperature),
        samples: arguments.samples,
        forms: forms(items),
        seed: arguments.seed,
        tells_certainty: true,
        writes_programs: ask_for_programs(items),
    };
    Ok(Players { roster, models, written })
}

/// The seconds that a call of each local model takes at most, by the speeds of stored runs.
pub(super) fn known_seconds(players: &Players, items: &[Item]) -> BTreeMap<ModelId, f64> {
    let store = workspace::store_path().ok().and_then(|path| Store::open_read_only(path).ok());
    let Some(speeds) = store.as_ref().map(measured_speeds) else { return BTreeMap::new() };
    let prompts: u64 = items.iter().map(|item| u64::from(estimated_prompt_tokens(&item.conversation))).sum();
    let prompt = u32::try_from(prompts / (items.len() as u64).max(1)).unwrap_or(u32::MAX);
    let of = |agent: &Agent| {
        let speed = speeds.get(agent.model.as_str())?;
        Some((
            agent.model.clone(),
            f64::from(prompt) / speed.prefill + f64::from(agent.max_tokens) / speed.decode,
        ))
    };
    players.roster.agents.iter().filter_map(of).collect()
}

/// A path that means the same wherever the preset is read.
fn portable(name: &str) -> String {
    let absolute = Path::new(name).canonicalize().ok().filter(|path| path.is_file());
    absolute.map_or_else(|| name.to_owned(), |path| path.display().to_string())
}

fn distinct(temperatures: &[f32]) -> Vec<f32> {
    let mut distinct = temperatures.to_vec();
    distinct.sort_by(f32::total_cmp);
    distinct.dedup_by(|one, other| one.total_cmp(other).is_eq());
    distinct
}

/// The model with room for so many answers at the same time, unless the configuration says how many.
fn with_sequences(model: ResolvedModel, sequences: u32) -> ResolvedModel {
    match model {
        ResolvedModel::Local(mut local) => {
            local.sequences.get_or_insert(sequences.min(MOST_SEQUENCES));
            ResolvedModel::Local(local)
        }
        other => other,
    }
}

/// What tells a model from every other one, for people and without the path of this machine.
pub(super) fn identity(model: &ResolvedModel, file: Option<&Path>) -> String {
    match (model, file) {
        (ResolvedModel::Remote(remote), _) => format!("{} at {}", remote.id, remote.endpoint.name),
        (_, Some(file)) => {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let bytes = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
            format!("{name}, {bytes} bytes")
        }
        _ => "unknown".to_owned(),
    }
}
