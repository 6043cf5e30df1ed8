use proptest::prelude::*;

use super::*;

/// Everything off: plain sampling from the whole distribution.
fn open(temperature: f32) -> Sampling {
    Sampling {
        temperature,
        top_k: Some(0),
        top_p: Some(1.0),
        min_p: Some(0.0),
        seed: Some(7),
        ..Sampling::default()
    }
}

fn sampler(sampling: &Sampling) -> Sampler {
    Sampler::new(sampling, SamplingDefaults::default()).unwrap()
}

fn counts(sampling: &Sampling, logits: &[f32], draws: usize) -> Vec<usize> {
    let mut sampler = sampler(sampling);
    let mut counts = vec![0; logits.len()];
    for _ in 0..draws {
        let token = sampler.sample(&mut logits.to_vec(), None).unwrap();
        counts[usize::try_from(token).unwrap()] += 1;
    }
    counts
}

#[test]
fn greedy_takes_the_first_of_the_best() {
    let mut logits = vec![0.5; 40];
    logits[17] = 2.0;
    logits[33] = 2.0;
    assert_eq!(sampler(&open(0.0)).sample(&mut logits, None), Some(17));
}

#[test]
fn a_nan_is_never_chosen_and_nothing_but_nans_is_reported() {
    let mut logits = vec![f32::NAN, 1.0, f32::NAN, 0.0];
    assert_eq!(sampler(&open(0.0)).sample(&mut logits, None), Some(1));
    assert!(matches!(sampler(&open(1.0)).sample(&mut logits, None), Some(1 | 3)));
    assert_eq!(sampler(&open(0.0)).sample(&mut [f32::NAN; 20], None), None);
    assert_eq!(sampler(&open(1.0)).sample(&mut [f32::NAN; 20], None), None);
}

#[test]
fn tokens_come_as_often_as_their_probabilities_say() {
    // Probabilities 0.1, 0.2, 0.3, 0.4.
    let logits: Vec<f32> = [0.1_f32, 0.2, 0.3, 0.4].iter().map(|p| p.ln()).collect();
    let draws = 20_000;
    let counts = counts(&open(1.0), &logits, draws);
    for (count, expected) in counts.iter().zip([2000.0_f64, 4000.0, 6000.0, 8000.0]) {
        // Five standard deviations.
        let slack = 5.0 * (expected * (1.0 - expected / 20_000.0)).sqrt();
        assert!((f64::from(u32::try_from(*count).unwrap()) - expected).abs() < slack, "{counts:?}");
    }
}

#[test]
fn temperature_sharpens_and_flattens() {
    let logits = [0.0, 1.0];
    let cold = counts(&open(0.25), &logits, 2000)[1];
    let warm = counts(&open(4.0), &logits, 2000)[1];
    assert!(cold > 1900 && warm < 1250 && warm > 1000, "{cold} {warm}");
}

#[test]
fn top_k_top_p_and_min_p_cut_the_tail() {
    let logits: Vec<f32> = [0.5_f32, 0.25, 0.15, 0.07, 0.03].iter().map(|p| p.ln()).collect();
    let seen =
        |sampling: Sampling| counts(&sampling, &logits, 3000).iter().filter(|count| **count > 0).count();
    assert_eq!(seen(open(1.0)), 5);
    assert_eq!(seen(Sampling { top_k: Some(2), ..open(1.0) }), 2);
    assert_eq!(seen(Sampling { top_p: Some(0.7), ..open(1.0) }), 2);
    assert_eq!(seen(Sampling { top_p: Some(0.8), ..open(1.0) }), 3);
    assert_eq!(seen(Sampling { min_p: Some(0.2), ..open(1.0) }), 3);
    assert_eq!(seen(Sampling { top_p: Some(0.0001), ..open(1.0) }), 1, "the best token always stays");
}

#[test]
fn the_same_seed_gives_the_same_tokens_and_another_one_others() {
    let logits: Vec<f32> = (0..1000_u16).map(|i| f32::from(i % 97) / 20.0).collect();
    let run = |seed| {
        let mut sampler = sampler(&Sampling { seed: Some(seed), ..open(1.0) });
        (0..50).map(|_| sampler.sample(&mut logits.clone(), None).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn penalties_push_written_tokens_back() {
    let logits = [2.0, 1.9, -1.0];
    for sampling in [
        Sampling { repeat_penalty: Some(1.5), ..open(0.0) },
        Sampling { presence_penalty: Some(0.5), ..open(0.0) },
        Sampling { frequency_penalty: Some(0.5), ..open(0.0) },
    ] {
        let mut sampler = sampler(&sampling);
        assert_eq!(sampler.sample(&mut logits.to_vec(), None), Some(0));
        assert_eq!(sampler.sample(&mut logits.to_vec(), None), Some(1), "{sampling:?}");
    }
    let mut negative = sampler(&Sampling { repeat_penalty: Some(2.0), ..open(0.0) });
    assert_eq!(negative.sample(&mut [-1.0, -1.5], None), Some(0));
    assert_eq!(
        negative.sample(&mut [-1.0, -1.5], None),
        Some(1),
        "a negative logit must become lower, not higher"
    );
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    for (sampling, name) in [
        (open(f32::NAN), "temperature"),
        (open(-1.0), "temperature"),
        (open(f32::INFINITY), "temperature"),
        (Sampling { top_p: Some(0.0), ..open(1.0) }, "top-p"),
        (Sampling { top_p: Some(1.5), ..open(1.0) }, "top-p"),
        (Sampling { min_p: Some(-0.1), ..open(1.0) }, "min-p"),
        (Sampling { repeat_penalty: Some(0.0), ..open(1.0) }, "repeat-penalty"),
        (Sampling { frequency_penalty: Some(3.0), ..open(1.0) }, "frequency-penalty"),
        (Sampling { presence_penalty: Some(f32::NAN), ..open(1.0) }, "presence-penalty"),
    ] {
        let failure = Sampler::new(&sampling, SamplingDefaults::default()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidRequest);
        assert!(failure.message.contains(name), "{failure}");
    }
}

proptest! {
    #[test]
    fn the_candidates_are_the_best_ones_in_order(
        logits in prop::collection::vec(-50.0_f32..50.0, 1..3000),
        top_k in 0_usize..60,
    ) {
        let mut sampler = sampler(&open(1.0));
        sampler.collect(&logits, top_k).unwrap();
        let mut expected: Vec<(f32, i32)> = (0..).zip(&logits).map(|(token, logit)| (*logit, token)).collect();
        expected.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        if top_k > 0 {
            expected.truncate(top_k);
        }
        let got: Vec<i32> = sampler.candidates.iter().map(|candidate| candidate.token).collect();
        let expected: Vec<i32> = expected.into_iter().map(|(_, token)| token).collect();
        prop_assert_eq!(got, expected);
        prop_assert_eq!(argmax(&logits), sampler.candidates.first().map(|candidate| candidate.token));
    }
}
