use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

use super::*;

const MS: Duration = Duration::from_millis(1);

fn draws(latency: &Latency) -> Vec<Duration> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut draws: Vec<Duration> = (0..10_000).map(|_| latency.sample(&mut random)).collect();
    draws.sort();
    draws
}

#[test]
fn uniform_draws_fill_their_range() {
    let draws = draws(&Latency::uniform(10 * MS, 20 * MS));
    assert!(draws[0] >= 10 * MS && draws[9_999] <= 20 * MS);
    assert!(draws[1_000] < 12 * MS && draws[9_000] > 18 * MS);
    assert!((14 * MS..16 * MS).contains(&draws[5_000]));
}

#[test]
fn draws_from_a_table_have_its_quantiles() {
    let draws = draws(&Latency::quantiles([(0.5, 20 * MS), (0.9, 60 * MS), (0.99, 400 * MS)]));
    // Below the first pair and above the last, these hold.
    assert_eq!((draws[0], draws[9_999]), (20 * MS, 400 * MS));
    let near = |index: usize, wanted: Duration| {
        assert!(draws[index].abs_diff(wanted) < wanted / 10, "{index}: {:?}", draws[index]);
    };
    near(5_100, 21 * MS);
    near(7_000, 40 * MS);
    near(9_000, 60 * MS);
    near(9_450, 230 * MS);
}

#[test]
fn tables_must_rise() {
    let wrong = [
        vec![],
        vec![(0.5, MS), (0.5, MS)],
        vec![(0.5, 2 * MS), (0.9, MS)],
        vec![(1.5, MS)],
        vec![(f64::NAN, MS)],
    ];
    for table in wrong {
        assert!(Latency::quantiles(table.clone()).problem().is_some(), "{table:?}");
    }
    assert_eq!(Latency::quantiles([(0.0, MS), (1.0, MS)]).problem(), None);
}
