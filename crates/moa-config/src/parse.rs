//! From text to the raw shapes, with every mistake of shape that can be found.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::kind::ProblemKind;
use crate::masking::{masked_message, names_secret};
use crate::nearest::nearest;
use crate::place::Place;
use crate::problem::Problem;
use crate::raw::RawFile;
use crate::source::SourceFile;

/// The most mistakes of shape that are reported of one file.
const MOST_MISTAKES: usize = 20;

/// Fills in what the text of `file` says.
///
/// # Errors
/// Every mistake of syntax, or, where there is none, every key and every type that is wrong. The parser stops at the first wrong value,
/// so the value is taken out and the rest is tried again.
pub(crate) fn parse(mut file: SourceFile) -> Result<SourceFile, Vec<Problem>> {
    let text = file.text.clone();
    let (mut table, errors) = DeTable::parse_recoverable(&text);
    if !errors.is_empty() {
        let syntax = |error: &toml::de::Error| {
            let message = one_line(error.message());
            problem(&file, error.span().unwrap_or_default(), ProblemKind::Syntax { message })
        };
        return Err(errors.iter().take(MOST_MISTAKES).map(syntax).collect());
    }
    let mut problems = Vec::new();
    loop {
        match RawFile::deserialize(toml::de::Deserializer::from(table.clone())) {
            Ok(raw) if problems.is_empty() => {
                file.raw = raw;
                return Ok(file);
            }
            Ok(_) => return Err(problems),
            Err(error) => {
                let span = error.span().unwrap_or_default();
                problems.push(problem(&file, span.clone(), shape(error.message())));
                if problems.len() == MOST_MISTAKES || !take_out_of_table(table.get_mut(), &span) {
                    return Err(problems);
                }
            }
        }
    }
}

fn problem(file: &SourceFile, span: Range<usize>, kind: ProblemKind) -> Problem {
    Problem::at(&Place::File(file, span), kind)
}

/// What a message of the parser means to somebody who does not know the types of this program.
fn shape(message: &str) -> ProblemKind {
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let mut names = rest.split('`').skip(1).step_by(2).map(str::to_owned);
        let key = names.next().unwrap_or_default();
        if names_secret(&key) {
            return ProblemKind::InlineKey;
        }
        let known: Vec<String> = names.collect();
        let nearest = nearest(&key, known.iter().map(String::as_str));
        return ProblemKind::UnknownKey { key, nearest, known };
    }
    if let Some(rest) = message.strip_prefix("missing field ") {
        return ProblemKind::WrongType { message: format!("{} is missing", rest.trim()) };
    }
    let words = [
        ("expected u32", "expected a whole number from 0 to 4294967295"),
        ("expected u64", "expected a whole number, 0 or more"),
        ("expected f64", "expected a number"),
        ("expected a boolean", "expected true or false"),
        ("expected a sequence", "expected a list in [ ]"),
        ("expected a map", "expected a table"),
        ("type: sequence", "type: list"),
        ("type: map", "type: table"),
        ("unknown variant", "unknown value"),
    ];
    let mut message = one_line(message);
    for (theirs, ours) in words {
        message = message.replace(theirs, ours);
    }
    if let Some(at) = message.find("expected struct ") {
        message.truncate(at);
        message.push_str("expected a table");
    }
    ProblemKind::WrongType { message }
}

fn one_line(message: &str) -> String {
    masked_message(message.trim()).replace('\n', ", ")
}

/// Removes the innermost entry that stands at `span`. Says whether there was one.
fn take_out_of_table(table: &mut DeTable<'_>, span: &Range<usize>) -> bool {
    for value in table.iter_mut().map(|(_, value)| value) {
        if take_out_of_value(value, span) {
            return true;
        }
    }
    let is_there = |key: &Range<usize>, value: &Range<usize>| covers(key, span) || covers(value, span);
    let found = table.iter().find(|(key, value)| is_there(&key.span(), &value.span()));
    match found.map(|(key, _)| key.clone()) {
        Some(key) => table.remove(&key).is_some(),
        None => false,
    }
}

fn take_out_of_value(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => take_out_of_table(table, span),
        DeValue::Array(array) => {
            if array.iter_mut().any(|item| take_out_of_value(item, span)) {
                return true;
            }
            let kept: DeArray<'_> =
                array.iter().filter(|item| !covers(&item.span(), span)).cloned().collect();
            let found = kept.len() < array.len();
            if found {
                *array = kept;
            }
            found
        }
        _ => false,
    }
}

fn covers(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
