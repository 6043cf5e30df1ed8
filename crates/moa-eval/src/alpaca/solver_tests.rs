use proptest::prelude::*;

use super::*;

fn samples(rows: &[([f64; 3], f64)]) -> Rows {
    Rows::of(rows.iter().map(|(features, target)| Sample {
        features: *features,
        target: *target,
        weight: 1.0,
    }))
}

/// How far the coefficients are from meeting the conditions of the optimum.
fn violation(rows: &Rows, c: f64, coefficients: &Vector) -> f64 {
    let gradient = Smooth::of(&Rows::sums(&[rows], coefficients), c).gradient;
    gradient.iter().zip(coefficients).fold(0.0, |worst: f64, (gradient, coefficient)| {
        let miss = if *coefficient == 0.0 {
            (gradient.abs() - 1.0).max(0.0)
        } else {
            (gradient + coefficient.signum()).abs()
        };
        worst.max(miss)
    })
}

#[test]
fn one_coefficient_meets_its_closed_form() {
    // Ten rows of the constant with the mean 0.8: C * 10 * (p - 0.8) + 1 = 0.
    let rows = samples(&[([0.0, 0.0, 1.0], 0.8); 10]);
    let [_, _, constant] = fit(&[&rows], 2.0, [0.0; 3]).unwrap();
    let probability = 0.8 - 1.0 / 20.0;
    assert!((sigmoid(constant) - probability).abs() < 1e-12);
}

#[test]
fn a_strong_penalty_leaves_nothing() {
    let rows = samples(&[([0.5, -1.0, 1.0], 0.9), ([-0.5, 1.0, 1.0], 0.2)]);
    assert_eq!(fit(&[&rows], 1e-4, [0.0; 3]).unwrap().map(f64::abs).map(f64::to_bits), [0; 3]);
}

#[test]
fn separable_rows_have_an_optimum_too() {
    let rows = samples(&[([1.0, 0.0, 1.0], 1.0), ([-1.0, 0.0, 1.0], 0.0)].repeat(400));
    let coefficients = fit(&[&rows], 1e4, [0.0; 3]).unwrap();
    assert!(violation(&rows, 1e4, &coefficients) < 1e-4, "{coefficients:?}");
}

#[test]
fn a_column_that_says_nothing_gets_no_weight() {
    let rows = samples(&[([0.0, 0.3, 1.0], 0.7), ([0.0, -0.3, 1.0], 0.4)].repeat(50));
    assert!(fit(&[&rows], 10.0, [0.0; 3]).unwrap()[0].abs() < f64::MIN_POSITIVE);
}

proptest! {
    #[test]
    fn every_fit_meets_the_conditions_of_the_optimum(
        rows in prop::collection::vec((-1.0..1.0_f64, -8.0..8.0_f64, prop::bool::ANY, 0.0..=1.0_f64), 1..60),
        exponent in -4.0..4.0_f64,
        start in prop::array::uniform3(-3.0..3.0_f64),
    ) {
        let rows: Vec<_> = rows.into_iter().map(|(t, g, f, y)| ([t, g, f64::from(u8::from(f))], y)).collect();
        let rows = samples(&rows);
        let c = 10.0_f64.powf(exponent);
        let coefficients = fit(&[&rows], c, start).unwrap();
        prop_assert!(violation(&rows, c, &coefficients) < 1e-5 * c.max(1.0), "{:?}", coefficients);
    }
}

proptest! {
    #[test]
    fn both_ways_to_a_step_lead_to_the_same_one(
        rows in prop::collection::vec((prop::array::uniform3(-2.0..2.0_f64), 0.0..=1.0_f64), 3..40),
        coefficients in prop::array::uniform3(prop_oneof![Just(0.0), -2.0..2.0_f64]),
        c in 0.1..100.0_f64,
    ) {
        let rows = samples(&rows);
        let smooth = Smooth::of(&Rows::sums(&[&rows], &coefficients), c);
        if let Some(step) = step_of_equal_signs(&smooth, &coefficients) {
            let other = coordinate_descent(&smooth, &coefficients);
            for (one, other) in step.iter().zip(&other) {
                prop_assert!((one - other).abs() <= 1e-5 * (1.0 + one.abs()), "{step:?} {other:?}");
            }
        }
    }
}
