use super::*;

#[test]
fn an_item_stays_on_its_side() {
    // Written down, so that a change of the rule cannot go unnoticed: it would mix what was searched on with what confirms.
    let halves: Vec<Half> = (0..8).map(|id| Half::of("gsm8k", &id.to_string())).collect();
    let again: Vec<Half> = (0..8).map(|id| Half::of("gsm8k", &id.to_string())).collect();
    assert_eq!(halves, again);
    assert_eq!(hash("a", "bc"), hash("a", "bc"));
    assert_ne!(hash("a", "bc"), hash("ab", "c"), "the task's name ends somewhere");
}

#[test]
fn both_halves_are_about_as_large() {
    let search = (0..1000).filter(|id| Half::of("t", &format!("q{id}")) == Half::Search).count();
    assert!((440..=560).contains(&search), "{search}");
}
