//! The judge's reviews.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::item::EvaluationItem;
use super::scores::{NOT_APPLICABLE, Scores};
use crate::python::{Key, Literal, parse_dictionary};
use crate::{EvalError, json};

const WHAT: &str = "the file of reviews";

/// What a judge writes for a skill that does not apply, in lower case.
const WITHHELD: [&str; 3] = ["na", "n/a", "not applicable"];

/// The fields that a review adds to its row of the evaluation set.
const OWN_FIELDS: [&str; 7] =
    ["target_txt", "review", "score", "total_tokens_step4", "model", "judge", "note"];

/// A review of one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// What was reviewed.
    pub item: EvaluationItem,
    /// The answer.
    pub answer: Option<String>,
    /// What the judge wrote.
    pub text: String,
    /// The scores in it.
    pub scores: Scores,
    /// What the judgment cost, in tokens.
    pub total_tokens: Option<u64>,
    /// Whose answer it is; no official script writes this.
    pub model: Option<String>,
    /// Who judged; no official script writes this.
    pub judge: Option<String>,
    /// What a reader has to know of the judge; no official script writes this.
    pub note: Option<String>,
}

impl Review {
    /// What comes of what the judge wrote.
    #[must_use]
    pub fn judged(item: EvaluationItem, answer: &str, text: &str, total_tokens: Option<u64>) -> Self {
        let scores = parse_scores(text);
        Self {
            item,
            answer: Some(answer.to_owned()),
            text: text.to_owned(),
            scores,
            total_tokens,
            model: None,
            judge: None,
            note: None,
        }
    }
}

/// A line of the file.
#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    target_txt: Option<String>,
    #[serde(default)]
    review: Option<String>,
    score: Option<Scores>,
    total_tokens_step4: Option<u64>,
    model: Option<String>,
    judge: Option<String>,
    note: Option<String>,
    #[serde(flatten)]
    item: Map<String, Value>,
}

/// A line to be written.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    item: &'a Map<String, Value>,
    target_txt: &'a Option<String>,
    review: &'a str,
    score: &'a Scores,
    total_tokens_step4: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    judge: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

/// Reads reviews. Where a line has no scores, they are read from what the judge wrote.
///
/// # Errors
///
/// Where a line is no review.
pub fn read_reviews(text: &[u8]) -> Result<Vec<Review>, EvalError> {
    let rows: Vec<Row> = json::read_lines(WHAT, text)?;
    let review = |(index, row): (usize, Row)| {
        let item = EvaluationItem::from_fields(WHAT, index + 1, row.item)?;
        let text = row.review.unwrap_or_default();
        let scores = row.score.unwrap_or_else(|| parse_scores(&text));
        Ok(Review {
            item,
            answer: row.target_txt,
            text,
            scores,
            total_tokens: row.total_tokens_step4,
            model: row.model,
            judge: row.judge,
            note: row.note,
        })
    };
    rows.into_iter().enumerate().map(review).collect()
}

/// Writes reviews, sorted by item, as the official scripts read them.
///
/// # Errors
///
/// Never: what a review holds can always be written.
pub fn write_reviews(reviews: &[Review]) -> Result<String, EvalError> {
    let mut sorted: Vec<&Review> = reviews.iter().collect();
    sorted.sort_by_key(|review| review.item.id);
    let items: Vec<Map<String, Value>> = sorted
        .iter()
        .map(|review| {
            let fields = review.item.fields().clone().into_iter();
            fields.filter(|(name, _)| !OWN_FIELDS.contains(&name.as_str())).collect()
        })
        .collect();
    let rows: Vec<Written<'_>> = sorted
        .iter()
        .zip(&items)
        .map(|(review, item)| Written {
            item,
            target_txt: &review.answer,
            review: &review.text,
            score: &review.scores,
            total_tokens_step4: review.total_tokens,
            model: review.model.as_deref(),
            judge: review.judge.as_deref(),
            note: review.note.as_deref(),
        })
        .collect();
    json::write_lines(WHAT, &rows)
}

/// The scores in a review: the last `{...}` without a closing brace inside, on one line, in lower case, read as a dictionary of Python.
/// Nothing where that cannot be read, however little is wrong with it.
///
/// # Source
///
/// `parse_score` in `gpt_review/gpt4_eval.py`.
#[must_use]
pub fn parse_scores(review: &str) -> Scores {
    let Some(dictionary) = last_dictionary(review) else { return Scores::default() };
    let dictionary = dictionary.replace('\n', "").replace('_', " ").to_lowercase();
    let entries = parse_dictionary(&dictionary).unwrap_or_default();
    let converted: Option<Vec<(String, Value)>> =
        entries.into_iter().map(|(key, value)| Some((key_text(key)?, to_json(value, true)?))).collect();
    converted.unwrap_or_default().into_iter().collect()
}

/// The last match of `\{[^}]+\}`.
fn last_dictionary(review: &str) -> Option<&str> {
    let bytes = review.as_bytes();
    let (mut at, mut last) = (0, None);
    while let Some(open) = memchr::memchr(b'{', &bytes[at..]).map(|place| place + at) {
        let Some(close) = memchr::memchr(b'}', &bytes[open..]).map(|place| place + open) else { break };
        // Something has to stand between the braces.
        if close == open + 1 {
            at = close;
            continue;
        }
        last = Some(&review[open..=close]);
        at = close + 1;
    }
    last
}

fn key_text(key: Key) -> Option<String> {
    match key {
        Key::Text(text) | Key::Number(_, text) => Some(text),
        Key::Other => None,
    }
}

/// The value as the official script's file holds it; nothing for one that JSON cannot hold, at which that script writes a blank line.
fn to_json(literal: Literal, outermost: bool) -> Option<Value> {
    Some(match literal {
        Literal::Text(text) if outermost && WITHHELD.contains(&text.as_str()) => NOT_APPLICABLE.into(),
        Literal::Text(text) => text.into(),
        Literal::Integer(Some(value), _) => value.into(),
        // Python cannot convert an integer beyond the floating-point numbers, so it must not count as a score.
        Literal::Integer(None, value) if value.is_infinite() => Value::Null,
        // A float that is infinite counts in Python; as a text it does so here.
        Literal::Float(value) if value.is_infinite() => crate::python::repr(value).into(),
        Literal::Integer(None, value) | Literal::Float(value) => value.into(),
        Literal::List(items) => {
            items.into_iter().map(|item| to_json(item, false)).collect::<Option<Vec<Value>>>()?.into()
        }
        Literal::Other => return None,
    })
}
