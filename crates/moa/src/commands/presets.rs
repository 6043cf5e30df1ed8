//! `moa presets`: which mixtures there are, and what is in them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use moa_config::{Config, Overrides, ResolvedModel, ResolvedPreset};
use moa_core::{Agent, Aggregation, AgreementMeasure, Layer, Mixture};
use serde::Serialize;

use super::calibrate::explanation::lines;
use crate::cli::PresetsCommand;
use crate::complaint::Complaint;
use crate::workspace::{Workspace, config_complaint};

pub(crate) fn execute(workspace: &Workspace, command: PresetsCommand) -> Result<(), Complaint> {
    let config = workspace.config()?;
    match command {
        PresetsCommand::List { json } => list(&config, json),
        PresetsCommand::Show { name, json } => show(&config, &name, json),
    }
}

#[derive(Serialize)]
struct ListedPreset {
    name: String,
    description: Option<String>,
    layers: usize,
    models: Vec<String>,
    default: bool,
    origin: String,
}

fn list(config: &Config, json: bool) -> Result<(), Complaint> {
    let default = &config.default_preset().value;
    let presets: Vec<ListedPreset> = config
        .presets()
        .map(|preset| ListedPreset {
            default: preset.name == *default,
            name: preset.name,
            description: preset.description,
            layers: preset.layer_count,
            models: preset.models.iter().map(ToString::to_string).collect(),
            origin: preset.origin.to_string(),
        })
        .collect();
    if json {
        return super::print_json(&presets);
    }
    let width = presets.iter().map(|preset| preset.name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for preset in &presets {
        let mark = if preset.default { "*" } else { " " };
        let description = preset.description.as_deref().unwrap_or("");
        let _ = writeln!(text, "{mark} {:width$}  {} layers  {description}", preset.name, preset.layers);
        let _ = writeln!(text, "  {:width$}  {}", "", preset.models.join(", "));
    }
    text.push_str("\n* used where none is named. Whole: moa presets show NAME\n");
    super::print(&text)
}

#[derive(Serialize)]
struct ShownPreset<'a> {
    layer_count: usize,
    mixture: &'a Mixture,
    models: BTreeMap<String, ShownModel>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ShownModel {
    Local { weights: String },
    Endpoint { name: String, base_urls: Vec<String>, id: String, successors: Vec<String> },
    Unknown,
}

fn show(config: &Config, name: &str, json: bool) -> Result<(), Complaint> {
    let preset = config.preset(name, &Overrides::default()).map_err(|error| config_complaint(&error))?;
    if json {
        return super::print_json(&ShownPreset {
            layer_count: preset.mixture.layer_count(),
            mixture: &preset.mixture,
            models: preset.models.iter().map(|(id, model)| (id.to_string(), shown(model))).collect(),
        });
    }
    super::print(&describe(&preset))
}

fn shown(model: &ResolvedModel) -> ShownModel {
    match model {
        ResolvedModel::Local(local) => ShownModel::Local { weights: local.weights.to_string() },
        ResolvedModel::Remote(remote) => ShownModel::Endpoint {
            name: remote.endpoint.name.clone(),
            base_urls: remote.endpoint.base_urls.clone(),
            id: remote.id.clone(),
            successors: remote.successors.clone(),
        },
        _ => ShownModel::Unknown,
    }
}

fn describe(preset: &ResolvedPreset) -> String {
    let mixture = &preset.mixture;
    let calls = mixture.planned_calls();
    let mut text = format!("{}: {} layers, {calls} calls\n", mixture.name, mixture.layer_count());
    for (layer, number) in mixture.layers.iter().zip(1..) {
        let _ = writeln!(text, "\nLayer {number}, proposers{}", quorum(layer));
        for agent in &layer.agents {
            let _ = writeln!(text, "  {}", agent_line(agent, preset));
        }
    }
    let _ = writeln!(text, "\nLayer {}, {}", mixture.layer_count(), aggregation(mixture));
    let _ = writeln!(text, "  {}", agent_line(&mixture.aggregator, preset));
    if let Some(stop) = &mixture.early_stop {
        let share = stop.agreement * 100.0;
        let _ = match stop.measure {
            AgreementMeasure::Examples => writeln!(
                text,
                "\nA program that passes {share:.0} % of the prompt's examples ends the run early; so does a prompt without any."
            ),
            _ => writeln!(text, "\nAnswers that agree to {share:.0} % end the run early."),
        };
    }
    if mixture.residual {
        text.push_str("\nLater layers read the answers of all earlier ones (residual).\n");
    }
    if let Some(measured) = &preset.calibration {
        let _ = writeln!(text, "\nMeasured on {} by moa calibrate", measured.date);
        for (what, line) in lines(measured) {
            let _ = writeln!(text, "  {what:<10} {line}");
        }
    }
    if reads_answers(mixture) {
        let _ = writeln!(text, "\nThe answers are given under this instruction:\n");
        for line in mixture.synthesis.source().lines() {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

/// Whether anybody reads answers of others in an ordinary run: a later layer, or an aggregator.
fn reads_answers(mixture: &Mixture) -> bool {
    let is_read_by_aggregator = mixture.asks_aggregator() && !mixture.layers.is_empty();
    is_read_by_aggregator || mixture.layers.iter().skip(1).any(|layer| !layer.independent)
}

/// Who makes the answer.
fn aggregation(mixture: &Mixture) -> String {
    match &mixture.aggregation {
        Aggregation::Choose(choosing) if !mixture.layers.is_empty() => format!(
            "the answer is chosen by {}; the aggregator writes only what must have a form or may call tools",
            choosing.by.name()
        ),
        Aggregation::AnalyseThenWrite => "aggregator, which compares the answers first".to_owned(),
        Aggregation::SelfMoaSeq { window } => {
            format!("aggregator, which reads at most {window} answers at a time")
        }
        _ => "aggregator".to_owned(),
    }
}

fn quorum(layer: &Layer) -> String {
    let mut text = String::new();
    if layer.independent {
        text.push_str(" that read no answers and join those before");
    }
    if layer.min_proposals > 1 {
        let _ = write!(text, ", at least {} answers", layer.min_proposals);
    }
    if let Some(deadline) = layer.deadline {
        let _ = write!(text, ", at most {deadline:?}");
    }
    if let Some(select) = &layer.select {
        let _ = write!(text, ", of which {} by {} go on", select.keep, select.by.name());
    }
    text
}

fn agent_line(agent: &Agent, preset: &ResolvedPreset) -> String {
    let mut text = agent.name.clone();
    if agent.name != agent.model.as_str() {
        let _ = write!(text, " (model {})", agent.model);
    }
    if let Some(ResolvedModel::Remote(remote)) = preset.models.get(&agent.model) {
        let _ = write!(text, " at {} as {}", remote.endpoint.name, remote.id);
    }
    let _ = write!(text, ": temperature {}, at most {} tokens", agent.sampling.temperature, agent.max_tokens);
    if let Some(deadline) = agent.deadline {
        let _ = write!(text, ", at most {deadline:?}");
    }
    if let Some(system) = &agent.system {
        let _ = write!(text, "\n    system: {}", system.trim().replace('\n', "\n      "));
    }
    text
}
