use std::time::Duration;

use super::*;

#[test]
fn constant_arrivals_are_evenly_spread() {
    let due = Arrivals::Constant.due(4.0, Duration::from_secs(1), 0);
    assert_eq!(due, [0, 250, 500, 750].map(Duration::from_millis));
}

#[test]
fn random_arrivals_have_the_rate_and_follow_the_seed() {
    let due = |seed| Arrivals::Poisson.due(100.0, Duration::from_secs(100), seed);
    let first = due(1);
    assert!((9_600..10_400).contains(&first.len()), "{}", first.len());
    assert!(first.is_sorted() && first.last().unwrap() < &Duration::from_secs(100));
    assert_eq!(first, due(1));
    assert_ne!(first, due(2));
    // The gaps of independent arrivals spread as far as their mean.
    let gaps: Vec<f64> = first.windows(2).map(|pair| pair[1].as_secs_f64() - pair[0].as_secs_f64()).collect();
    let longer = gaps.iter().filter(|gap| **gap > 0.01).count();
    assert!((3_300..4_100).contains(&longer), "{longer}");
}
