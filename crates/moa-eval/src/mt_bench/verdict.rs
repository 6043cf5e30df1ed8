//! The verdict out of what the judge wrote.

use serde::{Deserialize, Serialize};

/// What stands in place of a judgment when the judge could not be asked.
pub const API_ERROR: &str = "$ERROR$";

/// Scores that differ by no more than this are a tie.
const TIE_DELTA: f64 = 0.1;

/// A grade. Whole numbers stay whole numbers, as in the official files.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Score {
    /// A whole number.
    Whole(i64),
    /// A number with a decimal point, or one that is too large to be counted.
    Decimal(f64),
}

impl Score {
    /// What is noted where the judge gave no grade.
    pub const NONE: Self = Self::Whole(-1);

    /// The grade as a number.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "grades go to ten; beyond 2^53 none is exact")]
    pub fn value(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Decimal(value) => value,
        }
    }

    /// Whether it is a grade at all.
    #[must_use]
    pub fn is_valid(self) -> bool {
        let is_none = matches!(self, Self::Whole(-1) | Self::Decimal(-1.0));
        !is_none && self.value().is_finite()
    }
}

/// How a judge gives its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutputFormat {
    /// One grade.
    #[serde(rename = "[[rating]]")]
    Rating,
    /// The better assistant: A, B, or C for a tie.
    #[serde(rename = "[[A]]")]
    Letter,
    /// A grade for each assistant.
    #[serde(rename = "[[rating_a,rating_b]]")]
    TwoRatings,
}

/// The grade in a judgment: the first `[[number]]` anywhere, or else the first `[number]`, or else [`Score::NONE`].
///
/// There is no range: 0, 11 and 10.25 pass. A leading zero, at which the official script crashes, is ignored; digits of other scripts
/// are no digits here; a number beyond every floating-point number is no grade.
///
/// # Source
///
/// `one_score_pattern` and `one_score_pattern_backup` in `fastchat/llm_judge/common.py`.
#[must_use]
pub fn extract_score(judgment: &str) -> Score {
    first_bracketed(judgment, 2, one_number)
        .or_else(|| first_bracketed(judgment, 1, one_number))
        .filter(|score| score.is_valid())
        .unwrap_or(Score::NONE)
}

/// The outcome of one game, from the point of view of the order in which the judge saw the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairWinner {
    /// The first answer.
    A,
    /// The second answer.
    B,
    /// Neither.
    Tie,
    /// There is no verdict.
    Error,
}

/// The outcome of one game, as files write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GameWinner {
    /// The first model.
    #[serde(rename = "model_1")]
    Model1,
    /// The second model.
    #[serde(rename = "model_2")]
    Model2,
    /// Neither.
    Tie,
    /// There is no verdict.
    Error,
}

impl PairWinner {
    /// Who won, where `exchanged` says that the second model's answer was shown first, as in the second game.
    #[must_use]
    pub fn model(self, exchanged: bool) -> GameWinner {
        match (self, exchanged) {
            (Self::A, false) | (Self::B, true) => GameWinner::Model1,
            (Self::B, false) | (Self::A, true) => GameWinner::Model2,
            (Self::Tie, _) => GameWinner::Tie,
            (Self::Error, _) => GameWinner::Error,
        }
    }
}

/// The outcome of one game. Letters are looked for in the order A, B, C, wherever they stand; a single rating decides nothing.
#[must_use]
pub fn extract_pair_winner(judgment: &str, format: OutputFormat) -> PairWinner {
    match format {
        OutputFormat::Rating => PairWinner::Error,
        OutputFormat::Letter => {
            let letters = [("[[A]]", PairWinner::A), ("[[B]]", PairWinner::B), ("[[C]]", PairWinner::Tie)];
            letters
                .into_iter()
                .find(|(letter, _)| judgment.contains(letter))
                .map_or(PairWinner::Error, |(_, winner)| winner)
        }
        OutputFormat::TwoRatings => {
            let scores = first_bracketed(judgment, 2, two_numbers)
                .or_else(|| first_bracketed(judgment, 1, two_numbers));
            scores.map_or(PairWinner::Error, |(first, second)| compare(first, second))
        }
    }
}

fn compare(first: Score, second: Score) -> PairWinner {
    let difference = first.value() - second.value();
    if difference.is_nan() {
        PairWinner::Error
    } else if difference.abs() <= TIE_DELTA {
        PairWinner::Tie
    } else if difference > 0.0 {
        PairWinner::A
    } else {
        PairWinner::B
    }
}

/// The first place where brackets enclose exactly what `content` reads. Each byte is looked at a bounded number of times: `content`
/// reads no bracket, so two attempts never read the same digits.
fn first_bracketed<'a, T>(
    text: &'a str,
    brackets: usize,
    content: impl Fn(&'a str) -> Option<(T, &'a str)>,
) -> Option<T> {
    let (open, close) = (&"[["[..brackets], &"]]"[..brackets]);
    memchr::memchr_iter(b'[', text.as_bytes()).find_map(|at| {
        let inside = text[at..].strip_prefix(open)?;
        let (value, rest) = content(inside)?;
        rest.starts_with(close).then_some(value)
    })
}

/// `(\d+\.?\d*)`
fn one_number(text: &str) -> Option<(Score, &str)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    if whole == 0 {
        return None;
    }
    let has_point = text[whole..].starts_with('.');
    let end = if has_point { whole + 1 + digits(&text[whole + 1..]) } else { whole };
    let number = &text[..end];
    let score = match number.parse::<i64>() {
        Ok(value) if !has_point => Score::Whole(value),
        _ => Score::Decimal(number.parse().ok()?),
    };
    Some((score, &text[end..]))
}

/// `(\d+\.?\d*),\s?(\d+\.?\d*)`
fn two_numbers(text: &str) -> Option<((Score, Score), &str)> {
    let (first, rest) = one_number(text)?;
    let rest = rest.strip_prefix(',')?;
    let (second, rest) = one_number(rest.strip_prefix(char::is_whitespace).unwrap_or(rest))?;
    Some(((first, second), rest))
}
