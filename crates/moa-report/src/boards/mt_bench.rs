//! MT-Bench: a board for each judge, out of single grades.

use std::collections::BTreeMap;

use moa_eval::mt_bench::{CATEGORIES, Judgment, Question, QuestionId, Score, estimate_single, score_single};
use moa_eval::statistics::{Bootstrap, ItemScore};

use super::distinct;
use crate::board::{Benchmark, Board, Judge, Part, PartKind, Row};
use crate::facts::{Facts, answers, members};
use crate::input::Input;
use crate::measured::Measured;

pub(super) fn boards(input: &Input<'_>) -> Vec<Board> {
    let judgments = &input.mt_bench.judgments;
    distinct(judgments.iter().map(judge)).into_iter().filter_map(|of| board(input, &of)).collect()
}

/// Who judged, and how often.
pub(super) fn judges(input: &Input<'_>) -> Vec<(Benchmark, Judge, usize)> {
    let judgments = &input.mt_bench.judgments;
    let count = |of: &Judge| judgments.iter().filter(|judgment| judge(judgment) == *of).count();
    distinct(judgments.iter().map(judge))
        .into_iter()
        .map(|of| (Benchmark::MtBench, of.clone(), count(&of)))
        .collect()
}

fn judge(judgment: &Judgment) -> Judge {
    Judge { name: Some(judgment.judge.0.clone()), note: judgment.note.clone() }
}

fn board(input: &Input<'_>, of: &Judge) -> Option<Board> {
    let questions = &input.mt_bench.questions;
    let judgments: Vec<Judgment> =
        input.mt_bench.judgments.iter().filter(|judgment| judge(judgment) == *of).cloned().collect();
    let scores = score_single(&judgments, questions).ok()?;
    let estimates = estimate_single(&judgments, &Bootstrap::default()).ok()?;
    let rows = scores.iter().filter_map(|score| {
        let of_model: Vec<&Judgment> = judgments.iter().filter(|row| row.model == score.model).collect();
        let set = answers(input, "mt-bench", &score.model);
        Some(Row {
            contender: score.model.clone(),
            members: members(set),
            score: Measured::from(estimates.get(&score.model)?),
            score_name: "grade, mean of all turns",
            n_invalid: score.n_invalid,
            parts: parts(&of_model, questions),
            facts: Facts::of(set),
            against_base: None,
            against_member: None,
            items: of_model.iter().map(|row| item(row)).collect(),
        })
    });
    let mut board = Board::new(Benchmark::MtBench, of.clone(), rows.collect(), input.base.as_deref());
    if questions.is_empty() {
        let warning = "the file of questions is not at hand, so nothing is said of categories";
        board.warnings.push(warning.to_owned());
    }
    Some(board)
}

fn item(judgment: &Judgment) -> ItemScore {
    ItemScore { item: judgment.question_id.to_string(), score: grade(judgment) }
}

fn grade(judgment: &Judgment) -> Option<f64> {
    judgment.score.filter(|score| score.is_valid()).map(Score::value)
}

fn parts(judgments: &[&Judgment], questions: &[Question]) -> Vec<Part> {
    let part = |kind: PartKind, name: String, wanted: &dyn Fn(&Judgment) -> bool| {
        // Turns of one question are drawn together.
        let mut grades: BTreeMap<&QuestionId, Vec<f64>> = BTreeMap::new();
        for judgment in judgments.iter().filter(|judgment| wanted(judgment)) {
            grades.entry(&judgment.question_id).or_default().extend(grade(judgment));
        }
        let measured = Measured::mean(grades.values().map(Vec::as_slice))?;
        Some(Part { kind, name, measured })
    };
    let turns = [1, 2].map(|turn| part(PartKind::Turn, format!("turn {turn}"), &|of| of.turn == turn));
    let category = |of: &Judgment| {
        questions
            .iter()
            .find(|question| question.question_id == of.question_id)
            .map(|of| of.category.as_str())
    };
    let others = questions.iter().map(|question| question.category.as_str());
    let all = distinct(CATEGORIES.into_iter().chain(others));
    let categories = all
        .into_iter()
        .map(|name| part(PartKind::Category, name.to_owned(), &|of| category(of) == Some(name)));
    turns.into_iter().chain(categories).flatten().collect()
}
