use super::*;

fn mux() -> Choosing {
    by(ChoosingKind::Mux { answer: AnswerForm::Number })
}

#[test]
fn the_model_that_agrees_most_with_itself_wins_against_a_majority() {
    let rows = [
        ("big", "7"),
        ("big", "it is 7"),
        ("small", "5"),
        ("small", "5 or 6"),
        ("third", "5"),
        ("third", "9"),
    ];
    let decision = Pool::of(&rows).decide(&mux());
    assert_eq!(decision.reason, "big agrees most with itself: 2 of 2 of its samples answer 7");
    assert!(!decision.tie);
    assert!([call(1), call(2)].contains(&decision.chosen[0]));
    assert_eq!(decision.judged[2].score, Some(0.5));
    assert!(is_fair(&mux(), &rows));
}

#[test]
fn equally_sure_models_are_told_apart_by_preference_then_by_votes() {
    let rows = [("a", "1"), ("a", "1"), ("b", "2"), ("b", "2"), ("c", "2"), ("c", "3")];
    let decision = Pool::of(&rows).decide(&mux());
    assert!(decision.tie && decision.reason.starts_with("2 models agree equally far"), "{}", decision.reason);
    assert_eq!(Pool::of(&rows).winner(&mux()), "2", "c gives b one more vote");
    let preferred = Choosing { prefer: vec!["a".to_owned()], ..mux() };
    assert_eq!(Pool::of(&rows).winner(&preferred), "1");
    assert!(is_fair(&mux(), &rows) && is_fair(&preferred, &rows));
}

#[test]
fn a_model_with_one_sample_or_no_answer_shows_nothing() {
    let rows = [("lone", "9"), ("mute", "none"), ("mute", "nothing"), ("pair", "4"), ("pair", "5")];
    let decision = Pool::of(&rows).decide(&mux());
    assert!(decision.reason.starts_with("pair agrees most"), "{}", decision.reason);
    assert_eq!((decision.judged[0].score, decision.judged[1].score), (None, Some(0.0)));
    let all_alone = [("a", "1"), ("b", "2"), ("c", "2")];
    let decision = Pool::of(&all_alone).decide(&mux());
    assert!(decision.tie && decision.reason.starts_with("no model has two samples"));
    assert_eq!(Pool::of(&all_alone).winner(&mux()), "2", "two samples give it");
    assert!(is_fair(&mux(), &all_alone) && is_fair(&mux(), &rows));
}

#[test]
fn samples_that_agree_with_their_model_come_first() {
    let keep_all = Choosing { keep: 9, ..mux() };
    let rows = [("b", "8"), ("a", "3"), ("a", "4"), ("a", "4"), ("b", "9")];
    let chosen: Vec<u32> = Pool::of(&rows).decide(&keep_all).chosen.iter().map(|call| call.agent).collect();
    assert_eq!(chosen[..3], [3, 4, 2]);
}
