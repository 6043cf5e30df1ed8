use super::*;

#[test]
fn who_is_best_for_its_price_comes_before_who_is_only_nearly_as_good_as_something_cheaper() {
    // What candidates 0 to 5 cost, the best first.
    let costs = [25, 25, 24, 14, 15, 6];
    let is_cheaper = |one: usize, other: usize| costs[one] < costs[other];
    let ranked = [0, 1, 2, 3, 4, 5];
    assert_eq!(front_first(&ranked, 3, is_cheaper), [0, 2, 3]);
    assert_eq!(front_first(&ranked, 5, is_cheaper), [0, 2, 3, 5, 1]);
    assert_eq!(front_first(&ranked, 9, is_cheaper), [0, 2, 3, 5, 1, 4]);
    assert_eq!(front_first(&[], 3, is_cheaper), [0; 0]);
}
