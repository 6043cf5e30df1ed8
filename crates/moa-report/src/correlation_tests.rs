use super::{ranks, spearman};

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} {expected}");
}

#[test]
fn equal_values_share_their_mean_rank() {
    assert_eq!(ranks(&[10.0, 20.0, 10.0, 5.0]), [2.5, 4.0, 2.5, 1.0]);
}

#[test]
fn known_values_are_reproduced() {
    // scipy.stats.spearmanr([1,2,3,4,5],[5,6,7,8,7]) = 0.8207826816681233
    let pairs = [(1.0, 5.0), (2.0, 6.0), (3.0, 7.0), (4.0, 8.0), (5.0, 7.0)];
    let found = spearman(&pairs).unwrap();
    near(found.value, 0.820_782_681_668_123_3);
    assert!(found.low.unwrap() < 0.0 && found.high.unwrap() > 0.95, "five pairs say little: {found:?}");
    let falling: Vec<(f64, f64)> = (0..6).map(f64::from).map(|value| (value, -value)).collect();
    near(spearman(&falling).unwrap().value, -1.0);
}

#[test]
fn what_never_changes_or_is_too_little_has_no_correlation() {
    assert!(spearman(&[(1.0, 1.0), (2.0, 1.0), (3.0, 1.0), (4.0, 1.0)]).is_none());
    assert!(spearman(&[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]).is_none());
}
