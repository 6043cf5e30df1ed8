//! FLASK: a board for each set and judge.

use moa_eval::flask::{self, Review, scores_by_skill};
use moa_eval::statistics::ItemScore;

use super::distinct;
use crate::board::{Benchmark, Board, Judge, Part, PartKind, Row};
use crate::facts::{Facts, answers, members};
use crate::input::{FlaskFile, Input};
use crate::measured::{Measured, as_f64};

pub(super) fn boards(input: &Input<'_>) -> Vec<Board> {
    let of_file = |file: &FlaskFile| (file.is_hard, judge(file));
    let mut wanted = distinct(input.flask.iter().map(of_file));
    wanted.sort_by_key(|(is_hard, _)| *is_hard);
    wanted.into_iter().filter_map(|(is_hard, judge)| board(input, is_hard, &judge)).collect()
}

/// Who judged, and how often.
pub(super) fn judges(input: &Input<'_>) -> Vec<(Benchmark, Judge, usize)> {
    let of_file = |file: &FlaskFile| (benchmark(file.is_hard), judge(file));
    let wanted = distinct(input.flask.iter().map(of_file));
    let count = |of: &(Benchmark, Judge)| {
        input.flask.iter().filter(|file| of_file(file) == *of).map(|file| file.reviews.len()).sum()
    };
    wanted.into_iter().map(|of| (of.0.clone(), of.1.clone(), count(&of))).collect()
}

fn benchmark(is_hard: bool) -> Benchmark {
    if is_hard { Benchmark::FlaskHard } else { Benchmark::Flask }
}

fn judge(file: &FlaskFile) -> Judge {
    Judge { name: Some(file.judge.clone()), note: file.reviews.iter().find_map(|review| review.note.clone()) }
}

fn board(input: &Input<'_>, is_hard: bool, of: &Judge) -> Option<Board> {
    let benchmark = benchmark(is_hard);
    let files = input.flask.iter().filter(|file| file.is_hard == is_hard && judge(file) == *of);
    let rows: Vec<Row> = files.filter_map(|file| row(input, file, benchmark.key())).collect();
    if rows.is_empty() {
        return None;
    }
    Some(Board::new(benchmark, of.clone(), rows, input.base.as_deref()))
}

fn row(input: &Input<'_>, file: &FlaskFile, benchmark: &str) -> Option<Row> {
    let scores: Vec<Vec<f64>> = file.reviews.iter().map(grades).collect();
    let set = answers(input, benchmark, &file.contender);
    let texts = file.reviews.iter().filter_map(|review| review.answer.as_deref());
    Some(Row {
        contender: file.contender.clone(),
        members: members(set),
        score: Measured::mean(scores.iter().map(Vec::as_slice))?,
        score_name: "score, mean of all skills",
        n_invalid: scores.iter().filter(|scores| scores.is_empty()).count(),
        parts: parts(&file.reviews),
        facts: Facts::of(set).with_texts(texts),
        against_base: None,
        against_member: None,
        items: file.reviews.iter().zip(&scores).map(|(review, scores)| item(review, scores)).collect(),
    })
}

/// All scores of one review that count for a skill.
fn grades(review: &Review) -> Vec<f64> {
    scores_by_skill(std::slice::from_ref(review)).into_iter().flat_map(|(_, scores)| scores).collect()
}

fn item(review: &Review, scores: &[f64]) -> ItemScore {
    let mean = scores.iter().sum::<f64>() / as_f64(scores.len());
    ItemScore { item: review.item.id.to_string(), score: (!scores.is_empty()).then_some(mean) }
}

fn parts(reviews: &[Review]) -> Vec<Part> {
    let skills = scores_by_skill(reviews).into_iter().filter_map(|(skill, scores)| {
        let measured = Measured::mean_of(&scores)?;
        Some(Part { kind: PartKind::Skill, name: skill.to_owned(), measured })
    });
    let domains = flask::DomainTable::of(reviews);
    let domains = domains.iter().filter_map(|(domain, tally)| {
        let measured = Measured { n: Some(tally.count), ..Measured::published(tally.average()?) };
        Some(Part { kind: PartKind::Domain, name: domain.to_owned(), measured })
    });
    skills.chain(domains).collect()
}
