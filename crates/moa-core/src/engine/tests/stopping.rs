//! Runs that stop early because their answers agree.

use super::scripted::Step;
use super::*;
use crate::aggregation::{
    Aggregation, AgreedAnswer, AgreementMeasure, Choosing, ChoosingKind, EarlyStop, Saved,
};
use crate::extraction::AnswerForm;
use crate::layer::LayerIndex;

fn stop(agreement: f64, then: AgreedAnswer) -> EarlyStop {
    let measure = AgreementMeasure::Answer { form: AnswerForm::Number };
    EarlyStop { agreement, measure, then }
}

/// Two cheap models, then two dear ones, then `z`.
fn cascade(early_stop: Option<EarlyStop>) -> Mixture {
    Mixture { early_stop, ..mixture(&[&["a", "b"], &["c", "d"]]) }
}

fn pool(a: &'static str, b: &'static str) -> [Arc<Scripted>; 5] {
    [
        Scripted::saying("a", a),
        Scripted::saying("b", b),
        Scripted::saying("c", "c says 9"),
        Scripted::saying("d", "d says 9"),
        Scripted::saying("z", "z"),
    ]
}

fn layers(trace: &Trace) -> Vec<LayerIndex> {
    trace.layers.iter().map(|layer| layer.index).collect()
}

#[tokio::test(start_paused = true)]
async fn the_dear_models_are_asked_only_where_the_cheap_ones_disagree() {
    let [a, b, c, d, last] = pool("it is 4", "so 4");
    let eager = cascade(Some(stop(1.0, AgreedAnswer::Answer)));
    let trace = trace_of(request(eager.clone()), models(&[&a, &b, &c, &d, &last])).await;
    assert!(answer(&trace).contains('4'));
    assert!(c.requests().is_empty() && d.requests().is_empty() && last.requests().is_empty());
    let measured = trace.layers[0].agreement.unwrap();
    let saved = Saved { layers: 2, calls: 3, completion_tokens_at_most: 192 };
    assert_eq!((measured.agreement, measured.saved), (Some(1.0), Some(saved)));
    assert!(trace.settled().is_some());
    assert!(matches!(&trace.end, Some(RunEnd::Finished(outcome)) if !outcome.degraded));
    assert_eq!(layers(&trace), [LayerIndex(1), LayerIndex(3)], "the aggregator's layer keeps its number");

    let [a, b, c, d, last] = pool("it is 4", "so 5");
    let trace = trace_of(request(eager), models(&[&a, &b, &c, &d, &last])).await;
    let measured = trace.layers[0].agreement.unwrap();
    assert_eq!((measured.agreement, measured.saved), (Some(0.5), None));
    assert_eq!(c.requests().len(), 1);
    // The second layer agrees, which saves the aggregator.
    assert!(answer(&trace).ends_with("says 9"));
    assert!(last.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn answers_that_agree_go_to_the_aggregator_at_once() {
    let [a, b, c, d, last] = pool("it is 4", "so 4");
    let trace = trace_of(
        request(cascade(Some(stop(0.9, AgreedAnswer::Aggregate)))),
        models(&[&a, &b, &c, &d, &last]),
    )
    .await;
    assert_eq!(answer(&trace), "z");
    assert!(c.requests().is_empty());
    assert!(last.system_message(0).unwrap().ends_with("1. it is 4\n2. so 4"));
    assert_eq!(trace.layers[0].agreement.unwrap().saved.map(|saved| saved.calls), Some(2));
}

#[tokio::test(start_paused = true)]
async fn an_early_end_is_combined_in_the_way_of_the_mixture() {
    let [a, b, c, d, last] = pool("it is 4", "so 4");
    let by = ChoosingKind::Vote { answer: AnswerForm::Number };
    let voting = Mixture {
        aggregation: Aggregation::Choose(Choosing { by, keep: 1, prefer: Vec::new() }),
        ..cascade(Some(stop(0.9, AgreedAnswer::Aggregate)))
    };
    let trace = trace_of(request(voting), models(&[&a, &b, &c, &d, &last])).await;
    assert_eq!(trace.layers[0].decisions[0].reason, "all 2 answer 4");
    assert!(c.requests().is_empty() && last.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_survivor_agrees_with_nobody_and_nothing_is_left_out() {
    let [a, _, c, d, last] = pool("it is 4", "");
    let trace =
        trace_of(request(cascade(Some(stop(0.1, AgreedAnswer::Answer)))), models(&[&a, &c, &d, &last])).await;
    assert_eq!(trace.layers[0].agreement.unwrap().agreement, None);
    assert_eq!(c.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn words_may_agree_and_an_answer_of_a_form_is_written_all_the_same() {
    let by_words = EarlyStop { agreement: 0.9, measure: AgreementMeasure::Words, then: AgreedAnswer::Answer };
    let [a, b, c, d, last] = pool("it is so", "it is so");
    let trace = trace_of(request(cascade(Some(by_words))), models(&[&a, &b, &c, &d, &last])).await;
    assert_eq!(answer(&trace), "it is so");
    let mut formed = request(cascade(Some(by_words)));
    formed.response_format = Some(Arc::new(serde_json::json!({"type": "json_object"})));
    let trace = trace_of(formed, models(&[&a, &b, &c, &d, &last])).await;
    assert_eq!(answer(&trace), "z");
    assert!(c.requests().is_empty(), "the layers between are left out");
    assert_eq!(trace.layers[0].agreement.unwrap().saved.map(|saved| saved.calls), Some(2));
}

#[tokio::test(start_paused = true)]
async fn a_mixture_that_looks_at_no_agreement_tells_none() {
    let [a, b, c, d, last] = pool("4", "4");
    let trace = trace_of(request(cascade(None)), models(&[&a, &b, &c, &d, &last])).await;
    assert!(trace.layers.iter().all(|layer| layer.agreement.is_none()));
    assert_eq!(answer(&trace), "z");
}

#[tokio::test(start_paused = true)]
async fn answers_that_were_cut_short_stop_nothing_as_long_as_one_is_whole() {
    let cut = |id: &str| Scripted::new(id, &[Step::Say("first 2"), Step::RunOut]);
    let mut eager = cascade(Some(stop(0.6, AgreedAnswer::Answer)));
    eager.layers[0] = Layer::new(agents(&["a", "b", "e"]));
    let [_, _, c, d, last] = pool("", "");
    let (a, b, whole) = (cut("a"), cut("b"), Scripted::saying("e", "it is 7"));
    let trace = trace_of(request(eager.clone()), models(&[&a, &b, &whole, &c, &d, &last])).await;
    let agreement = trace.layers[0].agreement.unwrap().agreement.unwrap();
    assert!((agreement - 1.0 / 3.0).abs() < 1e-9, "{agreement}");
    assert!(answer(&trace).ends_with("says 9"), "the second layer was asked");

    let also_cut = cut("e");
    let trace = trace_of(request(eager), models(&[&a, &b, &also_cut, &c, &d, &last])).await;
    assert_eq!(answer(&trace), "first 2");
    assert!(trace.layers[0].decisions[0].reason.ends_with("; all were cut short"));
    assert!(c.requests().len() == 1, "only in the run before");
}

#[tokio::test(start_paused = true)]
async fn independent_answers_read_nothing_and_join_those_before() {
    let [a, b, c, d, last] = pool("it is 4", "so 5");
    let mut joined = cascade(Some(stop(1.0, AgreedAnswer::Answer)));
    joined.layers[1].independent = true;
    let by = ChoosingKind::Vote { answer: AnswerForm::Number };
    joined.aggregation = Aggregation::Choose(Choosing { by, keep: 1, prefer: Vec::new() });
    let trace = trace_of(request(joined.clone()), models(&[&a, &b, &c, &d, &last])).await;
    assert!(answer(&trace).ends_with("says 9"));
    assert!(c.system_message(0).is_none() && d.system_message(0).is_none());
    let decision = trace.layers[1].decisions.last().unwrap();
    assert_eq!(decision.judged.len(), 4, "{decision:?}");

    // Whoever reads next reads all of them, in the order in which they came.
    joined.aggregation = Aggregation::Synthesise;
    for residual in [false, true] {
        let [a, b, c, d, last] = pool("it is 4", "so 5");
        let asked = request(Mixture { residual, ..joined.clone() });
        let trace = trace_of(asked, models(&[&a, &b, &c, &d, &last])).await;
        assert_eq!(answer(&trace), "z");
        let read = last.system_message(0).unwrap();
        assert!(read.ends_with("1. it is 4\n2. so 5\n3. c says 9\n4. d says 9"), "{read}");
    }
}

#[tokio::test(start_paused = true)]
async fn independent_answers_that_fail_leave_those_before() {
    let (a, z) = (Scripted::saying("a", "it is 4"), Scripted::saying("z", "z"));
    let broken = Scripted::new("b", &[Step::Fail("broken")]);
    let mut joined = mixture(&[&["a"], &["b"]]);
    joined.layers[1].independent = true;
    let trace = trace_of(request(joined), models(&[&a, &broken, &z])).await;
    assert_eq!(answer(&trace), "z");
    assert!(z.system_message(0).unwrap().ends_with("1. it is 4"));
}
