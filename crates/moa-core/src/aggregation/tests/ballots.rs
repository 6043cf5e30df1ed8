//! Answers that were cut short, where answers are counted.

use super::*;

fn vote() -> Choosing {
    by(ChoosingKind::Vote { answer: AnswerForm::Number })
}

fn mux() -> Choosing {
    by(ChoosingKind::Mux { answer: AnswerForm::Number })
}

#[test]
fn three_unfinished_texts_that_agree_do_not_outvote_a_whole_one() {
    let pool = Pool::texts(&["first 2 then", "so 2 and", "with 2 we", "2 and 16 make 18"]);
    let decision = choose(&vote(), &pool.cut_short(&[0, 1, 2]));
    assert_eq!(decision.reason, "1 of 4 answer 18; 3 were cut short and have no vote");
    assert_eq!((decision.chosen[0], decision.tie), (call(4), false));
    let seen: Vec<Option<&str>> = decision.judged.iter().map(|judged| judged.answer.as_deref()).collect();
    assert_eq!(seen, [None, None, None, Some("18")]);
}

#[test]
fn of_two_that_were_cut_and_a_whole_one_the_whole_one_wins_and_what_is_kept_begins_with_it() {
    let pool = Pool::texts(&["so 2 and", "I say 7", "so 2 and"]);
    let keep_all = Choosing { keep: 3, ..vote() };
    let decision = choose(&keep_all, &pool.cut_short(&[0, 2]));
    assert_eq!(decision.reason, "1 of 3 answer 7; 2 were cut short and have no vote");
    assert_eq!((decision.chosen[0], decision.chosen.len()), (call(2), 3));
    let one = choose(&vote(), &Pool::texts(&["so 2 and", "I say 7"]).cut_short(&[0]));
    assert_eq!(one.reason, "1 of 2 answer 7; 1 was cut short and has no vote");
}

#[test]
fn where_all_were_cut_short_they_vote_and_it_is_said() {
    let pool = Pool::texts(&["so 2 and", "then 2", "maybe 3"]);
    let decision = choose(&vote(), &pool.cut_short(&[0, 1, 2]));
    assert_eq!(decision.reason, "2 of 3 answer 2; all were cut short");
    let tie = choose(&vote(), &Pool::texts(&["so 2 and", "then 4"]).cut_short(&[0, 1]));
    assert!(tie.tie && tie.reason.ends_with("; all were cut short"), "{}", tie.reason);
    assert!(choose(&vote(), &pool.cut_short(&[])).reason.ends_with("answer 2"), "whole ones need no remark");
}

#[test]
fn whole_texts_without_an_answer_silence_nobody() {
    let pool = Pool::texts(&["I do not know.", "it is 5 and", "so 5"]);
    let decision = choose(&vote(), &pool.cut_short(&[1, 2]));
    assert_eq!(
        decision.reason,
        "2 of 3 answer 5; no whole text has an answer, so that those that were cut short vote"
    );
    assert_ne!(decision.chosen[0], call(1));
    let none = choose(&vote(), &Pool::texts(&["no", "not", "nor"]).cut_short(&[1]));
    assert!(none.reason.starts_with("no text has an answer") && !none.reason.contains("cut short"));
}

#[test]
fn a_model_whose_samples_were_cut_at_the_same_place_does_not_agree_with_itself() {
    let rows = [("cut", "so 2"), ("cut", "so 2"), ("cut", "so 2"), ("pair", "8"), ("pair", "it is 8")];
    let pool = Pool::of(&rows);
    let decision = choose(&mux(), &pool.cut_short(&[0, 1, 2]));
    assert_eq!(
        decision.reason,
        "pair agrees most with itself: 2 of 2 of its samples answer 8; 3 were cut short and have no vote"
    );
    assert_eq!(decision.judged[0].score, Some(0.0));
    let decision = choose(&mux(), &pool.cut_short(&[0, 1, 2, 3, 4]));
    assert!(decision.tie && decision.reason.ends_with("; all were cut short"), "{}", decision.reason);
    // One whole sample of three: the share is of all that were asked.
    let decision = choose(&mux(), &pool.cut_short(&[0, 1]));
    assert_eq!(decision.judged[2].score, Some(1.0 / 3.0));
}

proptest! {
    #[test]
    fn while_a_whole_text_answers_no_cut_one_wins(
        numbers in prop::collection::vec((0..4_u8, any::<bool>()), 1..8),
        turn in 0..8_usize,
    ) {
        let rows: Vec<(String, bool)> =
            numbers.iter().map(|(number, is_whole)| (format!("it is {number}"), *is_whole)).collect();
        let decide = |rows: &[(String, bool)]| {
            let texts: Vec<&str> = rows.iter().map(|(text, _)| text.as_str()).collect();
            let cut: Vec<usize> = (0..rows.len()).filter(|place| !rows[*place].1).collect();
            let pool = Pool::texts(&texts);
            let chosen = choose(&vote(), &pool.cut_short(&cut)).chosen[0];
            rows[chosen.agent as usize - 1].clone()
        };
        let winner = decide(&rows);
        prop_assert!(winner.1 || rows.iter().all(|(_, is_whole)| !is_whole));
        let mut turned = rows.clone();
        turned.rotate_left(turn % rows.len());
        prop_assert_eq!(decide(&turned), winner, "the order of the agents changes nothing");
    }
}
