//! What is recommended, and what is cheaper and better as well, as presets in TOML.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use moa_core::{
    Agent, Aggregation, AgreedAnswer, AgreementMeasure, CertaintyMeasure, Choosing, ChoosingKind, Layer,
    Mixture, ModelId, RankMethod,
};
use moa_eval::calibration::{Calibration, Candidate, Share};

use crate::complaint::Complaint;

/// What a preset is written from.
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) day: &'a str,
    pub(super) command: &'a str,
    pub(super) calibration: &'a Calibration,
    /// How models are written, by their ids.
    pub(super) written: &'a BTreeMap<ModelId, String>,
    /// What tells models from others, by their ids.
    pub(super) identities: &'a BTreeMap<String, String>,
}

/// One of the presets.
struct Preset<'a> {
    name: String,
    candidate: &'a Candidate,
    reason: &'a str,
}

/// Refuses what cannot be the name of a preset.
pub(super) fn check_name(name: &str) -> Result<(), Complaint> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        return Ok(());
    }
    Err(Complaint::usage(format!("'{name}' cannot be the name of a preset"))
        .with_hint(Some("use letters, digits, `-`, `_` and `.`".to_owned())))
}

/// The file.
pub(super) fn text(source: &Source<'_>) -> Result<String, Complaint> {
    let calibration = source.calibration;
    let mut text = format!(
        "# Written by moa calibrate on {}. Measured again by:\n#   {}\n",
        source.day,
        source.command.replace(['\n', '\r'], " ")
    );
    let recommended = Preset {
        name: source.name.to_owned(),
        candidate: &calibration.recommended_candidate,
        reason: &calibration.reason,
    };
    text.push_str(&table(source, &recommended)?);
    if let Some(cheaper) = &calibration.cheaper {
        let name = cheaper_name(source.name);
        let preset = Preset { name, candidate: &cheaper.candidate, reason: &cheaper.reason };
        text.push_str(&table(source, &preset)?);
    }
    Ok(text)
}

/// What the preset is called that costs less.
pub(super) fn cheaper_name(name: &str) -> String {
    format!("{name}-cheaper")
}

/// The tables of one preset.
fn table(source: &Source<'_>, preset: &Preset<'_>) -> Result<String, Complaint> {
    let mixture = &preset.candidate.mixture;
    let name = key(&preset.name);
    let tasks: Vec<&str> = source.calibration.tasks.iter().map(|task| task.task.as_str()).collect();
    let mut text = format!("\n[presets.{name}]\n");
    let description = format!("{} (measured on {})", preset.candidate.name, tasks.join(", "));
    let _ = writeln!(text, "description = {}", quoted(&description));
    if mixture.layers.is_empty() {
        text.push_str("layers = 1\n");
    }
    if mixture.asks_aggregator() || mixture.asks_judge() {
        let _ = writeln!(text, "aggregator = {}", agent(source, &mixture.aggregator, 1)?);
    }
    text.push_str(&aggregation(mixture)?);
    if let Some(stop) = &mixture.early_stop {
        let answer = match stop.measure {
            AgreementMeasure::Answer { form } => format!(", answer = {}", quoted(form.name())),
            AgreementMeasure::Words => String::new(),
            AgreementMeasure::Examples => ", by = \"examples\"".to_owned(),
        };
        let then = match stop.then {
            AgreedAnswer::Answer => "answer",
            AgreedAnswer::Aggregate => "aggregate",
        };
        let _ = writeln!(
            text,
            "early-stop = {{ agreement = {:?}{answer}, then = {} }}",
            stop.agreement,
            quoted(then)
        );
    }
    for layer in &mixture.layers {
        let _ = writeln!(text, "\n[[presets.{name}.layer]]\nagents = [{}]", agents(source, layer)?);
        if let Some(select) = &layer.select {
            let _ = writeln!(text, "select = {{ {}, keep = {} }}", chosen(select), select.keep);
        }
        if layer.independent {
            text.push_str("independent = true\n");
        }
    }
    text.push_str(&measured(source, preset)?);
    Ok(text)
}

/// The agents of a layer, equal ones together.
fn agents(source: &Source<'_>, layer: &Layer) -> Result<String, Complaint> {
    let is_same = |one: &Agent, other: &Agent| {
        one.model == other.model
            && base_name(one) == base_name(other)
            && one.max_tokens == other.max_tokens
            && one.sampling.temperature.total_cmp(&other.sampling.temperature).is_eq()
    };
    let groups = layer.agents.chunk_by(is_same);
    let written = groups.filter_map(|group| Some(agent(source, group.first()?, group.len())));
    Ok(written.collect::<Result<Vec<_>, _>>()?.join(", "))
}

fn agent(source: &Source<'_>, agent: &Agent, samples: usize) -> Result<String, Complaint> {
    let model = source.written.get(&agent.model).ok_or_else(|| {
        Complaint::failed(format!("it is not known how '{}' is written in a configuration", agent.model))
    })?;
    let samples = if samples > 1 { format!(", samples = {samples}") } else { String::new() };
    let name = base_name(agent);
    let name =
        if name == agent.model.as_str() { String::new() } else { format!(", name = {}", quoted(name)) };
    Ok(format!(
        "{{ model = {}{name}, temperature = {:?}{samples}, max-tokens = {} }}",
        quoted(model),
        agent.sampling.temperature,
        agent.max_tokens
    ))
}

/// The name of an agent without the number of its sample, which the configuration gives by itself.
fn base_name(agent: &Agent) -> &str {
    match agent.name.rsplit_once('#') {
        Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => &agent.name,
    }
}

fn aggregation(mixture: &Mixture) -> Result<String, Complaint> {
    let keys = match &mixture.aggregation {
        Aggregation::Synthesise => return Ok(String::new()),
        Aggregation::AnalyseThenWrite => "kind = \"analyse-then-write\"".to_owned(),
        Aggregation::SelfMoaSeq { window } => format!("kind = \"self-moa-seq\", window = {window}"),
        Aggregation::Choose(Choosing { by: ChoosingKind::Diverse, .. }) => {
            return Err(Complaint::failed("an answer cannot be chosen by being different"));
        }
        Aggregation::Choose(choosing) => chosen(choosing),
    };
    Ok(format!("aggregation = {{ {keys} }}\n"))
}

fn chosen(choosing: &Choosing) -> String {
    let mut keys = format!("kind = {}", quoted(choosing.by.name()));
    match choosing.by {
        ChoosingKind::Vote { answer } | ChoosingKind::Mux { answer } => {
            let _ = write!(keys, ", answer = {}", quoted(answer.name()));
        }
        ChoosingKind::Certainty { measure: CertaintyMeasure::Entropy } => {
            keys.push_str(", measure = \"entropy\"");
        }
        ChoosingKind::Rank { method: RankMethod::Pairwise } => keys.push_str(", method = \"pairwise\""),
        ChoosingKind::Certainty { .. }
        | ChoosingKind::Rank { .. }
        | ChoosingKind::RunCandidates
        | ChoosingKind::Diverse
        | ChoosingKind::UniversalSelfConsistency => {}
    }
    if !choosing.prefer.is_empty() {
        let names: Vec<String> = choosing.prefer.iter().map(|name| quoted(name)).collect();
        let _ = write!(keys, ", prefer = [{}]", names.join(", "));
    }
    keys
}

/// What was measured.
fn measured(source: &Source<'_>, preset: &Preset<'_>) -> Result<String, Complaint> {
    let calibration = source.calibration;
    let finalist = calibration.finalists.iter().find(|of| of.candidate == preset.candidate.name);
    let Share { n, accuracy, interval, .. } =
        finalist.map_or(calibration.best_single_accuracy, |of| of.accuracy);
    let list = |texts: Vec<&str>| texts.into_iter().map(quoted).collect::<Vec<_>>().join(", ");
    let mut text = format!("\n[presets.{}.calibration]\ndate = {}\n", key(&preset.name), quoted(source.day));
    let tasks = list(calibration.tasks.iter().map(|task| task.task.as_str()).collect());
    let kinds = list(calibration.kinds.iter().map(|kind| kind.name()).collect());
    let _ = writeln!(text, "tasks = [{tasks}]\nkinds = [{kinds}]\nitems = {n}");
    let _ = writeln!(
        text,
        "accuracy = {}\naccuracy-low = {}\naccuracy-high = {}",
        number(accuracy)?,
        number(interval.low.min(accuracy))?,
        number(interval.high.max(accuracy))?
    );
    let _ = writeln!(
        text,
        "best-single = {}\nbest-single-accuracy = {}",
        quoted(&calibration.best_single),
        number(finalist.map_or(accuracy, |of| of.accuracy_of_best.accuracy))?
    );
    if let Some(finalist) = finalist {
        let difference = &finalist.difference;
        // Bounds by percentiles of draws can lie a little beside the mean of few items.
        let (low, high) =
            (difference.interval.low.min(difference.mean), difference.interval.high.max(difference.mean));
        let _ = writeln!(
            text,
            "difference = {}\ndifference-low = {}\ndifference-high = {}\ndifference-confidence = {}",
            number(difference.mean)?,
            number(low)?,
            number(high)?,
            number(finalist.confidence)?
        );
        for (key, ratio) in [("cost-ratio", finalist.cost_ratio), ("time-ratio", finalist.time_ratio)] {
            if let Some(ratio) = ratio {
                let _ = writeln!(text, "{key} = {}", number(ratio)?);
            }
        }
    }
    let _ =
        writeln!(text, "candidates = {}\nreason = {}", calibration.candidates.len(), quoted(preset.reason));
    let members = preset.candidate.members();
    let models = members.iter().filter_map(|id| {
        let identity = source.identities.get(id.as_str())?;
        Some(format!("{} = {}", quoted(id.as_str()), quoted(identity)))
    });
    let _ = writeln!(text, "models = {{ {} }}", models.collect::<Vec<_>>().join(", "));
    Ok(text)
}

/// A number to four decimals, in TOML.
fn number(value: f64) -> Result<String, Complaint> {
    if value.is_finite() {
        // Without the sign of a zero.
        return Ok(format!("{:?}", (value * 1e4).round() / 1e4 + 0.0));
    }
    Err(Complaint::failed("a figure that was measured is no number"))
}

/// A name as a key: bare where TOML lets it be.
fn key(name: &str) -> String {
    let is_bare = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if is_bare { name.to_owned() } else { quoted(name) }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            control if control.is_control() => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
#[path = "preset_tests.rs"]
mod tests;
