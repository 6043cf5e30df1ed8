use super::*;

#[test]
fn reservations_count_until_they_are_settled_or_dropped() {
    let budget = Budget::new(Some(1.0));
    let first = budget.reserve(0.6, "a").unwrap();
    assert_eq!(budget.reserve(0.6, "b").unwrap_err().kind, FailureKind::CostCap);
    first.settle(0.2, true);
    let second = budget.reserve(0.8, "b").unwrap();
    assert!(budget.reserve(0.01, "c").unwrap_err().message.contains("$0.0000 left"));
    drop(second);
    let _again = budget.reserve(0.8, "b").unwrap();
}

#[test]
fn a_call_of_which_nobody_told_what_it_cost_is_booked_with_all_that_was_set_aside() {
    let budget = Budget::new(Some(1.0));
    budget.reserve(0.6, "a").unwrap().settle(0.1, false);
    assert!(budget.reserve(0.5, "b").is_err());
    budget.reserve(0.2, "b").unwrap().settle(0.3, false);
    assert!(budget.reserve(0.2, "c").is_err(), "more than was thought possible is booked, too");
    let _rest = budget.reserve(0.1, "c").unwrap();
}

#[test]
fn without_a_cap_everything_can_be_afforded() {
    let budget = Budget::new(None);
    let _any = budget.reserve(1e9, "a").unwrap();
    assert!(!budget.is_capped());
}
