use proptest::prelude::*;

use super::*;
use crate::options::{TerminalSize, TraceMode};

fn answer(stdout_is_terminal: bool) -> Answer {
    Answer::new(&ViewOptions {
        trace: TraceMode::Live,
        answer: AnswerMode::Raw,
        stdout_is_terminal,
        stderr_is_terminal: false,
        color: false,
        size: TerminalSize::FALLBACK,
    })
}

fn written(mut answer: Answer, pieces: &[&str]) -> String {
    let mut text: String = pieces.iter().map(|piece| answer.push(piece)).collect();
    text.push_str(&answer.finish());
    text
}

#[test]
fn an_answer_ends_with_exactly_one_line_feed() {
    assert_eq!(written(answer(false), &["\n ", "  a\n", "\n", "b", "\n", "\n \n"]), "a\n\nb\n");
    assert_eq!(written(answer(false), &["a"]), "a\n");
    assert_eq!(written(answer(false), &[" ", "\n"]), "");
}

#[test]
fn a_pipe_gets_the_bytes_and_a_terminal_gets_them_harmless() {
    assert_eq!(written(answer(false), &["\u{1b}[2J"]), "\u{1b}[2J\n");
    assert_eq!(written(answer(true), &["\u{1b}", "[2J"]), "␛[2J\n");
}

proptest! {
    #[test]
    fn what_is_written_is_the_stripped_answer_and_a_line_feed(pieces in proptest::collection::vec("[a \n]{0,4}", 0..12)) {
        let whole = pieces.concat();
        let expected = if whole.trim().is_empty() { String::new() } else { format!("{}\n", whole.trim()) };
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        prop_assert_eq!(written(answer(false), &pieces), expected);
    }
}
