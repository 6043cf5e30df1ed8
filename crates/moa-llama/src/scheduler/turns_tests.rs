use super::*;

#[test]
fn requests_of_one_run_stand_behind_each_other_and_those_of_others_beside_them() {
    let mut turns = Turns::default();
    let many: Vec<u64> = (0..4).map(|_| turns.arrives(Some('a'), 1)).collect();
    assert_eq!(many, [0, 1, 2, 3]);
    assert_eq!((turns.arrives(Some('b'), 1), turns.arrives(None, 1), turns.arrives(Some('b'), 1)), (0, 0, 1));
}

#[test]
fn who_asks_for_much_stands_further_behind() {
    let mut turns = Turns::default();
    let long: Vec<u64> = (0..3).map(|_| turns.arrives(Some('a'), 100)).collect();
    let short: Vec<u64> = (0..3).map(|_| turns.arrives(Some('b'), 10)).collect();
    assert_eq!((long, short), (vec![0, 100, 200], vec![0, 10, 20]));
    // Nobody stands still, and no sum is too large.
    assert_eq!(
        (turns.arrives(Some('c'), 0), turns.arrives(Some('c'), usize::MAX), turns.arrives(Some('c'), 1)),
        (0, 1, u64::MAX)
    );
}

#[test]
fn who_comes_late_is_neither_punished_nor_paid_for_not_having_asked() {
    let mut turns = Turns::default();
    let many: Vec<u64> = (0..9).map(|_| turns.arrives(Some('a'), 1)).collect();
    turns.begins(many[4]);
    assert_eq!((turns.arrives(Some('b'), 1), turns.arrives(Some('a'), 1)), (4, 9));
    // Somebody who gave way begins again: time does not run backwards.
    turns.begins(many[1]);
    assert_eq!(turns.arrives(Some('c'), 1), 4);
}

#[test]
fn runs_that_are_over_are_forgotten() {
    let mut turns = Turns::default();
    for run in 0..1_000 {
        let turn = turns.arrives(Some(run), 1) + 1;
        turns.arrives(Some(run), 1);
        turns.begins(turn);
    }
    assert!(turns.next.len() <= 2, "{}", turns.next.len());
}
