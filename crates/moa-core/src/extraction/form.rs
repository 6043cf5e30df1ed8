//! The forms that an answer may have, and what is found of each in a text.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::mark::{marked, without_latex};
use super::{Number, choice, final_text, normalized, number};

/// What a line that states an answer begins with, in lower case and without decoration.
const CUES: [&str; 3] = ["final answer:", "answer:", "the answer is"];

/// Where in a text its answer is looked for, and how two answers are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerForm {
    /// What the text itself marks as its answer: after the last `####`, in the last `\boxed{...}`, or else on the last line that begins
    /// with `Answer:`. Numbers are compared by value, everything else by its words.
    #[default]
    Marked,
    /// The marked number, or else the last one, by value.
    Number,
    /// The letter of a multiple-choice answer.
    Choice,
    /// What is marked, or else the last line that is not empty, by its words.
    Text,
    /// The whole text, by its words.
    Whole,
}

impl AnswerForm {
    /// Its name in configurations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Marked => "marked",
            Self::Number => "number",
            Self::Choice => "choice",
            Self::Text => "text",
            Self::Whole => "whole",
        }
    }
}

/// The answer in a text, comparable.
#[derive(Debug, Clone, PartialEq)]
pub enum Extracted {
    /// A number, compared by value.
    Number(Number),
    /// Words, in lower case and with single spaces.
    Words(String),
}

impl fmt::Display for Extracted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Words(words) => f.write_str(words),
        }
    }
}

/// The answer in a text, if there is one of this form.
#[must_use]
pub fn extract(form: AnswerForm, text: &str) -> Option<Extracted> {
    match form {
        AnswerForm::Marked => stated(text),
        AnswerForm::Number => number(text).map(Extracted::Number),
        AnswerForm::Choice => choice(text).map(|letter| Extracted::Words(letter.to_string())),
        AnswerForm::Text => final_text(text).map(Extracted::Words),
        AnswerForm::Whole => words(text),
    }
}

/// What a text marks, or says on a line of its own, as its answer.
fn stated(text: &str) -> Option<Extracted> {
    let found = marked(text).or_else(|| text.lines().rev().find_map(after_cue))?;
    let plain = without_latex(found);
    lone_number(&plain).map(Extracted::Number).or_else(|| words(&plain))
}

/// What follows the cue that a line begins with, whatever stars and signs stand around it.
fn after_cue(line: &str) -> Option<&str> {
    let is_decoration = |c: char| c.is_whitespace() || "#*_>-`".contains(c);
    let line = line.trim_matches(is_decoration);
    let cue =
        CUES.iter().find(|cue| line.get(..cue.len()).is_some_and(|head| head.eq_ignore_ascii_case(cue)))?;
    let rest = line.get(cue.len()..)?.trim_start_matches(':').trim_matches(is_decoration);
    (!rest.is_empty()).then_some(rest)
}

/// The number that a text is, apart from signs of currency and percent and the full stop behind it.
fn lone_number(text: &str) -> Option<Number> {
    let text = text.trim().trim_start_matches(['$', '€', '£', '¥']).trim_start();
    let (number, length) = Number::at_start(text)?;
    let rest = text.get(length..)?;
    rest.chars().all(|c| c.is_whitespace() || ".%$€£¥*".contains(c)).then_some(number)
}

fn words(text: &str) -> Option<Extracted> {
    let words = normalized(text);
    (!words.is_empty()).then_some(Extracted::Words(words))
}
