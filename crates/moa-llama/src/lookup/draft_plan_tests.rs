#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "a few dozen tokens"
)]

use super::*;

fn offer(likelihood: f64, tokens: usize) -> Offer {
    Offer { likelihood, tokens }
}

/// A call whose first token costs `first` and each other one `other`.
fn line(first: f64, other: f64) -> impl Fn(usize) -> Option<f64> {
    move |tokens| Some(first + other * (tokens as f64 - 1.0))
}

#[test]
fn where_more_tokens_cost_nothing_everything_is_drafted_and_where_they_cost_as_much_nothing() {
    assert_eq!(draft_lengths(&[offer(0.9, 12)], 1, 1, 16, line(1.0, 0.0)), [12]);
    assert_eq!(draft_lengths(&[offer(0.9, 12)], 1, 1, 8, line(1.0, 0.0)), [8]);
    assert_eq!(draft_lengths(&[offer(0.9, 12)], 1, 1, 16, line(1.0, 1.0)), [0]);
}

#[test]
fn the_likelier_the_longer() {
    let length = |likelihood| draft_lengths(&[offer(likelihood, 32)], 1, 1, 32, line(1.0, 0.3))[0];
    let lengths = [0.2, 0.6, 0.9, 0.99].map(length);
    assert!(lengths.is_sorted(), "{lengths:?}");
    assert_eq!(lengths[0], 0);
    assert!(lengths[3] > 8, "{lengths:?}");
}

#[test]
fn the_plan_is_the_best_of_all_lengths() {
    // Fours are computed at once.
    let stairs = |tokens: usize| Some(1.0 + 0.8 * ((tokens - 1) / 4) as f64);
    let likelihood: f64 = 0.93;
    let ratio = |drafted: usize| {
        let expected: f64 = (0..=drafted).map(|power| likelihood.powi(power as i32)).sum();
        expected / stairs(1 + drafted).unwrap()
    };
    let best = (0..=24).max_by(|a, b| ratio(*a).total_cmp(&ratio(*b))).unwrap();
    assert_eq!(draft_lengths(&[offer(likelihood, 24)], 1, 1, 24, stairs), [best]);
    assert_eq!(best % 4, 3);
}

#[test]
fn the_likelier_of_two_drafts_gets_more_of_the_room() {
    let lengths = draft_lengths(&[offer(0.5, 16), offer(0.95, 16)], 2, 2, 8, line(1.0, 0.01));
    assert_eq!(lengths.iter().sum::<usize>(), 8);
    assert!(lengths[1] > lengths[0], "{lengths:?}");
}

#[test]
fn a_draft_beside_many_answers_must_pay_for_all_of_them() {
    // What one answer gains must outweigh that seven others wait longer for theirs.
    assert_eq!(draft_lengths(&[offer(0.7, 16)], 8, 8, 16, line(1.0, 0.2)), [0]);
    assert!(draft_lengths(&[offer(0.7, 16)], 1, 1, 16, line(1.0, 0.2))[0] > 0);
}

#[test]
fn without_known_costs_nothing_is_drafted() {
    assert_eq!(draft_lengths(&[offer(0.9, 16)], 1, 1, 16, |_| None), [0]);
    assert_eq!(draft_lengths(&[], 1, 1, 16, line(1.0, 0.1)), [0_usize; 0]);
}
