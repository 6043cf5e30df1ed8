use proptest::prelude::*;

use super::*;

#[test]
fn rounds_double_up_to_all_items() {
    assert_eq!(rounds(0), [0]);
    assert_eq!(rounds(6), [6]);
    assert_eq!(rounds(50), [13, 25, 50]);
    assert_eq!(rounds(132), [9, 17, 33, 66, 132]);
}

#[test]
fn the_better_half_goes_on_and_of_equals_the_cheaper() {
    // Candidates 0 to 4 with so many right answers; the higher its number, the cheaper a candidate.
    let right = [(0, 5), (1, 7), (2, 5), (3, 1), (4, 7)];
    let cheaper = |one: usize, other: usize| other.cmp(&one);
    assert_eq!(survivors(&right, 1, cheaper), [4, 1, 2]);
    assert_eq!(survivors(&right, 4, cheaper), [4, 1, 2, 0]);
    assert_eq!(survivors(&right, 9, cheaper), [4, 1, 2, 0, 3]);
    assert!(survivors(&[], 3, cheaper).is_empty());
}

#[test]
fn what_was_asked_in_a_round_is_not_asked_again() {
    // 8 candidates on 10 items, 4 on 10 more, 2 on 20 more.
    assert_eq!(runs(8, &[10, 20, 40], 1), 80 + 40 + 40);
    assert_eq!(runs(2, &[10, 20, 40], 3), 80, "nobody is thrown out where so few are left");
    assert_eq!(runs(0, &[10], 3), 0);
}

proptest! {
    #[test]
    fn the_last_round_has_all_items(items in 1..5_000_usize) {
        let rounds = rounds(items);
        prop_assert_eq!(rounds.last(), Some(&items));
        prop_assert!(rounds.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
