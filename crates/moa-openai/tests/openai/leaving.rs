//! R1 in one process: the reader of a run leaves, or cancels it, in each of its layers.

use futures::StreamExt as _;
use moa_core::{
    Agent, Conversation, Event, EventKind, Layer, Mixture, Models, RunId, RunRequest, RunSeed, run,
};
use moa_openai::{Endpoint, ModelSettings, OpenAiModel};
use moa_testkit::{Mock, Point, Rule};

use crate::asking::settings;

const PROPOSERS: [&str; 3] = ["a", "b", "c"];

/// A mixture of two layers of proposers and an aggregator at the mock; `held` is the layer that is held in the middle of its replies.
async fn layers(held: usize) -> (Mock, RunRequest, Models) {
    // The proposers' second replies belong to the second layer.
    let held_from =
        |first: u64| Rule::any().answer("one two").hold(Point::BeforeChunk(2)).numbers(first, None);
    let mut rules: Vec<Rule> = Vec::new();
    for name in PROPOSERS {
        let mut rule = held_from(held as u64);
        rule.when.model = Some(name.to_owned());
        rules.push(rule);
    }
    let mut last = held_from(1);
    last.when.model = Some("z".to_owned());
    rules.push(last);
    let mock = Mock::builder().rules(rules).rule(Rule::any().answer("one two")).start().await.unwrap();
    let endpoint = Endpoint::new(settings(&mock.base_url()));
    let models = PROPOSERS.into_iter().chain(["z"]).fold(Models::new(), |models, id| {
        models.with(std::sync::Arc::new(OpenAiModel::new(&endpoint, ModelSettings::new(id, id))))
    });
    let layer = || Layer::new(PROPOSERS.map(|id| Agent::new(id, 20)).to_vec());
    let mixture = Mixture::new("test", vec![layer(), layer()], Agent::new("z", 20));
    let request = RunRequest::new(RunId::nil(), 0, mixture, Conversation::ask("Why?"), RunSeed::Drawn(7));
    (mock, request, models)
}

/// Reads a run until so many replies of the mock are held.
async fn read_until(events: &mut (impl futures::Stream<Item = Event> + Unpin), mock: &Mock, held: u64) {
    let gate = mock.all();
    let reads = async {
        while let Some(event) = events.next().await {
            assert!(!event.kind.is_last(), "{event:?}");
        }
    };
    tokio::select! {
        () = reads => panic!("the run ended"),
        () = gate.held(held) => {}
    }
}

#[tokio::test]
async fn a_run_that_is_dropped_closes_every_socket_in_whatever_layer_it_is() {
    for (layer, held) in [(1, 3), (2, 3), (3, 1)] {
        let (mock, request, models) = layers(layer).await;
        let mut events = Box::pin(run(request, models));
        read_until(&mut events, &mock, held).await;
        drop(events);
        mock.all().aborted(held).await;
        let counts = mock.all().counts();
        assert_eq!((counts.in_flight(), counts.aborted), (0, held), "layer {layer}");
    }
}

#[tokio::test]
async fn a_run_that_is_cancelled_closes_every_socket_and_says_so() {
    for (layer, held) in [(1, 3), (2, 3), (3, 1)] {
        let (mock, request, models) = layers(layer).await;
        let cancel = request.cancel.clone();
        let mut events = Box::pin(run(request, models));
        read_until(&mut events, &mock, held).await;
        cancel.cancel();
        let rest: Vec<Event> = events.collect().await;
        assert!(matches!(rest.last().unwrap().kind, EventKind::RunCancelled { .. }), "layer {layer}");
        mock.all().aborted(held).await;
        assert_eq!(mock.all().counts().in_flight(), 0, "layer {layer}");
    }
}
