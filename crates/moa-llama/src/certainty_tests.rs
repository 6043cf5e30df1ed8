use proptest::prelude::*;

use super::*;

/// Log-probability of a token and entropy, with all digits.
fn exact(logits: &[f32], token: usize) -> (f64, f64) {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f64> =
        logits.iter().map(|logit| (f64::from(*logit) - f64::from(largest)).exp()).collect();
    let total: f64 = weights.iter().sum();
    let entropy = weights.iter().map(|weight| weight / total).filter(|p| *p > 0.0).map(|p| -p * p.ln()).sum();
    ((weights[token] / total).ln(), entropy)
}

fn measured(logits: &[f32], token: Token) -> Certainty {
    let mut meter = CertaintyMeter::default();
    meter.look(logits, false);
    meter.chosen(token, logits);
    meter.certainty().unwrap()
}

#[test]
fn a_certain_model_has_no_entropy_and_an_undecided_one_as_much_as_can_be() {
    let sure = measured(&[0.0, 80.0, 0.0], 1);
    assert!(sure.mean_logprob.abs() < 1e-6 && sure.mean_entropy.unwrap() < 1e-6);
    let torn = measured(&[2.0; 100], 7);
    assert!((torn.mean_logprob + 100_f64.ln()).abs() < 1e-5);
    assert!((torn.mean_entropy.unwrap() - 100_f64.ln()).abs() < 1e-5);
}

#[test]
fn what_is_no_number_has_no_weight() {
    let odd = measured(&[f32::NAN, 1.0, f32::NEG_INFINITY, 1.0], 3);
    assert!((odd.mean_logprob + 2_f64.ln()).abs() < 1e-5 && odd.mean_entropy.unwrap().is_finite());
    let impossible = measured(&[f32::NEG_INFINITY, 1.0], 0);
    assert!(impossible.mean_logprob.is_finite() && impossible.mean_logprob < -1e6);
    assert_eq!(Spread::of(&[f32::NAN; 3]), None);
    let mut meter = CertaintyMeter::default();
    meter.look(&[f32::NAN; 3], false);
    meter.chosen(0, &[f32::NAN; 3]);
    assert_eq!(meter.certainty(), None);
}

#[test]
fn penalties_do_not_change_what_the_model_thought() {
    let mut logits = vec![1.0, 2.0, 3.0];
    let mut meter = CertaintyMeter::default();
    meter.look(&logits, true);
    logits[2] = -50.0;
    meter.chosen(2, &logits);
    let (logprob, _) = exact(&[1.0, 2.0, 3.0], 2);
    assert!((meter.certainty().unwrap().mean_logprob - logprob).abs() < 1e-5);
}

#[test]
fn the_mean_is_over_all_tokens() {
    let mut meter = CertaintyMeter::default();
    for (logits, token) in [([0.0, 0.0], 0), ([9.0, 0.0], 1)] {
        meter.look(&logits, false);
        meter.chosen(token, &logits);
    }
    let expected = f64::midpoint(exact(&[0.0, 0.0], 0).0, exact(&[9.0, 0.0], 1).0);
    let certainty = meter.certainty().unwrap();
    assert_eq!(certainty.tokens, 2);
    assert!((certainty.mean_logprob - expected).abs() < 1e-5);
}

proptest! {
    #[test]
    fn figures_are_those_of_the_definition(
        logits in prop::collection::vec(-60.0_f32..60.0, 1..200),
        place in any::<prop::sample::Index>(),
    ) {
        let token = place.index(logits.len());
        let certainty = measured(&logits, Token::try_from(token).unwrap());
        let (logprob, entropy) = exact(&logits, token);
        prop_assert!((certainty.mean_logprob - logprob).abs() < 1e-4, "{certainty:?} {logprob}");
        prop_assert!((certainty.mean_entropy.unwrap() - entropy).abs() < 1e-4, "{certainty:?} {entropy}");
    }
}
