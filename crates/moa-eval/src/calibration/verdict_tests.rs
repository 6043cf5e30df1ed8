use super::Finding::{AsGoodAndCheaper, Better, NotBetter};
use super::*;
use crate::statistics::Interval;

fn estimate(mean: f64, low: f64, high: f64) -> Estimate {
    Estimate { mean, interval: Interval { low, high }, standard_error: 0.1, items: 50, values: 50 }
}

fn task(low: f64, high: f64) -> TaskDifference {
    let share = Share::of(5, 10).unwrap();
    let difference = estimate(f64::midpoint(low, high), low, high);
    TaskDifference { task: "t".to_owned(), accuracy: share, accuracy_of_best: share, difference }
}

#[test]
fn better_is_what_lies_above_zero_with_its_whole_interval() {
    assert_eq!(Finding::of(&estimate(0.1, 0.01, 0.2), &[], Some(3.0)), Finding::Better);
    assert_eq!(Finding::of(&estimate(0.1, 0.0, 0.2), &[], Some(3.0)), Finding::NotBetter);
    assert_eq!(Finding::of(&estimate(0.1, -0.1, 0.3), &[], None), Finding::NotBetter);
    let of_one = Estimate { items: 1, values: 1, ..estimate(1.0, 1.0, 1.0) };
    assert_eq!(Finding::of(&of_one, &[], None), Finding::NotBetter, "one item tells nothing");
}

#[test]
fn what_is_measurably_worse_on_one_task_is_not_better() {
    let better = estimate(0.1, 0.05, 0.2);
    assert_eq!(Finding::of(&better, &[task(0.1, 0.3), task(-0.1, 0.1)], None), Finding::Better);
    assert_eq!(Finding::of(&better, &[task(0.1, 0.3), task(-0.3, -0.1)], None), Finding::NotBetter);
}

#[test]
fn as_good_must_be_cheaper_by_more_than_noise() {
    let equal = estimate(0.0, -0.1, 0.1);
    assert_eq!(Finding::of(&equal, &[], Some(0.5)), Finding::AsGoodAndCheaper);
    assert_eq!(Finding::of(&equal, &[], Some(0.97)), Finding::NotBetter);
    assert_eq!(Finding::of(&equal, &[], None), Finding::NotBetter);
    assert_eq!(Finding::of(&estimate(-0.02, -0.1, 0.1), &[], Some(0.5)), Finding::NotBetter);
}

#[test]
fn the_order_of_the_search_decides_among_those_that_passed() {
    let share = Share::of(5, 10).unwrap();
    let finalist = |finding| Confirmed {
        candidate: String::new(),
        accuracy: share,
        accuracy_of_best: share,
        difference: estimate(0.0, 0.0, 0.0),
        confidence: 0.95,
        by_task: Vec::new(),
        cost_ratio: None,
        time_ratio: None,
        finding,
    };
    let chosen =
        |findings: &[Finding]| recommended(&findings.iter().map(|of| finalist(*of)).collect::<Vec<_>>());
    assert_eq!(chosen(&[AsGoodAndCheaper, NotBetter, Better, Better]), Some(2));
    assert_eq!(chosen(&[NotBetter, AsGoodAndCheaper, AsGoodAndCheaper]), Some(1));
    assert_eq!(chosen(&[NotBetter]), None);
    assert_eq!(chosen(&[]), None);
}

#[test]
fn more_finalists_need_more_confidence() {
    assert!((confidence(1) - 0.95).abs() < 1e-12 && (confidence(5) - 0.99).abs() < 1e-12);
    assert!((confidence(0) - 0.95).abs() < 1e-12);
}
