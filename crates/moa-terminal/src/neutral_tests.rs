use proptest::prelude::*;

use super::*;

#[test]
fn a_model_cannot_clear_the_screen_or_set_the_title() {
    assert_eq!(neutral("a\u{1b}[2Jb\u{1b}]0;pwned\u{7}c\u{9b}31md"), "a␛[2Jb␛]0;pwned␇c\u{fffd}31md");
}

#[test]
fn writing_cannot_be_turned_around() {
    assert_eq!(neutral("rm \u{202e}gpj.exe \u{2066}x"), "rm \u{fffd}gpj.exe \u{fffd}x");
}

#[test]
fn line_ends_of_any_kind_are_kept_apart_from_lone_carriage_returns() {
    assert_eq!(neutral("one\r\ntwo\rthree"), "one\ntwo␍three");
    assert_eq!(neutral_line("one\r\n two\t three \n"), "one two three");
}

#[test]
fn joined_emoji_stay_joined() {
    let family = "👩‍👩‍👧 ❤️";
    assert_eq!(neutral(family), family);
}

proptest! {
    #[test]
    fn nothing_a_terminal_obeys_is_left(text in any::<String>()) {
        let harmless = neutral(&text);
        prop_assert!(harmless.chars().all(|c| c == '\n' || !c.is_control()));
    }
}
