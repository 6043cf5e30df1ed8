//! The answer in a text, and whether it is right.

use serde::{Deserialize, Serialize};

use super::mark::{marked, without_latex};
use super::{Number, Task, TaskKind};

/// What comes before a choice in prose, in lower case.
const CUES: [&str; 3] = ["answer is", "answer:", "answer is:"];

/// Whether an answer is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is one of the right answers.
    Correct,
    /// It is another one.
    Incorrect,
    /// There is no answer in the text.
    Invalid,
}

impl Verdict {
    /// 1 or 0, or nothing for an invalid answer.
    #[must_use]
    pub fn score(self) -> Option<f64> {
        match self {
            Self::Correct => Some(1.0),
            Self::Incorrect => Some(0.0),
            Self::Invalid => None,
        }
    }
}

/// A marked answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Marked {
    /// Whether it is right.
    pub verdict: Verdict,
    /// What was taken for the answer.
    pub extracted: Option<String>,
}

/// Marks a text by the rule of this module's head.
#[must_use]
pub fn mark(task: &Task, text: &str) -> Marked {
    let (found, is_right) = match task.kind {
        TaskKind::Number => {
            let found = number(text);
            let is_right = found.as_ref().is_some_and(|found| {
                task.answers.iter().any(|answer| number(answer).is_some_and(|answer| answer == *found))
            });
            (found.map(|number| number.to_string()), is_right)
        }
        TaskKind::Choice => {
            let found = choice(text);
            let is_right = found.is_some() && task.answers.iter().any(|answer| choice(answer) == found);
            (found.map(String::from), is_right)
        }
        TaskKind::Text => {
            let found = final_text(text);
            let is_equal = |expected: &str, found: &str| !expected.is_empty() && expected == found;
            let is_right = task.answers.iter().any(|answer| {
                let expected = normalized(answer);
                is_equal(&expected, &normalized(text))
                    || found.as_ref().is_some_and(|found| is_equal(&expected, found))
            });
            (found, is_right)
        }
    };
    let verdict = match (&found, is_right) {
        (None, _) => Verdict::Invalid,
        (Some(_), true) => Verdict::Correct,
        (Some(_), false) => Verdict::Incorrect,
    };
    Marked { verdict, extracted: found }
}

/// What counts as the answer in a text, as [`mark`] finds it.
#[must_use]
pub fn extract(kind: TaskKind, text: &str) -> Option<String> {
    match kind {
        TaskKind::Number => number(text).map(|number| number.to_string()),
        TaskKind::Choice => choice(text).map(String::from),
        TaskKind::Text => final_text(text),
    }
}

/// The marked number, or the last one.
pub(crate) fn number(text: &str) -> Option<Number> {
    // A mark may be followed by a calculation, whose result comes last, or by a sentence, whose number does not.
    let of_mark = marked(text).and_then(|answer| {
        let answer = without_latex(answer);
        let result = answer.rsplit_once('=').map_or(&*answer, |(_, result)| result);
        first_number(result).or_else(|| first_number(&answer))
    });
    of_mark.or_else(|| numbers(&without_latex(text)).last())
}

fn first_number(text: &str) -> Option<Number> {
    numbers(text).next()
}

/// All numbers of a text in their order. Digits that follow a Latin letter (`H2O`, `x1`) are part of a name, and a hyphen that follows a
/// letter, a digit or a closing bracket is no sign.
fn numbers(text: &str) -> impl Iterator<Item = Number> {
    let mut at = 0;
    let mut before = None;
    std::iter::from_fn(move || {
        while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
            let is_joined = before.is_some_and(|c: char| c.is_ascii_alphanumeric() || c == '_');
            let is_sign =
                matches!(character, '-' | '+' | '\u{2212}') && !matches!(before, Some(')' | ']' | '}'));
            let begins = character.is_ascii_digit() || character == '.' || is_sign;
            if begins
                && !is_joined
                && let Some((number, length)) = Number::at_start(&text[at..])
            {
                at += length;
                before = text[..at].chars().next_back();
                return Some(number);
            }
            before = Some(character);
            at += character.len_utf8();
        }
        None
    })
}

/// The marked letter, the one after the last cue, the last one in parentheses, or the only thing that there is.
fn choice(text: &str) -> Option<char> {
    if let Some(letter) = marked(text).and_then(leading_letter) {
        return Some(letter);
    }
    let lower = text.to_ascii_lowercase();
    let cue = CUES.iter().filter_map(|cue| lower.rfind(cue).map(|at| at + cue.len())).max();
    let after_cue = cue.and_then(|at| leading_letter(&text[at..]));
    after_cue.or_else(|| last_in_parentheses(text)).or_else(|| {
        let letter = leading_letter(text)?;
        let letters = text.chars().filter(|c| c.is_alphanumeric()).take(2).count();
        (letters == 1).then_some(letter)
    })
}

/// A letter that stands alone at the start, whatever punctuation is in front of it.
fn leading_letter(text: &str) -> Option<char> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || "(*:\"'`[{\\".contains(c));
    let text = text.strip_prefix("text{").unwrap_or(text);
    let mut characters = text.chars();
    let letter = characters.next().filter(char::is_ascii_alphabetic)?;
    let stands_alone = characters.next().is_none_or(|c| !c.is_alphanumeric() && c != '\'');
    stands_alone.then(|| letter.to_ascii_uppercase())
}

fn last_in_parentheses(text: &str) -> Option<char> {
    text.as_bytes().windows(3).rev().find_map(|window| match window {
        [b'(', letter, b')'] if letter.is_ascii_alphabetic() => Some(char::from(letter.to_ascii_uppercase())),
        _ => None,
    })
}

/// The marked text or the last line, made comparable.
fn final_text(text: &str) -> Option<String> {
    let last_line = || text.lines().rev().find(|line| !line.trim().is_empty());
    let found = normalized(marked(text).or_else(last_line)?);
    (!found.is_empty()).then_some(found)
}

/// Lower case, single spaces, and no punctuation around it.
fn normalized(text: &str) -> String {
    let is_wrapping = |c: char| c.is_whitespace() || (c.is_ascii_punctuation() && !"+-$%#".contains(c));
    let trimmed = text.trim_matches(is_wrapping).to_lowercase();
    trimmed.split_whitespace().collect::<Vec<&str>>().join(" ")
}
