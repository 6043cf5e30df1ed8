use super::*;

fn delta(at_ms: f64, text: &str) -> Event {
    let call = CallId { layer: LayerIndex(1), agent: 1 };
    let kind = EventKind::CallDelta { call, text: text.to_owned(), tokens: 1 };
    Event { run: RunId::nil(), sequence: 0, at_ms, kind }
}

#[test]
fn speed_is_measured_between_tokens_not_from_the_start() {
    let call = CallId { layer: LayerIndex(1), agent: 1 };
    let start = |kind| Event { run: RunId::nil(), sequence: 0, at_ms: 0.0, kind };
    let mut trace = Trace::default();
    trace.apply(&start(EventKind::LayerStarted { layer: LayerIndex(1), role: LayerRole::Proposers }));
    trace.apply(&start(EventKind::CallStarted {
        call,
        agent: "a".to_owned(),
        model: "m".to_owned(),
        endpoint: "local".to_owned(),
        key: None,
    }));
    trace.apply(&delta(1_000.0, "one"));
    assert_eq!(trace.call(call).unwrap().tokens_per_second(), None);
    trace.apply(&delta(1_050.0, " two"));
    trace.apply(&delta(1_100.0, " three"));
    assert_eq!(trace.call(call).unwrap().tokens_per_second(), Some(20.0));
    assert_eq!(trace.call(call).unwrap().text, "one two three");
}

#[test]
fn events_of_unknown_calls_do_no_harm() {
    let mut trace = Trace::default();
    trace.apply(&delta(1.0, "lost"));
    assert_eq!(trace.calls().count(), 0);
}
