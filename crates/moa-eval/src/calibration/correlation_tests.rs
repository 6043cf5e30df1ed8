use proptest::prelude::*;

use super::*;

fn near(one: Option<f64>, other: f64) -> bool {
    one.is_some_and(|one| (one - other).abs() < 1e-12)
}

#[test]
fn equal_mistakes_correlate_and_opposite_ones_do_the_opposite() {
    assert!(near(phi(&[(true, true), (false, false), (true, true)]), 1.0));
    assert!(near(phi(&[(true, false), (false, true)]), -1.0));
    assert!(near(phi(&[(true, true), (true, false), (false, true), (false, false)]), 0.0));
    // By hand: both 4, first alone 1, second alone 2, none 3.
    let pairs: Vec<(bool, bool)> =
        [((true, true), 4), ((true, false), 1), ((false, true), 2), ((false, false), 3)]
            .into_iter()
            .flat_map(|(pair, count)| std::iter::repeat_n(pair, count))
            .collect();
    assert!(near(phi(&pairs), 10.0 / (5.0_f64 * 5.0 * 6.0 * 4.0).sqrt()));
}

#[test]
fn who_is_always_right_or_always_wrong_correlates_with_nobody() {
    assert_eq!(phi(&[]), None);
    assert_eq!(phi(&[(true, true), (true, false)]), None);
    assert_eq!(phi(&[(false, true), (false, false)]), None);
}

#[test]
fn answers_count_once_where_all_mistakes_are_the_same() {
    assert!((effective(3, 0.0) - 3.0).abs() < 1e-12);
    assert!((effective(3, 1.0) - 1.0).abs() < 1e-12);
    assert!((effective(3, 0.5) - 1.5).abs() < 1e-12);
    assert!((effective(3, -0.9) - 3.0).abs() < 1e-12, "no more than there are");
    assert!((effective(1, 0.7) - 1.0).abs() < 1e-12);
    assert!(effective(0, 0.0).abs() < 1e-12);
}

proptest! {
    #[test]
    fn phi_is_symmetric_and_within_its_range(pairs in prop::collection::vec(any::<(bool, bool)>(), 0..60)) {
        let swapped: Vec<(bool, bool)> = pairs.iter().map(|(one, other)| (*other, *one)).collect();
        let (there, back) = (phi(&pairs), phi(&swapped));
        prop_assert_eq!(there.is_some(), back.is_some());
        if let (Some(there), Some(back)) = (there, back) {
            prop_assert!((there - back).abs() < 1e-12 && (-1.0..=1.0).contains(&there));
        }
    }

    #[test]
    fn effective_answers_lie_between_one_and_all(answers in 1..20_usize, mean in -1.0..=1.0_f64) {
        let of = effective(answers, mean);
        prop_assert!(of >= 1.0 - 1e-12 && of <= crate::count::as_f64(answers) + 1e-12);
    }
}
