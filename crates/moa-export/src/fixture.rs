//! A run for the tests.

use moa_core::{
    Agent, CallId, CallOutcome, CallStatus, Conversation, Event, EventKind, FinishReason, Layer, LayerIndex,
    LayerRole, Mixture, RunId, RunOutcome, Usage,
};

/// Two layers of two proposers, and an aggregator; each call takes 10 ms, the first token comes after 4 ms.
pub(crate) fn run(layers: &[[&str; 2]], answer: &str) -> Vec<Event> {
    let agents = || vec![Agent::new("a", 64), Agent::new("b", 64)];
    let proposers = layers.iter().map(|_| Layer::new(agents())).collect();
    let mixture = Mixture::new("duo", proposers, Agent::new("z", 64));
    let mut kinds = vec![EventKind::RunStarted {
        mixture: Box::new(mixture),
        conversation: Conversation::ask("Why?"),
        seed: 1,
        started_at_unix_ms: 1_000,
        max_cost_usd: None,
        unused_fields: serde_json::Map::new(),
        notes: Vec::new(),
    }];
    let mut index = 0;
    for texts in layers {
        index += 1;
        layer(&mut kinds, index, LayerRole::Proposers, &["a", "b"], texts);
    }
    layer(&mut kinds, index + 1, LayerRole::Aggregator, &["z"], &[answer]);
    kinds.push(EventKind::RunFinished {
        outcome: RunOutcome {
            answer: answer.to_owned(),
            finish_reason: FinishReason::Stop,
            tool_calls: Vec::new(),
            degraded: false,
            fallback: None,
            chosen: None,
            usage: Usage::default(),
            first_token_ms: Some(1.0),
            wall_ms: 2.0,
        },
    });
    let number = |(sequence, kind)| Event { run: RunId::from_u128(7), sequence, at_ms: 1.0, kind };
    (0..).zip(kinds).map(number).collect()
}

fn layer(kinds: &mut Vec<EventKind>, index: u32, role: LayerRole, agents: &[&str], texts: &[&str]) {
    let layer = LayerIndex(index);
    kinds.push(EventKind::LayerStarted { layer, role });
    for ((agent, text), number) in agents.iter().zip(texts).zip(1..) {
        let call = CallId { layer, agent: number };
        let name = (*agent).to_owned();
        kinds.push(EventKind::CallStarted {
            call,
            agent: name.clone(),
            model: name,
            endpoint: "local".to_owned(),
            key: None,
            task: moa_core::CallTask::Answer,
        });
        kinds.push(EventKind::CallFinished {
            call,
            outcome: CallOutcome {
                status: CallStatus::Ok,
                text: (*text).to_owned(),
                reasoning: String::new(),
                tool_calls: Vec::new(),
                finish_reason: Some(FinishReason::Stop),
                error: None,
                usage: Usage { prompt_tokens: 9, completion_tokens: 3, ..Usage::default() },
                certainty: None,
                first_token_ms: Some(4.0),
                wall_ms: 10.0,
            },
        });
    }
    kinds.push(EventKind::LayerFinished { layer, kept: 2, lost: 0, wall_ms: 10.0 });
}
