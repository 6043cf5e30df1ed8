use proptest::prelude::*;

use super::*;
use crate::alpaca::solver::sigmoid;

/// The same sums row by row.
fn plain(samples: &[Sample], coefficients: &Vector) -> Sums {
    let mut sums = Sums::default();
    for Sample { features, target, weight } in samples {
        let logit: f64 = features.iter().zip(coefficients).map(|(feature, of)| feature * of).sum();
        let probability = sigmoid(logit);
        sums.loss += weight * (logit.max(0.0) - target * logit + (-logit.abs()).exp().ln_1p());
        for row in 0..WIDTH {
            sums.gradient[row] += weight * (probability - target) * features[row];
            for column in 0..WIDTH {
                let bend = probability * (1.0 - probability);
                sums.curvature[row][column] += weight * bend * features[row] * features[column];
            }
        }
    }
    sums
}

fn all(sums: &Sums) -> Vec<f64> {
    [&[sums.loss][..], &sums.gradient, sums.curvature.as_flattened()].concat()
}

fn is_close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-10 * one.abs().max(other.abs()).max(1.0)
}

prop_compose! {
    fn sample()(
        features in prop::array::uniform3(-8.0..8.0_f64),
        target in 0.0..=1.0_f64,
        weight in prop::sample::select(vec![1.0, 0.1]),
    ) -> Sample {
        Sample { features, target, weight }
    }
}

proptest! {
    #[test]
    fn sums_are_those_of_the_rows_one_by_one(
        samples in prop::collection::vec(sample(), 0..100),
        coefficients in prop::array::uniform3(-9.0..9.0_f64),
        cut in any::<prop::sample::Index>(),
    ) {
        let expected = all(&plain(&samples, &coefficients));
        let (front, back) = samples.split_at(cut.index(samples.len() + 1));
        let parts = [Rows::of(front.iter().copied()), Rows::of(back.iter().copied())];
        let sums = all(&Rows::sums(&[&parts[0], &parts[1]], &coefficients));
        prop_assert!(sums.iter().zip(&expected).all(|(one, other)| is_close(*one, *other)), "{sums:?} {expected:?}");
    }

    #[test]
    fn a_loss_is_that_of_the_rows_one_by_one(
        samples in prop::collection::vec(sample(), 1..100),
        coefficients in prop::array::uniform3(-9.0..9.0_f64),
    ) {
        let losses = samples.iter().map(|Sample { features, target, weight }| {
            let logit = features.iter().zip(&coefficients).map(|(feature, of)| feature * of).sum();
            let probability = sigmoid(logit).clamp(EPSILON, 1.0 - EPSILON);
            -weight * (target * probability.ln() + (1.0 - target) * (1.0 - probability).ln())
        });
        let expected = losses.sum::<f64>() / count::as_f64(samples.len());
        // Of 1 - p little is left where p is near 1, in either way.
        let loss = Rows::of(samples).mean_loss(&coefficients);
        prop_assert!((loss - expected).abs() <= 1e-3 * expected.max(1.0), "{loss} {expected}");
    }
}

#[test]
fn thousands_of_rows_have_a_finite_sum() {
    let sample = Sample { features: [0.0, 0.0, 1.0], target: 0.5, weight: 1.0 };
    let sums = Rows::sums(&[&Rows::of(std::iter::repeat_n(sample, 50_000))], &[0.0; WIDTH]);
    assert!(is_close(sums.loss, 50_000.0 * 2.0_f64.ln()), "{}", sums.loss);
    assert!(is_close(sums.curvature[2][2], 12_500.0));
}

#[test]
fn no_rows_sum_to_nothing() {
    assert_eq!(all(&Rows::sums(&[], &[1.0; WIDTH])), [0.0; 13]);
    assert_eq!(all(&Rows::sums(&[&Rows::of([])], &[1.0; WIDTH])), [0.0; 13]);
}
