//! A mixture as a preset of a configuration file.

use std::fmt::Write as _;

use moa_core::{
    Agent, Aggregation, AgreedAnswer, AgreementMeasure, CertaintyMeasure, Choosing, ChoosingKind, EarlyStop,
    Mixture, RankMethod,
};

/// The preset, to be pasted into a configuration file.
pub(crate) fn toml(name: &str, mixture: &Mixture) -> String {
    let mut text = format!("[presets.{}]\n", key(name));
    let _ = writeln!(text, "aggregator = {}", agent(&mixture.aggregator));
    if !mixture.fallback_aggregators.is_empty() {
        let agents: Vec<String> = mixture.fallback_aggregators.iter().map(agent).collect();
        let _ = writeln!(text, "fallback-aggregators = [{}]", agents.join(", "));
    }
    let aggregation = match &mixture.aggregation {
        Aggregation::Synthesise => None,
        Aggregation::AnalyseThenWrite => Some("kind = \"analyse-then-write\"".to_owned()),
        Aggregation::SelfMoaSeq { window } => Some(format!("kind = \"self-moa-seq\", window = {window}")),
        Aggregation::Choose(choosing) => Some(chosen_by(choosing)),
    };
    if let Some(aggregation) = aggregation {
        let _ = writeln!(text, "aggregation = {{ {aggregation} }}");
    }
    if let Some(stop) = &mixture.early_stop {
        let _ = writeln!(text, "early-stop = {{ {} }}", stopped_by(stop));
    }
    if let Some(judge) = &mixture.judge {
        let _ = writeln!(text, "judge = {}", agent(judge));
    }
    if mixture.residual {
        text.push_str("residual = true\n");
    }
    for (set, name) in [
        (mixture.references.shuffled, "shuffle-references"),
        (mixture.references.anonymous, "anonymous-references"),
        (mixture.references.without_outliers, "set-aside-outliers"),
    ] {
        if set {
            let _ = writeln!(text, "{name} = true");
        }
    }
    if let Some(deadline) = mixture.deadline {
        let _ = writeln!(text, "deadline = \"{}ms\"", deadline.as_millis());
    }
    if mixture.synthesis != moa_core::SynthesisTemplate::default() {
        let _ = writeln!(text, "synthesis = {}", quoted(mixture.synthesis.source()));
    }
    if mixture.layers.is_empty() {
        text.push_str("layers = 1\n");
    }
    for layer in &mixture.layers {
        let _ = writeln!(text, "\n[[presets.{}.layer]]", key(name));
        text.push_str("agents = [\n");
        for proposer in &layer.agents {
            let _ = writeln!(text, "  {},", agent(proposer));
        }
        text.push_str("]\n");
        if layer.min_proposals > 1 {
            let _ = writeln!(text, "min-proposals = {}", layer.min_proposals);
        }
        if let Some(deadline) = layer.deadline {
            let _ = writeln!(text, "deadline = \"{}ms\"", deadline.as_millis());
        }
        if let Some(wait) = layer.wait {
            let _ = writeln!(text, "wait = \"{}ms\"", wait.as_millis());
        }
        if let Some(select) = &layer.select {
            let _ = writeln!(text, "select = {{ {}, keep = {} }}", chosen_by(select), select.keep);
        }
        if layer.independent {
            text.push_str("independent = true\n");
        }
    }
    text
}

/// By what it is chosen, in the keys of the configuration.
fn chosen_by(choosing: &Choosing) -> String {
    let mut text = format!("kind = {}", quoted(choosing.by.name()));
    match choosing.by {
        ChoosingKind::Vote { answer } | ChoosingKind::Mux { answer } => {
            let _ = write!(text, ", answer = {}", quoted(answer.name()));
        }
        ChoosingKind::Certainty { measure } => {
            let word = match measure {
                CertaintyMeasure::LogProbability => "log-probability",
                CertaintyMeasure::Entropy => "entropy",
            };
            let _ = write!(text, ", measure = {}", quoted(word));
        }
        ChoosingKind::Rank { method } => {
            let word = match method {
                RankMethod::Listwise => "listwise",
                RankMethod::Pairwise => "pairwise",
            };
            let _ = write!(text, ", method = {}", quoted(word));
        }
        ChoosingKind::UniversalSelfConsistency | ChoosingKind::RunCandidates | ChoosingKind::Diverse => {}
    }
    if !choosing.prefer.is_empty() {
        let names: Vec<String> = choosing.prefer.iter().map(|name| quoted(name)).collect();
        let _ = write!(text, ", prefer = [{}]", names.join(", "));
    }
    text
}

/// When the layers that are left are not asked, in the keys of the configuration.
fn stopped_by(stop: &EarlyStop) -> String {
    let mut text = format!("agreement = {:?}", stop.agreement);
    match stop.measure {
        AgreementMeasure::Words => {}
        AgreementMeasure::Answer { form } => {
            let _ = write!(text, ", answer = {}", quoted(form.name()));
        }
        AgreementMeasure::Examples => text.push_str(", by = \"examples\""),
    }
    if stop.then == AgreedAnswer::Answer {
        text.push_str(", then = \"answer\"");
    }
    text
}

fn agent(agent: &Agent) -> String {
    let mut text = format!("{{ model = {}", quoted(agent.model.as_str()));
    if agent.name != agent.model.as_str() {
        let _ = write!(text, ", name = {}", quoted(&agent.name));
    }
    let _ =
        write!(text, ", temperature = {:?}, max-tokens = {}", agent.sampling.temperature, agent.max_tokens);
    if let Some(system) = &agent.system {
        let _ = write!(text, ", system = {}", quoted(system));
    }
    text.push_str(" }");
    text
}

/// A text as a TOML string on one line; JSON's escapes are TOML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { quoted(name) }
}
