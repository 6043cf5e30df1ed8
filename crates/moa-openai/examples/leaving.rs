//! Measures how long after its reader has left the sockets of a run are closed, as the service sees it (R1: within 100 ms):
//!
//! ```text
//! cargo run --release --package moa-openai --example leaving
//! ```
//!
//! Three layers of six agents and one aggregator; every reply of a layer is held in its middle when the run is dropped.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use moa_core::{Agent, Conversation, Layer, Mixture, Models, RunId, RunRequest, RunSeed, run};
use moa_openai::{Endpoint, EndpointAddress, EndpointSettings, ModelSettings, OpenAiModel};
use moa_testkit::{Mock, Outcome, Point, Rule, Stamp};

const AGENTS: u64 = 6;
const LAYERS: u64 = 3;
const ROUNDS: usize = 100;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    for layer in 1..=LAYERS + 1 {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            times.push(time_of(layer).await?);
        }
        times.sort_unstable();
        report(layer, &times);
    }
    Ok(())
}

/// From the drop of a run to the last of its sockets being seen as closed.
async fn time_of(layer: u64) -> Result<Duration, Failure> {
    let held = if layer > LAYERS { 1 } else { AGENTS };
    let mock = mock(layer).await?;
    let mut events = Box::pin(run(request(), models(&mock)?));
    let gate = mock.all();
    tokio::select! {
        () = async { while events.next().await.is_some() {} } => return Err("the run ended".into()),
        () = gate.held(held) => {}
    }
    let left = Stamp::now();
    drop(events);
    gate.aborted(held).await;
    let ended = mock.log().requests().ended(Outcome::Aborted);
    let last = ended.iter().filter_map(|request| request.end).map(|end| end.at).max();
    last.map(|last| last.since(left)).ok_or_else(|| "no socket was closed".into())
}

/// A mock that holds the replies of a layer before their second word.
async fn mock(layer: u64) -> Result<Mock, Failure> {
    let held = |model: &str, first| {
        Rule::model(model).answer("one two three").hold(Point::BeforeChunk(2)).numbers(first, None)
    };
    let mock = Mock::builder()
        .rule(held("z", 1))
        .rules((1..=AGENTS).map(|agent| held(&format!("a{agent}"), layer)))
        .rule(Rule::any().answer("one two three"));
    Ok(mock.start().await?)
}

fn models(mock: &Mock) -> Result<Models, Failure> {
    let settings = EndpointSettings::new("mock", EndpointAddress::parse(&mock.base_url())?);
    let endpoint = Endpoint::new(settings);
    let ids = (1..=AGENTS).map(|agent| format!("a{agent}")).chain(["z".to_owned()]);
    Ok(ids.fold(Models::new(), |models, id| {
        models.with(Arc::new(OpenAiModel::new(&endpoint, ModelSettings::new(id.as_str(), id.clone()))))
    }))
}

fn request() -> RunRequest {
    let layer = || Layer::new((1..=AGENTS).map(|agent| Agent::new(format!("a{agent}"), 20)).collect());
    let mixture = Mixture::new("leaving", (0..LAYERS).map(|_| layer()).collect(), Agent::new("z", 20));
    RunRequest::new(RunId::nil(), 0, mixture, Conversation::ask("Why?"), RunSeed::Drawn(7))
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn report(layer: u64, times: &[Duration]) {
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
    let most = times.last().copied().unwrap_or_default();
    println!("layer {layer}: p50 {:?}, p90 {:?}, longest {most:?} of {}", at(50), at(90), times.len());
}
