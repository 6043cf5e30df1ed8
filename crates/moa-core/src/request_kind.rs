//! What kind of answer a request wants, by the look of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::conversation::{Conversation, Role};

/// What kind of answer a request wants, by the look of it. No model is asked, and nothing depends on it but a note: whoever measured a
/// mixture on one kind of request can be told that another kind comes.
///
/// # The rule
/// The last message of the user is looked at, the first that fits counts:
///
/// 1. **choice**: two or more lines (or places behind a space) begin with the next letters of the alphabet as options: `(A)`, `A)`, `A.`;
/// 2. **code**: a fenced block, `def` or `class` at the beginning of a line, or one of the words *function, code, program, script,
///    implement, refactor, regex, sql, python, rust, javascript, typescript, java, c++, bash*;
/// 3. **number**: *how many*, *how much*, *how old*, *how long*, *how far*, *what percent*, *calculate* or *compute*, or a question mark or
///    *find*, *what is* together with two or more numbers;
/// 4. **text**: everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestKind {
    /// A number.
    Number,
    /// One of some given answers.
    Choice,
    /// A program.
    Code,
    /// Anything else.
    Text,
}

const CODE_WORDS: [&str; 15] = [
    "function",
    "code",
    "program",
    "script",
    "implement",
    "refactor",
    "regex",
    "sql",
    "python",
    "rust",
    "javascript",
    "typescript",
    "java",
    "c++",
    "bash",
];

const AMOUNTS: [&str; 8] =
    ["how many", "how much", "how old", "how long", "how far", "what percent", "calculate", "compute"];

impl RequestKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Number, Self::Choice, Self::Code, Self::Text];

    /// The kind of the last thing that the user said.
    #[must_use]
    pub fn of(conversation: &Conversation) -> Self {
        let last = conversation.messages().iter().rev().find(|message| message.role == Role::User);
        last.map_or(Self::Text, |message| Self::of_text(&message.content))
    }

    /// The kind of a text.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let lower = text.to_lowercase();
        if has_options(text) {
            Self::Choice
        } else if is_about_code(text, &lower) {
            Self::Code
        } else if wants_number(&lower) {
            Self::Number
        } else {
            Self::Text
        }
    }

    /// The kind in the words of the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Choice => "choice",
            Self::Code => "code",
            Self::Text => "text",
        }
    }

    /// For sentences: `a number is wanted`.
    #[must_use]
    pub fn wanted(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Choice => "one of some given answers",
            Self::Code => "code",
            Self::Text => "free text",
        }
    }
}

impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RequestKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(())
    }
}

/// Whether options are listed: A and B at least.
fn has_options(text: &str) -> bool {
    let is_option = |word: &str, letter: char| {
        [format!("({letter})"), format!("{letter})"), format!("{letter}."), format!("{letter}:")]
            .contains(&word.to_owned())
    };
    let mut wanted = ['A', 'B'].into_iter().peekable();
    for word in text.split_whitespace() {
        let word: String = word.chars().take(3).collect();
        let starts = |length: usize| word.chars().take(length).collect::<String>();
        if let Some(letter) = wanted.peek().copied()
            && (is_option(&starts(3), letter) || is_option(&starts(2), letter))
        {
            wanted.next();
        }
    }
    wanted.peek().is_none()
}

fn is_about_code(text: &str, lower: &str) -> bool {
    let defines =
        |line: &str| line.starts_with("def ") || line.starts_with("class ") || line.starts_with("fn ");
    let mut words = lower.split(|c: char| !(c.is_alphanumeric() || c == '+'));
    text.contains("```")
        || text.lines().any(|line| defines(line.trim_start()))
        || words.any(|word| CODE_WORDS.contains(&word))
}

fn wants_number(lower: &str) -> bool {
    if AMOUNTS.iter().any(|amount| lower.contains(amount)) {
        return true;
    }
    let numbers =
        lower.split_whitespace().filter(|word| word.starts_with(|c: char| c.is_ascii_digit() || c == '$'));
    let asks = lower.contains('?') || lower.contains("find ") || lower.contains("what is");
    asks && numbers.count() >= 2
}

#[cfg(test)]
#[path = "request_kind_tests.rs"]
mod tests;
