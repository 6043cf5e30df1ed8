use super::*;

#[test]
fn longer_matches_are_trusted_more_before_anything_was_seen() {
    let acceptance = Acceptance::default();
    let likelihoods = [3, 5, 20].map(|tokens| acceptance.likelihood(tokens));
    assert!(likelihoods.is_sorted() && likelihoods[0] < likelihoods[2], "{likelihoods:?}");
}

#[test]
fn what_is_right_raises_and_what_is_wrong_lowers_the_likelihood_of_its_kind_only() {
    let (mut right, mut wrong) = (Acceptance::default(), Acceptance::default());
    right.record(5, 8, 8);
    wrong.record(5, 8, 0);
    let before = Acceptance::default().likelihood(5);
    assert!(right.likelihood(5) > before && wrong.likelihood(5) < before);
    assert!((right.likelihood(12) - Acceptance::default().likelihood(12)).abs() < 1e-12);
}

#[test]
fn tokens_behind_the_first_wrong_one_say_nothing() {
    let (mut short, mut long) = (Acceptance::default(), Acceptance::default());
    short.record(3, 2, 1);
    long.record(3, 30, 1);
    assert!((short.likelihood(3) - long.likelihood(3)).abs() < 1e-12);
}

#[test]
fn what_failed_is_tried_again_after_a_while() {
    let mut acceptance = Acceptance::default();
    for _ in 0..20 {
        acceptance.record(3, 4, 0);
    }
    let failed = acceptance.likelihood(3);
    assert!(failed < 0.2, "{failed}");
    for _ in 0..100 {
        acceptance.rest();
    }
    assert!(acceptance.likelihood(3) > 0.4, "{}", acceptance.likelihood(3));
}
