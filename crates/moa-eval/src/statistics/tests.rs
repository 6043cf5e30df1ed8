use proptest::prelude::*;

use super::*;
use crate::EvalError;

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-9
}

fn scores(of: &[(&str, Option<f64>)]) -> Vec<ItemScore> {
    of.iter().map(|(item, score)| ItemScore { item: (*item).to_owned(), score: *score }).collect()
}

#[test]
fn wilson_intervals_are_the_known_ones() {
    // By hand, with the quantile of Python's statistics.NormalDist.
    let interval = wilson(8, 10, 0.95).unwrap();
    assert!(
        near(interval.low, 0.490_162_471_536_642_3) && near(interval.high, 0.943_317_848_545_624_7),
        "{interval:?}"
    );
    let none = wilson(0, 20, 0.95).unwrap();
    assert!(none.low == 0.0 && near(none.high, 0.161_125_158_052_819_3), "{none:?}");
    assert!(matches!(wilson(0, 0, 0.95), Err(EvalError::NothingToScore { .. })));
    assert!(wilson(2, 1, 0.95).is_err() && wilson(1, 2, 1.0).is_err() && wilson(1, 2, f64::NAN).is_err());
}

#[test]
fn the_exact_test_is_the_binomial_one() {
    // Nine to one: 2 * (1 + 10) / 2^10.
    assert!(near(mcnemar(9, 1).p_value, 22.0 / 1024.0));
    assert!(near(mcnemar(0, 5).p_value, 2.0 / 32.0));
    assert!(near(mcnemar(0, 0).p_value, 1.0) && near(mcnemar(7, 7).p_value, 1.0));
    assert!(near(mcnemar(8, 7).p_value, 1.0));
    let many = mcnemar(usize::MAX, 1);
    assert!((0.0..=1.0).contains(&many.p_value));
}

#[test]
fn wins_ties_losses_and_invalid_items_stay_apart() {
    let first = scores(&[
        ("a", Some(1.0)),
        ("b", Some(0.0)),
        ("c", Some(1.0)),
        ("d", None),
        ("e", Some(0.0)),
        ("f", Some(1.0)),
    ]);
    let second = scores(&[
        ("a", Some(0.0)),
        ("b", Some(1.0)),
        ("c", Some(1.0)),
        ("d", Some(1.0)),
        ("e", Some(1.0)),
        ("g", Some(1.0)),
    ]);
    let paired = compare(&first, &second, &Bootstrap::default()).unwrap();
    assert_eq!((paired.wins, paired.ties, paired.losses, paired.invalid, paired.unpaired), (2, 1, 1, 1, 2));
    assert!(near(paired.difference.mean, 0.25));
    let mcnemar = paired.mcnemar.unwrap();
    assert_eq!((mcnemar.only_first, mcnemar.only_second), (1, 2));
    assert!(compare(&first, &scores(&[("z", Some(1.0))]), &Bootstrap::default()).is_err());
}

#[test]
fn graded_or_repeated_items_have_no_mcnemar_test() {
    let first = scores(&[("a", Some(0.5)), ("b", Some(1.0))]);
    let second = scores(&[("a", Some(1.0)), ("b", Some(1.0))]);
    assert_eq!(compare(&first, &second, &Bootstrap::default()).unwrap().mcnemar, None);
    let twice = scores(&[("a", Some(1.0)), ("a", Some(0.0)), ("b", Some(1.0))]);
    let paired = compare(&twice, &second, &Bootstrap::default()).unwrap();
    assert_eq!((paired.mcnemar, paired.wins, paired.ties), (None, 1, 1));
}

#[test]
fn the_same_seed_gives_the_same_interval() {
    let values: Vec<f64> = (0..50_u8).map(|value| f64::from(value % 7)).collect();
    let of =
        |seed| Bootstrap { seed, resamples: 500, ..Bootstrap::default() }.mean(values.chunks(1)).unwrap();
    assert_eq!(of(1), of(1));
    assert_ne!(of(1).interval, of(2).interval);
}

#[test]
fn the_bootstraps_error_is_that_of_theory() {
    let values: Vec<f64> = (0..400_u16).map(|value| f64::from(value % 20)).collect();
    let estimate = Bootstrap::default().mean(values.chunks(1)).unwrap();
    let expected = crate::count::standard_deviation(&values) / 20.0;
    assert!((estimate.standard_error / expected - 1.0).abs() < 0.03, "{estimate:?}");
    let width = estimate.interval.high - estimate.interval.low;
    assert!((width / (2.0 * 1.96 * expected) - 1.0).abs() < 0.05, "{estimate:?}");
}

#[test]
fn answers_to_one_item_are_no_independent_evidence() {
    // The same ten values, as ten items and as a hundred answers of ten kinds.
    let once: Vec<f64> = (0..10_u8).map(f64::from).collect();
    let repeated: Vec<Vec<f64>> = once.iter().map(|value| vec![*value; 10]).collect();
    let bootstrap = Bootstrap::default();
    let grouped = bootstrap.mean(repeated.iter().map(Vec::as_slice)).unwrap();
    let single = bootstrap.mean(once.chunks(1)).unwrap();
    assert_eq!((grouped.items, grouped.values, single.values), (10, 100, 10));
    assert!(near(grouped.standard_error, single.standard_error));
}

#[test]
fn options_without_sense_are_refused() {
    let values = [1.0, 2.0];
    for bootstrap in [
        Bootstrap { resamples: 0, ..Bootstrap::default() },
        Bootstrap { confidence: 0.0, ..Bootstrap::default() },
        Bootstrap { confidence: f64::NAN, ..Bootstrap::default() },
    ] {
        assert!(matches!(bootstrap.mean(values.chunks(1)), Err(EvalError::InvalidOption { .. })));
    }
    assert!(Bootstrap::default().mean([[].as_slice()]).is_err());
    assert!(Bootstrap::default().mean([[f64::NAN].as_slice()]).is_err());
}

proptest! {
    #[test]
    fn intervals_hold_the_mean(values in prop::collection::vec(-100.0..100.0_f64, 1..40), seed: u64) {
        let estimate = Bootstrap { resamples: 200, seed, ..Bootstrap::default() }.mean(values.chunks(1)).unwrap();
        let slack = 6.0 * estimate.standard_error + 1e-9;
        prop_assert!(estimate.interval.low <= estimate.interval.high);
        prop_assert!(estimate.interval.low - slack <= estimate.mean && estimate.mean <= estimate.interval.high + slack);
    }

    #[test]
    fn wilson_intervals_hold_the_share(trials in 1..10_000_usize, share in 0.0..=1.0_f64, confidence in 0.01..0.999_f64) {
        let successes = (0..=trials).rev().find(|count| crate::count::as_f64(*count) <= share * crate::count::as_f64(trials)).unwrap();
        let interval = wilson(successes, trials, confidence).unwrap();
        let share = crate::count::as_f64(successes) / crate::count::as_f64(trials);
        prop_assert!(0.0 <= interval.low && interval.low <= share && share <= interval.high && interval.high <= 1.0);
    }

    #[test]
    fn the_exact_test_is_symmetric(first in 0..500_usize, second in 0..500_usize) {
        let (forth, back) = (mcnemar(first, second).p_value, mcnemar(second, first).p_value);
        prop_assert!(near(forth, back) && (0.0..=1.0).contains(&forth));
    }
}
