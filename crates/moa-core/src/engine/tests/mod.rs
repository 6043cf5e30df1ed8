mod choosing;
mod consumption;
mod cost;
mod failures;
mod fallback;
mod foreseen;
mod judging;
mod keys;
mod peers;
mod placement;
mod preparing;
mod read_ahead;
mod scripted;
mod stopping;
mod stragglers;
mod streaming;
mod trying;

use std::sync::Arc;

use futures::StreamExt;
use uuid::Uuid;

use self::scripted::Scripted;
use super::{Models, RunRequest, RunSeed, run};
use crate::agent::Agent;
use crate::conversation::Conversation;
use crate::event::{Event, EventKind};
use crate::layer::Layer;
use crate::mixture::Mixture;
use crate::model::ChatModel;
use crate::trace::{RunEnd, Trace};

fn agents(names: &[&str]) -> Vec<Agent> {
    names.iter().map(|name| Agent::new(*name, 64)).collect()
}

/// A mixture of the given proposer layers, aggregated by `z`.
fn mixture(layers: &[&[&str]]) -> Mixture {
    let layers = layers.iter().map(|names| Layer::new(agents(names))).collect();
    Mixture::new("test", layers, Agent::new("z", 64))
}

fn models(scripted: &[&Arc<Scripted>]) -> Models {
    scripted.iter().fold(Models::new(), |models, model| models.with(Arc::clone(model) as Arc<dyn ChatModel>))
}

fn request(mixture: Mixture) -> RunRequest {
    RunRequest::new(Uuid::nil(), 0, mixture, Conversation::ask("Where?"), RunSeed::Drawn(7))
}

/// The references of a rendered prompt, as they would be without the marks around them.
fn listed(block: &str) -> String {
    let lines = block.lines().filter(|line| !line.starts_with("</answer-"));
    let mut list = String::new();
    for line in lines {
        if !list.is_empty() && !list.ends_with(". ") {
            list.push('\n');
        }
        match line.find("<answer-") {
            Some(at) => list.push_str(&line[..at]),
            None => list.push_str(line),
        }
    }
    list
}

async fn events_of(request: RunRequest, models: Models) -> Vec<Event> {
    run(request, models).collect().await
}

async fn trace_of(request: RunRequest, models: Models) -> Trace {
    Trace::of(&events_of(request, models).await)
}

fn answer(trace: &Trace) -> &str {
    match &trace.end {
        Some(RunEnd::Finished(outcome)) => &outcome.answer,
        other => panic!("no answer: {other:?}"),
    }
}

fn failure(trace: &Trace) -> &crate::failure::Failure {
    match &trace.end {
        Some(RunEnd::Failed { failure, .. }) => failure,
        other => panic!("no failure: {other:?}"),
    }
}

/// The events without what differs from run to run.
fn kinds(events: &[Event]) -> Vec<&EventKind> {
    events.iter().map(|event| &event.kind).collect()
}
