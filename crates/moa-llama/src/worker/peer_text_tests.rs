use std::sync::Arc;

use moa_core::GrowingAnswers;

use super::*;

/// A token for each character.
fn letters(text: &str) -> Vec<Token> {
    text.chars().map(|character| Token::try_from(u32::from(character)).unwrap()).collect()
}

#[test]
fn words_are_taken_when_they_are_whole_and_all_of_them_at_the_end() {
    let answers = Arc::new(GrowingAnswers::new(2, []));
    let peers = answers.peers_of(0).unwrap();
    let written = answers.of(1).unwrap();
    let mut text = PeerText::new(0, &[1, 2, 3, 4]);
    let mut expect = |piece: &str, whole: &str| {
        written.push(piece);
        text.catch_up(&peers, letters);
        assert_eq!(text.tokens(), [&[2, 3, 4], letters(whole).as_slice()].concat());
    };
    expect("Hel", "");
    expect("lo", "");
    expect(" wor", "Hello");
    expect("ld\n\n ", "Hello world");
    // White space belongs to what follows.
    expect("x", "Hello world");
    expect(" ", "Hello world\n\n x");
    written.end();
    expect("end", "Hello world\n\n x end");
}

#[test]
fn text_without_white_space_is_taken_all_the_same() {
    let japanese = "灯台守は毎晩六時に厚い緑色の本に天気を書いた。";
    assert_eq!(whole_words(japanese), 0);
    let longer = japanese.repeat(2);
    assert_eq!(whole_words(&longer), longer.len());
    assert_eq!(whole_words(""), 0);
    assert_eq!(whole_words("  "), 0);
}

#[test]
fn a_prompt_that_is_shorter_than_a_run_is_no_harm() {
    assert!(PeerText::new(0, &[]).tokens().is_empty());
    assert_eq!(PeerText::new(0, &[7]).tokens(), [7]);
}
