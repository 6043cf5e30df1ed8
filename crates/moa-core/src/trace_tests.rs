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
        task: CallTask::Answer,
    }));
    trace.apply(&delta(1_000.0, "one"));
    assert_eq!(trace.call(call).unwrap().tokens_per_second(), None);
    trace.apply(&delta(1_050.0, " two"));
    trace.apply(&delta(1_100.0, " three"));
    assert_eq!(trace.call(call).unwrap().tokens_per_second(), Some(20.0));
    assert_eq!(trace.call(call).unwrap().text, "one two three");
}

#[test]
fn a_layer_tells_how_alike_its_answers_are() {
    let layer = |texts: &[&str]| {
        let mut trace = Trace::default();
        let mut apply = |kind| trace.apply(&Event { run: RunId::nil(), sequence: 0, at_ms: 0.0, kind });
        apply(EventKind::LayerStarted { layer: LayerIndex(1), role: LayerRole::Proposers });
        for (text, agent) in texts.iter().zip(1..) {
            let call = CallId { layer: LayerIndex(1), agent };
            let (name, task) = (agent.to_string(), CallTask::Answer);
            let (model, endpoint) = (name.clone(), String::new());
            apply(EventKind::CallStarted { call, agent: name, model, endpoint, key: None, task });
            let outcome = CallOutcome {
                status: CallStatus::Ok,
                text: (*text).to_owned(),
                reasoning: String::new(),
                tool_calls: Vec::new(),
                finish_reason: None,
                error: None,
                usage: Usage::default(),
                certainty: None,
                first_token_ms: None,
                wall_ms: 1.0,
            };
            apply(EventKind::CallFinished { call, outcome });
        }
        trace.layers[0].likeness()
    };
    assert_eq!(layer(&["alone"]), None);
    assert!((layer(&["so it is", "so it is"]).unwrap() - 1.0).abs() < 1e-9);
    assert!(layer(&["so it is", "never"]).unwrap() < 1e-9);
}

#[test]
fn events_of_unknown_calls_do_no_harm() {
    let mut trace = Trace::default();
    trace.apply(&delta(1.0, "lost"));
    assert_eq!(trace.calls().count(), 0);
}
