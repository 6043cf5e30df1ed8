use moa_core::Usage;

use super::{ScoredItem, ScoredSample, Scores, Verdict, comparison};
use crate::statistics::Bootstrap;

fn usage(tokens: u32) -> Usage {
    Usage { prompt_tokens: 10, completion_tokens: tokens, ..Usage::default() }
}

fn item(item: &str, verdict: Verdict) -> ScoredItem {
    ScoredItem {
        item: item.to_owned(),
        question: String::new(),
        expected: None,
        verdict,
        extracted: None,
        detail: None,
        usage: usage(20),
        wall_ms: 5.0,
        is_cut_off: false,
        degraded: false,
        samples: Vec::new(),
        layers: Vec::new(),
    }
}

/// `+` right, `-` wrong, `?` nothing to mark.
fn scores(contender: &str, marks: &str) -> Scores {
    let verdict = |mark| match mark {
        '+' => Verdict::Correct,
        '-' => Verdict::Incorrect,
        _ => Verdict::Invalid,
    };
    let items = marks.chars().enumerate().map(|(number, mark)| item(&number.to_string(), verdict(mark)));
    Scores { benchmark: "b".to_owned(), contender: contender.to_owned(), items: items.collect() }
}

#[test]
fn answers_without_anything_to_mark_count_as_not_right() {
    let summary = scores("a", "+-?+").summary().unwrap();
    assert_eq!((summary.n, summary.right, summary.wrong, summary.invalid), (4, 2, 1, 1));
    assert!((summary.accuracy - 0.5).abs() < 1e-15);
    assert!(summary.interval.low < 0.5 && summary.interval.high > 0.5);
    assert!((summary.completion_tokens_per_item - 20.0).abs() < 1e-12);
    assert!(scores("a", "").summary().is_err());
}

#[test]
fn contenders_are_compared_on_the_items_that_all_have() {
    let all = [scores("base", "+-+-?-"), scores("other", "++--+"), scores("same", "+-+-?-")];
    let table = comparison(&all, "base", &Bootstrap::default()).unwrap();
    assert_eq!((table.items, table.rows[0].summary.n, &table.rows[0].against_base), (5, 5, &None));
    let other = table.rows[1].against_base.as_ref().unwrap();
    assert_eq!((other.wins, other.ties, other.losses, other.invalid), (1, 2, 1, 1));
    // The invalid answer of the base is a wrong one in the difference: 3 right against 2.
    assert!((other.difference.mean - 0.2).abs() < 1e-12);
    assert_eq!(other.mcnemar.unwrap().only_second, 2);
    let same = table.rows[2].against_base.as_ref().unwrap();
    assert_eq!((same.wins, same.losses), (0, 0));
    assert!(same.difference.mean.abs() < 1e-15 && (same.mcnemar.unwrap().p_value - 1.0).abs() < 1e-15);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let all = [scores("a", "+"), Scores { benchmark: "c".to_owned(), ..scores("b", "+") }];
    assert!(comparison(&all, "a", &Bootstrap::default()).is_err(), "different benchmarks");
    assert!(comparison(&all[..1], "x", &Bootstrap::default()).is_err(), "no such base");
    let mut other = scores("b", "+");
    other.items[0].item = "elsewhere".to_owned();
    assert!(comparison(&[scores("a", "+"), other], "a", &Bootstrap::default()).is_err(), "no common item");
}

#[test]
fn at_equal_tokens_only_the_samples_vote_that_fit() {
    let sample = |answer: &str, verdict| ScoredSample {
        verdict,
        extracted: Some(answer.to_owned()),
        usage: usage(10),
        is_cut_off: false,
    };
    let samples =
        vec![sample("1", Verdict::Incorrect), sample("7", Verdict::Correct), sample("7", Verdict::Correct)];
    let mut voting = scores("v", "+");
    voting.items[0].samples = samples;
    let at = |voting: &Scores, tokens| {
        let mut base = scores("base", "-");
        base.items[0].usage = usage(tokens);
        voting.at_tokens_of(&base).items.remove(0)
    };
    assert_eq!((at(&voting, 30).verdict, at(&voting, 30).usage.completion_tokens), (Verdict::Correct, 30));
    // Two that differ: the first one wins.
    assert_eq!(
        (at(&voting, 29).verdict, at(&voting, 29).extracted.as_deref()),
        (Verdict::Incorrect, Some("1"))
    );
    assert_eq!(
        (at(&voting, 0).samples.len(), at(&voting, 0).usage.completion_tokens),
        (1, 10),
        "one at least"
    );
    voting.items[0].samples[0].is_cut_off = true;
    assert_eq!(at(&voting, 29).verdict, Verdict::Correct, "the first one was cut short and has no vote");
    let plain = scores("plain", "+");
    assert_eq!(plain.at_tokens_of(&scores("base", "-")), plain);
}
