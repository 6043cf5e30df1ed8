//! The shape and order of the events.

use std::time::Duration;

use super::scripted::Step;
use super::*;

#[tokio::test(start_paused = true)]
async fn agents_of_a_layer_work_at_the_same_time() {
    // Nobody answers before all three were asked: one after the other would never end.
    let barrier = Arc::new(tokio::sync::Barrier::new(3));
    let steps = [Step::Meet(barrier), Step::Say("x")];
    let (a, b, c) = (Scripted::new("a", &steps), Scripted::new("b", &steps), Scripted::new("c", &steps));
    let z = Scripted::saying("z", "z");
    let running = trace_of(request(mixture(&[&["a", "b", "c"]])), models(&[&a, &b, &c, &z]));
    let trace = tokio::time::timeout(Duration::from_hours(1), running).await.unwrap();
    assert_eq!(answer(&trace), "z");
}

#[tokio::test(start_paused = true)]
async fn every_piece_leaves_as_it_came_and_events_are_numbered_without_gaps() {
    let (a, z) = (
        Scripted::saying("a", "x"),
        Scripted::new("z", &[Step::Say(" one"), Step::Say(" two"), Step::Say(" three ")]),
    );
    let events = events_of(request(mixture(&[&["a"]])), models(&[&a, &z])).await;
    let sequences: Vec<u64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, (0..events.len() as u64).collect::<Vec<_>>());
    assert_eq!(events.iter().filter(|event| event.kind.is_last()).count(), 1);
    assert!(events.last().unwrap().kind.is_last());
    let pieces: Vec<&str> = events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::CallDelta { call, text, .. } if call.layer.0 == 2 => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(pieces, [" one", " two", " three "]);
    assert_eq!(answer(&Trace::of(&events)), "one two three");
}

#[tokio::test(start_paused = true)]
async fn the_same_run_gives_the_same_events() {
    let make = || async {
        let a = Scripted::new("a", &[Step::Wait(Duration::from_millis(5)), Step::Say("x")]);
        let (b, z) = (Scripted::saying("b", "y"), Scripted::saying("z", "z"));
        events_of(request(mixture(&[&["a", "b"], &["b", "a"]])), models(&[&a, &b, &z])).await
    };
    let (first, second) = (make().await, make().await);
    assert_eq!(kinds(&first), kinds(&second));
}

#[tokio::test(start_paused = true)]
async fn a_reader_far_slower_than_the_models_loses_nothing() {
    let steps = vec![Step::Say("t "); 2_000];
    let z = Scripted::new("z", &steps);
    let mut running = Box::pin(run(request(mixture(&[])), models(&[&z])));
    let mut pieces = 0;
    while let Some(event) = running.next().await {
        tokio::time::sleep(Duration::from_millis(1)).await;
        pieces += usize::from(matches!(event.kind, EventKind::CallDelta { .. }));
    }
    assert_eq!(pieces, 2_000);
}

#[tokio::test(start_paused = true)]
async fn usage_is_the_sum_of_all_calls_and_shortened_references_show() {
    let (a, z) = (Scripted::saying("a", "x"), Scripted::new("z", &[Step::Shorten, Step::Say("z")]));
    let trace = trace_of(request(mixture(&[&["a"], &["a"]])), models(&[&a, &z])).await;
    let Some(RunEnd::Finished(outcome)) = &trace.end else { panic!("{:?}", trace.end) };
    assert_eq!((outcome.usage.prompt_tokens, outcome.usage.completion_tokens), (15, 6));
    assert!(outcome.degraded);
    assert_eq!(
        trace.warnings(),
        ["layer 3, z: 0 references were shortened, because the prompt had 20 tokens and 10 fit"]
    );
}

#[test]
fn events_survive_the_way_through_json() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (a, z) = (Scripted::saying("a", "x"), Scripted::saying("z", "z"));
    let events = runtime.block_on(events_of(request(mixture(&[&["a"]])), models(&[&a, &z])));
    for event in events {
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event, "{json}");
    }
}
