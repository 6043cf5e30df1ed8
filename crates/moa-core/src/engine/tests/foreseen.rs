//! Mixtures whose first answer is enough whatever it says.

use std::sync::Arc;

use serde_json::json;

use super::scripted::Scripted;
use super::{events_of, mixture, models, request};
use crate::aggregation::{Aggregation, AgreedAnswer, AgreementMeasure, Choosing, ChoosingKind, EarlyStop};
use crate::conversation::Conversation;
use crate::engine::RunRequest;
use crate::event::EventKind;
use crate::layer::LayerRole;
use crate::mixture::Mixture;
use crate::trace::Trace;

/// `a` first, and `b` independently of it where its program fails an example of the question.
fn sampled_on() -> Mixture {
    let mut mixture = mixture(&[&["a"], &["b"]]);
    mixture.layers[1].independent = true;
    mixture.aggregation = Aggregation::Choose(Choosing {
        by: ChoosingKind::RunCandidates,
        keep: 1,
        prefer: vec!["a".to_owned()],
    });
    let measure = AgreementMeasure::Examples;
    mixture.early_stop = Some(EarlyStop { agreement: 1.0, measure, then: AgreedAnswer::Answer });
    mixture
}

/// The roles of the layers that were asked, the answer, and whether it was told while it was written.
async fn course(request: RunRequest) -> (Vec<LayerRole>, Option<String>, bool) {
    let [a, b, z] =
        [("a", "I am a."), ("b", "I am b."), ("z", "I am z.")].map(|(id, text)| Scripted::saying(id, text));
    let events = events_of(request, models(&[&a, &b, &z])).await;
    let trace = Trace::of(&events);
    let layers: Vec<LayerRole> = trace.layers.iter().map(|layer| layer.role).collect();
    let is_told = events.iter().any(|event| matches!(&event.kind, EventKind::CallDelta { .. }))
        && layers.last() == Some(&LayerRole::Aggregator);
    let answer = match &trace.end {
        Some(crate::trace::RunEnd::Finished(outcome)) => Some(outcome.answer.clone()),
        _ => None,
    };
    (layers, answer, is_told)
}

fn asking(question: &str, mixture: Mixture) -> RunRequest {
    RunRequest { conversation: Conversation::ask(question), ..request(mixture) }
}

#[tokio::test]
async fn where_there_is_nothing_to_try_the_first_agent_is_asked_alone_and_its_answer_is_told_as_it_is_written()
 {
    for question in ["Why is the sky blue (briefly)?", "What is 3 * (4 + 5)?", "空はなぜ青い？"] {
        let (layers, answer, is_told) = course(asking(question, sampled_on())).await;
        assert_eq!(
            (layers, answer.as_deref(), is_told),
            (vec![LayerRole::Aggregator], Some("I am a."), true)
        );
    }
}

#[tokio::test]
async fn where_there_may_be_something_to_try_or_more_is_asked_in_any_case_the_mixture_stays_as_it_is() {
    let example = asking("Write f.\nassert f(1) == 2", sampled_on());
    assert_eq!(course(example).await.0[0], LayerRole::Proposers);
    let call = asking("What does f(3) give?", sampled_on());
    assert_eq!(course(call).await.0[0], LayerRole::Proposers);
    let formed = RunRequest {
        response_format: Some(Arc::new(json!({"type": "json_object"}))),
        ..asking("Why?", sampled_on())
    };
    assert_eq!(course(formed).await.0[0], LayerRole::Proposers);
    let mut hurried = sampled_on();
    hurried.layers[0].agents[0].deadline = Some(std::time::Duration::from_secs(9));
    assert_eq!(course(asking("Why?", hurried)).await.0[0], LayerRole::Proposers);
    let mut two = sampled_on();
    two.layers[0] = mixture(&[&["a", "b"]]).layers.remove(0);
    assert_eq!(course(asking("Why?", two)).await.0[0], LayerRole::Proposers);
    let mut aggregates = sampled_on();
    aggregates.early_stop.as_mut().unwrap().then = AgreedAnswer::Aggregate;
    assert_eq!(course(asking("Why?", aggregates)).await.0[0], LayerRole::Proposers);
    let mut by_words = sampled_on();
    by_words.early_stop.as_mut().unwrap().measure = AgreementMeasure::Words;
    assert_eq!(course(asking("Why?", by_words)).await.0[0], LayerRole::Proposers);
}
