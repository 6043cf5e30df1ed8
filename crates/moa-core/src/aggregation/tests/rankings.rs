use super::*;
use crate::aggregation::{RankMethod, Reply, Shown};

const ROWS: [(&str, &str); 3] = [("a", "alpha text"), ("b", "beta text"), ("c", "gamma text")];

fn rank(method: RankMethod) -> Choosing {
    by(ChoosingKind::Rank { method })
}

/// What a judge makes of the answers, who replies to each question by the texts that it is shown.
fn judged(choosing: &Choosing, rows: &[(&str, &str)], judge: impl Fn(&[&str]) -> String) -> Decision {
    let pool = Pool::of(rows);
    let candidates = pool.candidates();
    let questions = choosing.by.questions(candidates.len());
    let reply = |shown: Shown| {
        let texts: Vec<&str> = shown.places.iter().map(|place| candidates[*place].text).collect();
        let reply = Some(judge(&texts));
        (shown, reply)
    };
    let replies: Vec<Reply> = questions.into_iter().map(reply).collect();
    choose_by(choosing, &candidates, &replies)
}

fn scores(decision: &Decision) -> Vec<String> {
    decision.judged.iter().map(|judged| judged.score.unwrap().to_string()).collect()
}

/// Prefers later letters, whatever the order.
fn honest(texts: &[&str]) -> String {
    let mut numbers: Vec<usize> = (0..texts.len()).collect();
    numbers.sort_by_key(|place| std::cmp::Reverse(texts[*place]));
    let numbers: Vec<String> = numbers.iter().map(|place| (place + 1).to_string()).collect();
    if texts.len() == 2 { numbers[0].clone() } else { format!("The best first:\n{}", numbers.join(" > ")) }
}

#[test]
fn an_honest_judge_is_followed_in_every_order() {
    for method in [RankMethod::Listwise, RankMethod::Pairwise] {
        let mut rows = ROWS.to_vec();
        for _ in 0..3 {
            rows.rotate_left(1);
            let decision = judged(&Choosing { keep: 3, ..rank(method) }, &rows, honest);
            let texts: Vec<&str> =
                decision.chosen.iter().map(|call| rows[call.agent as usize - 1].1).collect();
            assert_eq!(texts, ["gamma text", "beta text", "alpha text"], "{method:?}");
            assert!(!decision.tie);
        }
    }
}

#[test]
fn a_judge_that_looks_at_places_only_decides_nothing() {
    for method in [RankMethod::Listwise, RankMethod::Pairwise] {
        for always in ["1", "2"] {
            let winner = |rows: &[(&str, &str)]| {
                let list = |texts: &[&str]| {
                    if texts.len() == 2 { always.to_owned() } else { "1 > 2 > 3".to_owned() }
                };
                let decision = judged(&rank(method), rows, list);
                assert!(decision.tie, "{method:?}: {}", decision.reason);
                rows[decision.chosen[0].agent as usize - 1].1.to_owned()
            };
            let mut turned = ROWS.to_vec();
            let first = winner(&turned);
            turned.reverse();
            assert_eq!(winner(&turned), first, "{method:?}");
        }
    }
}

#[test]
fn pairs_that_are_judged_differently_each_way_are_draws() {
    // Sure of gamma, undecided about the rest.
    let judge = |texts: &[&str]| match texts.iter().position(|text| text.starts_with("gamma")) {
        Some(place) => format!("Answer {} is better.", place + 1),
        None => "1".to_owned(),
    };
    let decision = judged(&rank(RankMethod::Pairwise), &ROWS, judge);
    assert_eq!(scores(&decision), ["0.5", "0.5", "2"]);
    assert_eq!((decision.chosen[0], decision.reason.as_str()), (call(3), "the judge gives it 2 points"));
}

#[test]
fn replies_that_cannot_be_read_leave_it_to_the_words_and_it_is_told() {
    for method in [RankMethod::Listwise, RankMethod::Pairwise] {
        let decision = judged(&rank(method), &ROWS, |_| "They are all fine.".to_owned());
        assert!(decision.tie && decision.reason.starts_with("no reply of the judge could be read"));
        assert!(decision.judged.iter().all(|judged| judged.score.is_none()));
    }
    let one_way = |texts: &[&str]| {
        if texts[0].starts_with("alpha") { "3 > 9 > 3 > 1".to_owned() } else { String::new() }
    };
    let decision = judged(&rank(RankMethod::Listwise), &ROWS, one_way);
    assert_eq!(decision.reason, "the judge gives it 2 points; 1 of 2 replies could be read");
    assert_eq!(scores(&decision), ["1", "0", "2"], "who is not named comes last");
}

#[test]
fn nobody_is_asked_about_a_single_answer() {
    for by in [ChoosingKind::Rank { method: RankMethod::Pairwise }, ChoosingKind::UniversalSelfConsistency] {
        assert!(by.questions(1).is_empty());
        assert!(by.asks());
    }
    assert!(!ChoosingKind::Vote { answer: AnswerForm::Whole }.asks());
}

#[test]
fn the_most_consistent_answer_is_the_one_that_is_named_both_ways() {
    let choosing = by(ChoosingKind::UniversalSelfConsistency);
    let judge = |texts: &[&str]| {
        let place = texts.iter().position(|text| text.starts_with("beta")).unwrap();
        format!("The most consistent answer is {}.", place + 1)
    };
    let decision = judged(&choosing, &ROWS, judge);
    assert_eq!((decision.chosen[0], decision.tie), (call(2), false));
    // The first one, whichever it is: who stands at an end must not gain by it.
    let decision = judged(&choosing, &ROWS, |_| "1".to_owned());
    assert!(decision.tie);
    assert_eq!(scores(&decision), ["0", "0", "0"]);
    // The one in the middle has the same number in both orders.
    assert_eq!(scores(&judged(&choosing, &ROWS, |_| "2".to_owned())), ["0", "2", "0"]);
    // Two different ones, at no place that repeats itself, are named once each.
    let torn = |texts: &[&str]| if texts[0].starts_with("alpha") { "1" } else { "2" }.to_owned();
    assert_eq!(scores(&judged(&choosing, &ROWS, torn)), ["1", "1", "0"]);
}

proptest! {
    #[test]
    fn no_reply_breaks_the_reading(replies in prop::collection::vec(".{0,40}", 6)) {
        for method in [RankMethod::Listwise, RankMethod::Pairwise] {
            let mut next = replies.iter().cycle();
            let next = std::cell::RefCell::new(&mut next);
            let decision = judged(&rank(method), &ROWS, |_| next.borrow_mut().next().unwrap().clone());
            prop_assert_eq!(decision.chosen.len(), 1);
        }
    }
}
