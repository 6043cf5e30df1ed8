use super::*;

#[test]
fn words_that_stay_in_order_are_kept() {
    assert_eq!(kept_share("The cat sat.", "the CAT sat"), Some(1.0));
    assert_eq!(kept_share("one two three four", "zero one three five"), Some(0.5));
    assert_eq!(kept_share("a b", "c d"), Some(0.0));
}

#[test]
fn a_longer_answer_keeps_all_of_a_shorter_one() {
    assert_eq!(kept_share("rust is fast", "we think that rust is very fast indeed"), Some(1.0));
}

#[test]
fn nothing_cannot_be_kept() {
    assert_eq!(kept_share(" ...", "a"), None);
}

#[test]
fn japanese_is_compared_too() {
    assert_eq!(kept_share("東京都", "東京市"), Some(2.0 / 3.0));
}
