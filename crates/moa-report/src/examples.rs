//! The items on which a mixture does best and worst, with all that led to the answer.

use moa_eval::exact::ScoredItem;
use moa_eval::flask::Review;
use serde::Serialize;

use crate::board::{Benchmark, Board, Row};
use crate::facts::answers;
use crate::input::{AnsweredItem, Input};

/// So many of the best and so many of the worst.
const OF_EACH: usize = 3;

/// Items of one mixture on one board.
#[derive(Debug, Clone, Serialize)]
pub struct Examples {
    /// The benchmark and who judged.
    pub label: String,
    /// The mixture.
    pub contender: String,
    /// Whom it is laid beside.
    pub base: Option<String>,
    /// Where it does best, the best one first.
    pub best: Vec<Example>,
    /// Where it does worst, the worst one first.
    pub worst: Vec<Example>,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Example {
    /// Its name.
    pub item: String,
    /// What was asked, turn by turn.
    pub question: Vec<String>,
    /// The right answer, where there is one to compare with.
    pub expected: Option<String>,
    /// The mixture's score, on the scale of the items.
    pub score: f64,
    /// The base's score.
    pub base_score: Option<f64>,
    /// What happened, turn by turn.
    pub turns: Vec<ExampleTurn>,
    /// What the judge wrote, or what is wrong with the answer.
    pub judgment: Vec<String>,
}

/// One turn of an item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExampleTurn {
    /// The proposals, layer by layer: who said what.
    pub layers: Vec<Vec<(String, String)>>,
    /// The answer.
    pub answer: String,
    /// The base's answer.
    pub base_answer: Option<String>,
}

/// The items of every mixture of a board.
pub(crate) fn examples(input: &Input<'_>, board: &Board) -> Vec<Examples> {
    board.rows.iter().filter(|row| row.is_mixture()).filter_map(|row| of_row(input, board, row)).collect()
}

fn of_row(input: &Input<'_>, board: &Board, row: &Row) -> Option<Examples> {
    let set = answers(input, board.benchmark.key(), &row.contender)?;
    let base = board.rows.iter().find(|other| Some(&other.contender) == board.base.as_ref());
    let base = base.filter(|base| base.contender != row.contender);
    let mut ranked: Vec<(f64, f64, &AnsweredItem)> = set
        .items
        .iter()
        .filter_map(|item| {
            let score = row.item(&item.id)?;
            let of_base = base.and_then(|base| base.item(&item.id));
            Some((of_base.map_or(0.0, |of_base| score - of_base), score, item))
        })
        .collect();
    // The sort is stable, so that equal items keep the benchmark's order.
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0).then(other.1.total_cmp(&one.1)));
    if ranked.is_empty() {
        return None;
    }
    let of_each = OF_EACH.min(ranked.len().div_ceil(2));
    let example =
        |(_, score, item): &(f64, f64, &AnsweredItem)| example(input, board, row, base, item, *score);
    let best = ranked.iter().take(of_each).map(example).collect();
    let worst = ranked.iter().rev().take(of_each.min(ranked.len() - of_each)).map(example).collect();
    let base = base.map(|base| base.contender.clone());
    Some(Examples { label: board.label(), contender: row.contender.clone(), base, best, worst })
}

fn example(
    input: &Input<'_>,
    board: &Board,
    row: &Row,
    base: Option<&Row>,
    item: &AnsweredItem,
    score: f64,
) -> Example {
    let of_base = base.and_then(|base| answers(input, board.benchmark.key(), &base.contender));
    let of_base = of_base.and_then(|set| set.items.iter().find(|other| other.id == item.id));
    let turn = |(place, turn): (usize, &moa_eval::runner::Answer)| ExampleTurn {
        layers: turn
            .layers
            .iter()
            .map(|layer| layer.iter().map(|of| (of.agent.clone(), of.text.clone())).collect())
            .collect(),
        answer: turn.text.clone(),
        base_answer: of_base.and_then(|item| item.turns.get(place)).map(|turn| turn.text.clone()),
    };
    let found = source(input, board, row, &item.id);
    Example {
        item: item.id.clone(),
        question: found.question,
        expected: found.expected,
        score,
        base_score: base.and_then(|base| base.item(&item.id)),
        turns: item.turns.iter().enumerate().map(turn).collect(),
        judgment: found.judgment,
    }
}

/// What the benchmark's files say of an item.
#[derive(Default)]
struct Source {
    question: Vec<String>,
    expected: Option<String>,
    judgment: Vec<String>,
}

fn source(input: &Input<'_>, board: &Board, row: &Row, item: &str) -> Source {
    match &board.benchmark {
        Benchmark::AlpacaEval => Source { question: vec![item.to_owned()], ..Source::default() },
        Benchmark::MtBench => {
            let question = input.mt_bench.questions.iter().find(|of| of.question_id.to_string() == item);
            let judgments = input.mt_bench.judgments.iter().filter(|of| {
                of.model == row.contender
                    && of.question_id.to_string() == item
                    && Some(&of.judge.0) == board.judge.name.as_ref()
            });
            let judgment = judgments.map(|of| format!("Turn {}: {}", of.turn, of.judgment)).collect();
            let question = question.map(|question| question.turns.clone()).unwrap_or_default();
            Source { question, expected: None, judgment }
        }
        Benchmark::Flask | Benchmark::FlaskHard => {
            review(input, board, row, item).map_or_else(Source::default, |review| Source {
                question: vec![review.item.instruction.clone()],
                expected: Some(review.item.answer.clone()),
                judgment: vec![review.text.clone()],
            })
        }
        Benchmark::Exact(benchmark) => {
            let scores = input.exact.iter();
            let of = scores.filter(|of| of.benchmark == *benchmark && of.contender == row.contender);
            let found = of.flat_map(|of| &of.items).find(|of| of.item == item);
            found.map_or_else(Source::default, marked)
        }
    }
}

fn review<'a>(input: &'a Input<'_>, board: &Board, row: &Row, item: &str) -> Option<&'a Review> {
    let is_hard = board.benchmark == Benchmark::FlaskHard;
    let of = input.flask.iter().filter(|file| {
        file.is_hard == is_hard
            && file.contender == row.contender
            && Some(&file.judge) == board.judge.name.as_ref()
    });
    of.flat_map(|file| &file.reviews).find(|review| review.item.id.to_string() == item)
}

fn marked(item: &ScoredItem) -> Source {
    let taken = item.extracted.as_ref().filter(|_| item.expected.is_some());
    let taken = taken.map(|taken| format!("Taken for the answer: {taken}"));
    Source {
        question: vec![item.question.clone()],
        expected: item.expected.clone(),
        judgment: taken.into_iter().chain(item.detail.clone()).collect(),
    }
}
