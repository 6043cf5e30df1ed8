use proptest::prelude::*;

use super::*;

#[test]
fn the_same_words_are_alike_and_other_words_are_not() {
    assert!((similarity("The sky is blue.", "the sky IS blue") - 1.0).abs() < 1e-12);
    assert!(similarity("The sky is blue.", "Pizza needs yeast").abs() < 1e-12);
    let near = similarity("空は青い。", "空は青いです。");
    assert!(near > 0.6 && near < 1.0, "{near}");
}

#[test]
fn the_text_that_most_others_resemble_agrees_most() {
    let found = agreements(&["the answer is 42", "the answer is 42 indeed", "buy gold now"]);
    assert!(found[0] > found[2] && found[1] > found[2], "{found:?}");
    assert_eq!(agreements(&["alone"]), [0.0]);
}

proptest! {
    #[test]
    fn similarity_is_symmetric_and_within_its_bounds(one in ".{0,60}", other in ".{0,60}") {
        let alike = similarity(&one, &other);
        prop_assert!((-1e-9..=1.0 + 1e-9).contains(&alike));
        prop_assert!((alike - similarity(&other, &one)).abs() < 1e-9);
    }
}
