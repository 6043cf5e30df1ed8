//! `moa bench`: what each source of speed brings on this machine, and `moa models bench`: how fast one model is.

pub(crate) mod model;
mod outcome;
mod question;
mod step;
mod table;

use std::time::Instant;

use moa_config::{Config, Overrides, ResolvedModel, ResolvedPreset};
use moa_core::{ChatModel, Models};
use moa_terminal::StatusLine;

use self::outcome::{Document, Measured, StepDocument};
use self::question::QUESTIONS;
use self::step::{STEPS, switch};
use crate::cli::BenchArgs;
use crate::complaint::Complaint;
use crate::local::LocalModels;
use crate::peak_memory;
use crate::workspace::{Workspace, config_complaint};

/// Tokens that each model writes before anything is counted: the first calls touch pages and fill the processor's caches.
const WARM_UP_TOKENS: u32 = 8;

/// Asks the same questions under every step. Rounds go through all steps, so that a machine whose speed drifts treats them alike.
pub(crate) async fn execute(workspace: &Workspace, arguments: BenchArgs) -> Result<(), Complaint> {
    let config = workspace.config()?;
    let preset = local_preset(&config, &arguments)?;
    let mut status = StatusLine::stderr();
    let mut rounds: Vec<Vec<Measured>> = vec![Vec::new(); STEPS.len()];
    let total = STEPS.len() * QUESTIONS.len() * arguments.rounds as usize;
    let mut asked: u64 = 0;
    for _ in 0..arguments.rounds {
        for (step, (name, measured)) in STEPS.iter().zip(&mut rounds).enumerate() {
            let mut local = LocalModels::new(workspace, &config, arguments.yes)?;
            local.change_engine(|options| switch(options, step));
            let loaded = load(&mut local, &preset).await?;
            let mut sum = Measured { load_ms: loaded.ms, ..Measured::default() };
            for question in QUESTIONS {
                asked += 1;
                status.show(&format!("{asked} of {total}: {name}"), asked)?;
                sum.add(&question::ask(workspace, &preset.mixture, &loaded.models, question).await?);
            }
            sum.peak_memory_bytes = peak_memory::bytes();
            measured.push(sum);
        }
    }
    status.leave(&format!("{asked} runs of the preset '{}'", preset.mixture.name))?;
    let steps = STEPS.iter().zip(rounds).filter_map(|(name, rounds)| StepDocument::of(name, rounds));
    let document = Document::new(&preset.mixture, &arguments, steps.collect());
    if arguments.json {
        return super::print_json(&document);
    }
    super::print(&table::describe(&document))
}

/// The preset that is asked, all of whose models must be on this machine.
fn local_preset(config: &Config, arguments: &BenchArgs) -> Result<ResolvedPreset, Complaint> {
    let name = arguments.preset.as_deref().unwrap_or(&config.default_preset().value);
    let overrides = Overrides {
        max_tokens: Some(arguments.max_tokens),
        temperature: Some(arguments.temperature),
        ..Overrides::default()
    };
    let preset = config.preset(name, &overrides).map_err(|error| config_complaint(&error))?;
    let elsewhere = preset.models.iter().find(|(_, model)| !matches!(model, ResolvedModel::Local(_)));
    match elsewhere {
        Some((id, _)) => Err(Complaint::failed(format!(
            "the preset '{name}' asks '{id}', which does not run on this machine"
        ))
        .with_hint(Some("`moa presets list` shows the others".to_owned()))),
        None => Ok(preset),
    }
}

/// Models that are in memory and have written a few tokens.
struct Loaded {
    models: Models,
    ms: f64,
}

async fn load(local: &mut LocalModels, preset: &ResolvedPreset) -> Result<Loaded, Complaint> {
    peak_memory::reset();
    let mut ready = Vec::new();
    for (id, model) in &preset.models {
        ready.push(local.alone(id, model).await?);
    }
    let begin = Instant::now();
    for model in &ready {
        model.load(|_| {}).await?;
    }
    let ms = begin.elapsed().as_secs_f64() * 1_000.0;
    for model in &ready {
        model::ask(model, 0, WARM_UP_TOKENS).await?;
    }
    let models = ready.into_iter().fold(Models::new(), |models, model| {
        let model: std::sync::Arc<dyn ChatModel> = model;
        models.with(model)
    });
    Ok(Loaded { models, ms })
}
