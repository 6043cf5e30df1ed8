//! Results of our own making.

use moa_core::{CallStatus, FinishReason, Usage};
use moa_eval::alpaca::Annotation;
use moa_eval::exact::{ScoredItem, ScoredProposal, Scores, Verdict};
use moa_eval::mt_bench::{Judgment, Question, QuestionId, read_judgments};
use moa_eval::runner::{Answer, Proposal};

use crate::{AlpacaFile, AlpacaInput, AnswerSet, AnsweredItem, Input, MtBenchInput};

/// A likeness that can be told in advance: whether both texts begin with the same letter.
fn same_start(one: &str, other: &str) -> f64 {
    if one.chars().next() == other.chars().next() { 1.0 } else { 0.0 }
}

/// A report of nothing.
pub(crate) fn empty() -> Input<'static> {
    Input {
        title: "A report".to_owned(),
        made_at: "2026-01-01 00:00 UTC".to_owned(),
        base: None,
        answers: Vec::new(),
        alpaca: AlpacaInput::default(),
        mt_bench: MtBenchInput::default(),
        flask: Vec::new(),
        exact: Vec::new(),
        likeness: &same_start,
        likeness_name: "a test's likeness",
        remarks: Vec::new(),
    }
}

pub(crate) fn answer(text: &str, layers: &[&[(&str, &str)]]) -> Answer {
    let proposal = |(agent, text): &(&str, &str)| Proposal {
        agent: (*agent).to_owned(),
        model: (*agent).to_owned(),
        status: CallStatus::Ok,
        text: (*text).to_owned(),
        usage: Usage::default(),
        wall_ms: 1.0,
    };
    Answer {
        text: text.to_owned(),
        finish_reason: Some(FinishReason::Stop),
        failure: None,
        degraded: false,
        answer_tokens: 5,
        certainty: None,
        layers: layers.iter().map(|layer| layer.iter().map(proposal).collect()).collect(),
        samples: Vec::new(),
    }
}

pub(crate) fn answers(benchmark: &str, contender: &str, answers: Vec<(String, Answer)>) -> AnswerSet {
    let items = answers.into_iter().map(|(id, answer)| AnsweredItem {
        id,
        turns: vec![answer],
        usage: Usage { prompt_tokens: 10, completion_tokens: 20, cost_usd: Some(0.001), ..Usage::default() },
        wall_ms: 1_500.0,
    });
    AnswerSet { benchmark: benchmark.to_owned(), contender: contender.to_owned(), items: items.collect() }
}

fn verdict(mark: char) -> Verdict {
    match mark {
        '+' => Verdict::Correct,
        '-' => Verdict::Incorrect,
        _ => Verdict::Invalid,
    }
}

/// Marks of a contender, `+` right, `-` wrong, `?` nothing to mark; each item's proposals by layer and agent in the same letters.
pub(crate) fn scores(contender: &str, marks: &str, layers: &[&[(&str, &str)]]) -> Scores {
    let item = |(place, mark): (usize, char)| ScoredItem {
        item: format!("q{place}"),
        question: format!("Question {place}?"),
        expected: Some("7".to_owned()),
        verdict: verdict(mark),
        extracted: Some("7".to_owned()),
        detail: None,
        usage: Usage { prompt_tokens: 10, completion_tokens: 20, ..Usage::default() },
        wall_ms: 100.0,
        is_cut_off: false,
        degraded: false,
        samples: Vec::new(),
        layers: layers
            .iter()
            .map(|layer| {
                let of = layer.iter().filter_map(|(agent, marks)| Some((agent, marks.chars().nth(place)?)));
                of.map(|(agent, mark)| ScoredProposal {
                    agent: (*agent).to_owned(),
                    verdict: verdict(mark),
                    extracted: None,
                    usage: Usage::default(),
                })
                .collect()
            })
            .collect(),
    };
    Scores {
        benchmark: "gsm8k".to_owned(),
        contender: contender.to_owned(),
        items: marks.chars().enumerate().map(item).collect(),
    }
}

/// A mixture `mix` of `a` and `b` on GSM8K, of which `a` alone was measured too.
pub(crate) fn mixture(mix: &str, alone: &str, layers: &[&[(&str, &str)]]) -> Input<'static> {
    let of = |marks: &str, with_layers: bool| {
        marks
            .chars()
            .enumerate()
            .map(|(place, mark)| {
                let text = if mark == '+' { "7 it is" } else { "no idea" };
                // A right proposal begins as a right answer does.
                let layers: Vec<Vec<(&str, &str)>> = layers
                    .iter()
                    .map(|layer| {
                        let said = |(agent, marks): &(&'static str, &str)| {
                            (*agent, if marks.chars().nth(place) == Some('+') { "7" } else { "x" })
                        };
                        layer
                            .iter()
                            .map(|(agent, marks)| said(&(if *agent == "a" { "a" } else { "b" }, *marks)))
                            .collect()
                    })
                    .collect();
                let layers: Vec<&[(&str, &str)]> =
                    if with_layers { layers.iter().map(Vec::as_slice).collect() } else { Vec::new() };
                (format!("q{place}"), answer(text, &layers))
            })
            .collect()
    };
    Input {
        answers: vec![answers("gsm8k", "mix", of(mix, true)), answers("gsm8k", "a", of(alone, false))],
        exact: vec![scores("mix", mix, layers), scores("a", alone, &[])],
        ..empty()
    }
}

pub(crate) fn annotation(instruction: &str, preference: f64, note: Option<&str>) -> Annotation {
    Annotation {
        instruction: instruction.to_owned(),
        output_1: "The baseline's answer.".to_owned(),
        output_2: "Ours.".to_owned(),
        generator_1: "gpt4_1106_preview".to_owned(),
        generator_2: "mix".to_owned(),
        annotator: "the judge".to_owned(),
        preference: Some(preference),
        note: note.map(str::to_owned),
        ..Annotation::default()
    }
}

pub(crate) fn alpaca_file(contender: &str, preferences: &[f64], note: Option<&str>) -> AlpacaFile {
    let rows = preferences.iter().enumerate();
    let annotations = rows.map(|(place, preference)| annotation(&format!("Do {place}."), *preference, note));
    AlpacaFile { contender: contender.to_owned(), annotations: annotations.collect() }
}

/// Grades of both turns of two questions.
pub(crate) fn mt_bench(grades: [f64; 4], note: Option<&str>) -> MtBenchInput {
    let judgment = |place: usize, grade: f64| -> Judgment {
        let note = note.map_or_else(String::new, |note| format!(r#","note":"{note}""#));
        let (question, turn) = (81 + place / 2, 1 + place % 2);
        let line = format!(
            r#"{{"question_id":{question},"model":"mix","judge":["gpt-4","single-v1"],"judgment":"Fine.","score":{grade},"turn":{turn}{note}}}"#
        );
        read_judgments(line.as_bytes()).unwrap().remove(0)
    };
    let question = |id: i64, category: &str| Question {
        question_id: QuestionId::Number(id),
        category: category.to_owned(),
        turns: vec!["Ask.".to_owned(), "Go on.".to_owned()],
        reference: None,
        required_temperature: None,
    };
    MtBenchInput {
        judgments: grades.into_iter().enumerate().map(|(place, grade)| judgment(place, grade)).collect(),
        questions: vec![question(81, "writing"), question(82, "math")],
    }
}
