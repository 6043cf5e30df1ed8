use moa_core::{CallId, CallOutcome, CallStatus, Event, EventKind, LayerIndex, RunId, Usage};
use proptest::prelude::*;

use super::EventLog;

fn call(agent: u32) -> CallId {
    CallId { layer: LayerIndex(1), agent }
}

fn outcome(text: &str) -> CallOutcome {
    CallOutcome {
        status: CallStatus::Ok,
        text: text.to_owned(),
        reasoning: String::new(),
        tool_calls: Vec::new(),
        finish_reason: None,
        error: None,
        usage: Usage::default(),
        certainty: None,
        first_token_ms: None,
        wall_ms: 0.0,
    }
}

fn kind() -> impl Strategy<Value = EventKind> {
    let text = "\\PC{0,12}";
    prop_oneof![
        (1..4_u32, text, any::<u32>()).prop_map(|(agent, text, tokens)| EventKind::CallDelta {
            call: call(agent),
            text,
            tokens
        }),
        (1..4_u32, text, any::<u32>()).prop_map(|(agent, text, tokens)| EventKind::CallReasoning {
            call: call(agent),
            text,
            tokens
        }),
        (1..4_u32).prop_map(|agent| EventKind::CallHedged { call: call(agent) }),
        (1..4_u32, text)
            .prop_map(|(agent, text)| EventKind::CallFinished { call: call(agent), outcome: outcome(&text) }),
    ]
}

proptest! {
    #[test]
    fn events_come_out_as_they_went_in(kinds in prop::collection::vec((kind(), 0.0..1e6_f64), 0..40)) {
        let mut log = EventLog::default();
        let mut events = Vec::new();
        for (sequence, (kind, at_ms)) in kinds.into_iter().enumerate() {
            let event = Event { run: RunId::from_u128(7), sequence: sequence as u64, at_ms, kind };
            log.push(event.clone());
            events.push(event);
        }
        log.shrink();
        prop_assert_eq!(log.len(), events.len());
        prop_assert_eq!(log.iter().map(|event| event.as_ref().clone()).collect::<Vec<_>>(), events);
        prop_assert!(log.get(log.len()).is_none());
    }
}

#[test]
fn a_piece_takes_little_more_than_its_text_and_long_texts_are_counted() {
    let mut log = EventLog::default();
    let push = |log: &mut EventLog, kind| {
        let sequence = log.len() as u64;
        log.push(Event { run: RunId::nil(), sequence, at_ms: 0.0, kind });
    };
    for _ in 0..1_000 {
        push(&mut log, EventKind::CallDelta { call: call(1), text: "word ".to_owned(), tokens: 1 });
    }
    log.shrink();
    assert!(log.bytes() <= 1_000 * (5 + 48), "{} bytes", log.bytes());
    let before = log.bytes();
    push(&mut log, EventKind::CallFinished { call: call(1), outcome: outcome(&"x".repeat(100_000)) });
    assert!(log.bytes() >= before + 100_000);
}
