use super::*;
use crate::aggregation::CertaintyMeasure;
use crate::certainty::Certainty;

fn sure(measure: CertaintyMeasure) -> Choosing {
    by(ChoosingKind::Certainty { measure })
}

/// Who is chosen where the models were as sure as told, by mean log-probability and entropy.
fn chosen(measure: CertaintyMeasure, told: &[Option<(f64, Option<f64>)>]) -> Decision {
    let texts: Vec<String> = (0..told.len()).map(|number| format!("text {number}")).collect();
    let pool = Pool::texts(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let mut candidates = pool.candidates();
    for (candidate, told) in candidates.iter_mut().zip(told) {
        candidate.certainty =
            told.map(|(mean_logprob, mean_entropy)| Certainty { tokens: 3, mean_logprob, mean_entropy });
    }
    choose(&sure(measure), &candidates)
}

#[test]
fn the_surest_answer_wins_by_the_measure_that_was_asked_for() {
    let told = [Some((-0.5, Some(0.1))), Some((-0.2, Some(0.9))), Some((-0.9, Some(0.4)))];
    let by_logprob = chosen(CertaintyMeasure::LogProbability, &told);
    assert_eq!((by_logprob.chosen[0], by_logprob.tie), (call(2), false));
    assert_eq!(
        by_logprob.reason,
        "its model was most sure of it: mean log-probability -0.200, the next -0.500"
    );
    let by_entropy = chosen(CertaintyMeasure::Entropy, &told);
    assert_eq!((by_entropy.chosen[0], by_entropy.judged[1].score), (call(1), Some(-0.9)));
}

#[test]
fn answers_of_unknown_certainty_come_last_and_it_is_told() {
    let decision =
        chosen(CertaintyMeasure::LogProbability, &[None, Some((-3.0, None)), Some((f64::NAN, None))]);
    assert_eq!(decision.chosen, [call(2)]);
    assert!(decision.reason.ends_with("-3.000; 1 of 3 said how sure they were"), "{}", decision.reason);
    let decision = chosen(CertaintyMeasure::Entropy, &[Some((-1.0, None)), None]);
    assert!(decision.tie && decision.reason.starts_with("no model said how sure it was"));
}

#[test]
fn equally_sure_answers_are_a_tie() {
    let decision = chosen(CertaintyMeasure::LogProbability, &[Some((-1.0, None)), Some((-1.0, None))]);
    assert!(decision.tie);
    assert_eq!(decision.chosen, [call(1)]);
}
