//! What models are told of the answers that others write to the same question.

use super::scripted::Scripted;
use super::{answer, mixture, models, request, trace_of};
use crate::model::ChatRequest;

/// What the peers of a call had written when all was over.
fn seen(request: &ChatRequest) -> Vec<String> {
    let peers = request.peers.iter();
    peers.flat_map(|peers| (0..peers.count()).map(|peer| peers.since(peer, 0).text)).collect()
}

#[tokio::test]
async fn agents_of_a_layer_see_each_other_and_the_aggregator_nobody() {
    let [a, b, z] =
        [("a", "I am a."), ("b", "I am b."), ("z", "I am z.")].map(|(id, text)| Scripted::saying(id, text));
    let trace = trace_of(request(mixture(&[&["a", "b"]])), models(&[&a, &b, &z])).await;
    assert_eq!(answer(&trace), "I am z.");
    assert_eq!(seen(&a.requests()[0]), ["I am b."]);
    assert_eq!(seen(&b.requests()[0]), ["I am a."]);
    assert!(z.requests()[0].peers.is_none());
    let peers = a.requests()[0].peers.clone().unwrap();
    assert!(peers.since(0, 0).has_ended);
}

#[tokio::test]
async fn who_answers_independently_sees_what_was_answered_before_without_reading_it() {
    let [a, b, z] =
        [("a", "I am a."), ("b", "I am b."), ("z", "I am z.")].map(|(id, text)| Scripted::saying(id, text));
    let mut joined = mixture(&[&["a"], &["b"]]);
    joined.layers[1].independent = true;
    let _ = trace_of(request(joined), models(&[&a, &b, &z])).await;
    assert_eq!(seen(&b.requests()[0]), ["I am a."]);
    assert!(b.requests()[0].prompt.references().is_empty());
    assert!(a.requests()[0].peers.is_none(), "nobody is asked beside it");
}
