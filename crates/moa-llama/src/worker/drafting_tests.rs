use std::sync::Arc;

use moa_core::GrowingAnswers;

use super::*;

const PROMPT: [Token; 3] = [1, 2, 3];

/// A token for each word, which is a number.
fn numbers(text: &str) -> Vec<Token> {
    text.split_whitespace().map(|word| word.parse().unwrap()).collect()
}

const NOTHING: [Token; 0] = [];

fn drafted(drafting: &mut Drafting, tokens: &[Token]) -> Vec<Token> {
    let Some(offer) = drafting.offer(tokens, 8, numbers) else { return Vec::new() };
    drafting.draft(tokens, offer.tokens).tokens
}

#[test]
fn an_answer_goes_on_as_another_did_from_its_beginning_on() {
    let answers = Arc::new(GrowingAnswers::new(2, []));
    let mut drafting = Drafting::new(answers.peers_of(0), &PROMPT);
    assert_eq!(drafted(&mut drafting, &[1, 2, 3, 10]), NOTHING);
    answers.of(1).unwrap().push("10 11 12 13 14");
    // The last word may go on.
    assert_eq!(drafted(&mut drafting, &[1, 2, 3, 10]), [11, 12, 13]);
    answers.of(1).unwrap().end();
    assert_eq!(drafted(&mut drafting, &[1, 2, 3, 10, 11, 12]), [13, 14]);
    assert_eq!(drafted(&mut drafting, &[1, 2, 3, 10, 99, 12]), NOTHING);
}

#[test]
fn who_was_right_of_late_is_believed_before_who_was_wrong() {
    let answers = Arc::new(GrowingAnswers::new(1, ["10 11 12 50", "10 11 12 60"]));
    let mut drafting = Drafting::new(answers.peers_of(0), &PROMPT);
    let tokens = [1, 2, 3, 10, 11, 12];
    for _ in 0..3 {
        let _ = drafting.offer(&tokens, 8, numbers);
        let draft = drafting.draft(&tokens, 1);
        let accepted = usize::from(draft.tokens == [50]);
        drafting.judged(&draft, accepted, 0.0);
    }
    assert_eq!(drafted(&mut drafting, &tokens), [50]);
    let figures = drafting.figures().unwrap();
    assert_eq!((figures.steps, figures.drafted_tokens), (3, 3));
}

#[test]
fn what_an_answer_wrote_itself_is_drafted_from_too() {
    let mut drafting = Drafting::new(None, &PROMPT);
    assert_eq!(drafted(&mut drafting, &[1, 2, 3, 40, 50, 1, 2, 3]), [40, 50, 1, 2, 3]);
    let far = Arc::new(GrowingAnswers::new(2, []));
    let mut drafting = Drafting::new(far.peers_of(0), &PROMPT);
    assert_eq!(drafted(&mut drafting, &[1, 2, 3, 40, 50, 1, 2, 3]), [40, 50, 1, 2, 3]);
}
