use super::*;

fn vote(answer: AnswerForm) -> Choosing {
    by(ChoosingKind::Vote { answer })
}

#[test]
fn the_answer_of_most_texts_wins_however_it_is_written() {
    let pool = Pool::texts(&["It is 7.", "So: $18.00", "2 + 16 = 18", "I say 3"]);
    let decision = pool.decide(&vote(AnswerForm::Number));
    assert_eq!(decision.reason, "2 of 4 answer 18");
    assert!(!decision.tie);
    assert!([call(2), call(3)].contains(&decision.chosen[0]));
    let seen: Vec<_> = decision
        .judged
        .iter()
        .map(|judged| (judged.answer.as_deref().unwrap(), judged.score.unwrap()))
        .collect();
    assert_eq!(seen, [("7", 1.0), ("18", 2.0), ("18", 2.0), ("3", 1.0)]);
}

#[test]
fn a_lying_minority_and_texts_without_an_answer_have_no_say() {
    let pool = Pool::texts(&["Answer: 4", "Answer: 4", "Answer: 5", "I will not tell.", ""]);
    let decision = pool.decide(&vote(AnswerForm::Marked));
    assert_eq!(decision.reason, "2 of 5 answer 4");
    assert_eq!(decision.judged[3].answer, None);
    assert_eq!(decision.judged[3].score, None);
}

#[test]
fn ties_are_told_and_end_in_the_same_way_whatever_the_order() {
    let rows = [("a", "the number is 4"), ("b", "the number is 5"), ("c", "nine: 9")];
    let decision = Pool::of(&rows).decide(&vote(AnswerForm::Number));
    assert!(decision.tie);
    assert_eq!(
        decision.reason,
        "3 answers have equally many votes (1 of 3 each); 4 is that of the text that stands best"
    );
    assert!(is_fair(&vote(AnswerForm::Number), &rows));
    // Whoever was measured to be better wins a tie, and nothing else.
    let preferred = |names: &[&str]| Choosing {
        prefer: names.iter().map(|name| (*name).to_owned()).collect(),
        ..vote(AnswerForm::Number)
    };
    assert_eq!(Pool::of(&rows).winner(&preferred(&["c", "a"])), "nine: 9");
    let rows = [("a", "4"), ("b", "5"), ("c", "5")];
    assert_eq!(Pool::of(&rows).winner(&preferred(&["a"])), "5");
}

#[test]
fn without_any_answer_of_the_form_the_words_decide_and_it_is_said() {
    let rows = [("a", "buy gold"), ("b", "it is so"), ("c", "it is so indeed")];
    let decision = Pool::of(&rows).decide(&vote(AnswerForm::Marked));
    assert!(decision.tie && decision.reason.starts_with("no text has an answer of the wanted form"));
    assert_ne!(decision.chosen, [call(1)]);
    assert!(is_fair(&vote(AnswerForm::Marked), &rows));
}

#[test]
fn one_survivor_none_and_all_the_same_are_told() {
    let form = vote(AnswerForm::Number);
    assert_eq!(Pool::texts(&["no number"]).decide(&form).reason, "it was the only answer");
    assert!(!Pool::texts(&["no number"]).decide(&form).tie);
    assert_eq!(Pool::texts(&[]).decide(&form).chosen, []);
    let all = Pool::texts(&["3", "3.0", "three, that is 3"]).decide(&form);
    assert_eq!(all.reason, "all 3 answer 3");
    assert!(!all.tie);
}

#[test]
fn of_texts_with_the_winning_answer_a_whole_one_is_taken() {
    let pool = Pool::texts(&["so it is 4", "it is 4", "5"]);
    let mut candidates = pool.candidates();
    for (broken, whole) in [(0, 2), (1, 1)] {
        for candidate in &mut candidates {
            candidate.is_whole = true;
        }
        candidates[broken].is_whole = false;
        assert_eq!(choose(&vote(AnswerForm::Number), &candidates).chosen, [call(whole)]);
    }
}

#[test]
fn as_many_as_are_kept_come_best_first() {
    let keep_three = Choosing { keep: 3, ..vote(AnswerForm::Number) };
    let chosen = Pool::texts(&["none", "1", "2", "2"]).decide(&keep_three).chosen;
    assert_eq!((chosen.len(), chosen[2]), (3, call(2)));
}

proptest! {
    #[test]
    fn no_order_of_the_agents_changes_the_winning_text(numbers in prop::collection::vec(0..4_u8, 1..7)) {
        let texts: Vec<String> = numbers.iter().map(|number| format!("I think that it is {number}")).collect();
        let rows: Vec<(&str, &str)> = texts.iter().map(|text| ("m", text.as_str())).collect();
        prop_assert!(is_fair(&vote(AnswerForm::Number), &rows));
        let winner = Pool::of(&rows).decide(&vote(AnswerForm::Number)).judged[0].clone();
        prop_assert!(winner.answer.is_some());
    }
}
