//! A run for reading elsewhere: Markdown, or a page in one file.

use std::fmt::Write as _;

use moa_core::{CallId, CallStatus, CallTrace, Decision, LayerRole, LayerTrace, Role, RunEnd, Trace};

/// The run as Markdown: the conversation, each layer's answers, the final one, the figures.
#[must_use]
pub fn markdown(trace: &Trace) -> String {
    let mut text = String::new();
    let Some(start) = &trace.start else { return text };
    let _ = writeln!(text, "# Run {}\n", start.run);
    let layers = start.mixture.layer_count();
    let _ = writeln!(text, "Preset `{}`, {layers} layers, seed {}.\n", start.mixture.name, start.seed);
    for message in start.conversation.messages() {
        let _ = writeln!(text, "## {}\n\n{}\n", speaker(message.role), message.content.trim());
    }
    for layer in &trace.layers {
        let _ = writeln!(text, "## {}\n", layer_title(layer));
        for call in &layer.calls {
            let _ = writeln!(text, "### {}\n\n{}\n", call_title(call), answer_of(call));
        }
        for decision in &layer.decisions {
            let _ = writeln!(text, "{}\n", decided(trace, decision));
        }
    }
    let _ = writeln!(text, "## Result\n\n{}", result(trace));
    for warning in trace.warnings() {
        let _ = writeln!(text, "- {warning}");
    }
    text
}

/// The run as one HTML file without scripts or outside resources.
#[must_use]
pub fn html(trace: &Trace) -> String {
    let mut body = String::new();
    let title = trace.start.as_ref().map_or_else(String::new, |start| format!("Run {}", start.run));
    if let Some(start) = &trace.start {
        let _ = writeln!(
            body,
            "<h1>{}</h1>\n<p>Preset <b>{}</b>, {} layers, seed {}.</p>",
            escape(&title),
            escape(&start.mixture.name),
            start.mixture.layer_count(),
            start.seed
        );
        for message in start.conversation.messages() {
            let _ = writeln!(
                body,
                "<section><h2>{}</h2><pre>{}</pre></section>",
                speaker(message.role),
                escape(message.content.trim())
            );
        }
    }
    for layer in &trace.layers {
        let _ = writeln!(body, "<section><h2>{}</h2><div class=\"layer\">", escape(&layer_title(layer)));
        for call in &layer.calls {
            let _ = writeln!(
                body,
                "<article><h3>{}</h3><pre>{}</pre></article>",
                escape(&call_title(call)),
                escape(&answer_of(call))
            );
        }
        body.push_str("</div>");
        for decision in &layer.decisions {
            let _ = writeln!(body, "<p>{}</p>", escape(&decided(trace, decision)));
        }
        body.push_str("</section>\n");
    }
    let _ = writeln!(body, "<section><h2>Result</h2><pre>{}</pre></section>", escape(&result(trace)));
    if !trace.warnings().is_empty() {
        let items: Vec<String> =
            trace.warnings().iter().map(|warning| format!("<li>{}</li>", escape(warning))).collect();
        let _ = writeln!(body, "<section><h2>Warnings</h2><ul>{}</ul></section>", items.concat());
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{}</title><style>{STYLE}</style></head>\n\
         <body>\n{body}</body></html>\n",
        escape(&title)
    )
}

/// Readable in light and dark; the answers of a layer stand side by side where there is room.
const STYLE: &str = "\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:80rem;margin:auto;padding:1rem}\
.layer{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr))}\
article{border:1px solid #8886;border-radius:.5rem;padding:0 1rem}h3{font-size:1rem}\
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}";

/// Who speaks, as a heading.
#[must_use]
pub fn speaker(role: Role) -> &'static str {
    match role {
        Role::System => "System",
        Role::User => "User",
        Role::Assistant => "Assistant",
        Role::Tool => "Tool",
    }
}

fn layer_title(layer: &LayerTrace) -> String {
    let role = match layer.role {
        LayerRole::Proposers => "proposers",
        LayerRole::Aggregator => "aggregator",
    };
    let wall = layer.wall_ms.map_or_else(String::new, |wall_ms| format!(", {:.1} s", wall_ms / 1_000.0));
    format!("Layer {} ({role}{wall})", layer.index)
}

/// What was decided and why, in one line.
fn decided(trace: &Trace, decision: &Decision) -> String {
    let name = |call: &CallId| trace.call(*call).map_or_else(|| call.to_string(), |call| call.agent.clone());
    let chosen: Vec<String> = decision.chosen.iter().map(name).collect();
    let chosen = if chosen.is_empty() { "nothing".to_owned() } else { chosen.join(", ") };
    format!("Chosen by {}: {chosen} ({}).", decision.kind, decision.reason)
}

fn call_title(call: &CallTrace) -> String {
    let name = if call.agent == call.model {
        call.agent.clone()
    } else {
        format!("{} ({})", call.agent, call.model)
    };
    let Some(outcome) = &call.outcome else { return format!("{name}: interrupted") };
    let status = match outcome.status {
        CallStatus::Ok => "",
        CallStatus::Partial => ", partial",
        CallStatus::Failed => ", failed",
        CallStatus::Dropped => ", given up",
    };
    format!("{name}: {} tokens, {:.1} s{status}", outcome.usage.completion_tokens, outcome.wall_ms / 1_000.0)
}

fn answer_of(call: &CallTrace) -> String {
    let Some(outcome) = &call.outcome else { return call.text.trim().to_owned() };
    match (&outcome.error, outcome.text.is_empty()) {
        (Some(failure), true) => format!("({failure})"),
        (Some(failure), false) => format!("{}\n\n({failure})", outcome.text),
        (None, _) => outcome.text.clone(),
    }
}

fn result(trace: &Trace) -> String {
    match &trace.end {
        Some(RunEnd::Finished(outcome)) => format!(
            "{}\n\n({:.1} s, {} prompt and {} completion tokens{})",
            outcome.answer,
            outcome.wall_ms / 1_000.0,
            outcome.usage.prompt_tokens,
            outcome.usage.completion_tokens,
            if outcome.degraded { ", degraded" } else { "" }
        ),
        Some(RunEnd::Failed { failure, .. }) => format!("The run failed: {failure}"),
        Some(RunEnd::Cancelled { .. }) => "The run was stopped.".to_owned(),
        None => "The run was interrupted before its end.".to_owned(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
