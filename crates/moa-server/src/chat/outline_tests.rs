use moa_core::{
    Agent, CallId, CallStatus, CallTask, Failure, FailureKind, FinishReason, Layer, LayerIndex, LayerRole,
    Mixture, RunId, Usage,
};

use super::*;
use crate::chat::usage::{account, usage};

fn id(layer: u32) -> CallId {
    CallId { layer: LayerIndex(layer), agent: 1 }
}

fn started(layer: u32, role: LayerRole) -> [EventKind; 2] {
    let (model, agent) = ("a".to_owned(), "a".to_owned());
    let call = EventKind::CallStarted {
        call: id(layer),
        task: CallTask::Answer,
        agent,
        model,
        endpoint: "mock".to_owned(),
        key: None,
    };
    [EventKind::LayerStarted { layer: LayerIndex(layer), role }, call]
}

fn finished(layer: u32, status: CallStatus) -> EventKind {
    let error = (status != CallStatus::Ok).then(|| Failure::new(FailureKind::IdleTimeout, "it fell silent"));
    let outcome = CallOutcome {
        status,
        text: "a long text".to_owned(),
        reasoning: "a long thought".to_owned(),
        tool_calls: Vec::new(),
        finish_reason: Some(FinishReason::Stop),
        error,
        usage: Usage { prompt_tokens: 9, completion_tokens: 5, reasoning_tokens: 2, ..Usage::default() },
        first_token_ms: Some(4.0),
        wall_ms: 10.0,
        certainty: None,
    };
    EventKind::CallFinished { call: id(layer), outcome }
}

fn events() -> Vec<Event> {
    let mixture = Mixture::new("duo", vec![Layer::new(vec![Agent::new("a", 64)])], Agent::new("a", 64));
    let conversation = Conversation::ask("a long question");
    let mut kinds = vec![EventKind::RunStarted {
        mixture: Box::new(mixture),
        conversation,
        seed: 1,
        started_at_unix_ms: 1,
        max_cost_usd: None,
        unused_fields: serde_json::Map::new(),
        notes: Vec::new(),
    }];
    kinds.extend(started(1, LayerRole::Proposers));
    kinds.push(EventKind::CallDelta { call: id(1), text: "a long text".to_owned(), tokens: 3 });
    kinds.push(EventKind::CallWarning { call: id(1), message: "take care".to_owned() });
    kinds.push(finished(1, CallStatus::Partial));
    kinds.extend(started(2, LayerRole::Aggregator));
    kinds.push(finished(2, CallStatus::Ok));
    kinds.push(EventKind::RunFinished {
        outcome: RunOutcome {
            answer: "a long text".to_owned(),
            finish_reason: FinishReason::Stop,
            tool_calls: Vec::new(),
            degraded: true,
            fallback: None,
            chosen: None,
            usage: Usage::default(),
            first_token_ms: None,
            wall_ms: 20.0,
        },
    });
    let event = |(sequence, kind)| Event { run: RunId::from_u128(7), sequence, at_ms: 1.0, kind };
    (0..).zip(kinds).map(event).collect()
}

#[test]
fn usage_and_account_are_those_of_the_whole_run_and_its_texts_are_not_kept() {
    let events = events();
    let whole = [Trace::of(&events)];
    let mut outlined = Trace::default();
    for event in &events {
        outline(&mut outlined, event);
    }
    assert!(format!("{whole:?}").contains("a long"));
    assert!(!format!("{outlined:?}").contains("a long"), "{outlined:?}");
    let outlined = [outlined];
    assert_eq!(usage(&outlined), usage(&whole));
    assert_eq!(account(&outlined), account(&whole));
    assert_eq!(account(&whole)["lost"][0]["reason"], "it fell silent");
}
