//! Numbers in prose, compared by value.

use std::fmt;

use serde::{Serialize, Serializer};

use super::mark::{marked, without_latex};

/// Exponents beyond this are typing errors, not numbers.
const LARGEST_EXPONENT: i64 = 10_000;

/// A decimal number of any length, or a fraction.
#[derive(Debug, Clone)]
pub struct Number {
    numerator: Decimal,
    denominator: Option<Decimal>,
}

/// Digits without zeros at either end, times a power of ten.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Number {
    /// The first number that begins at the start of the text, and how many bytes it takes.
    #[must_use]
    pub fn at_start(text: &str) -> Option<(Self, usize)> {
        let (numerator, length) = Decimal::at_start(text)?;
        let rest = &text[length..];
        // A fraction is written without anything between its parts, or it could be a date or a choice.
        let fraction = rest.strip_prefix('/').and_then(|rest| {
            let (denominator, digits) = Decimal::at_start(rest)?;
            let is_plain = rest.starts_with(|c: char| c.is_ascii_digit()) && !denominator.digits.is_empty();
            (is_plain && !rest[digits..].starts_with('/')).then_some((denominator, digits))
        });
        match fraction {
            Some((denominator, digits)) => {
                Some((Self { numerator, denominator: Some(denominator) }, length + 1 + digits))
            }
            None => Some((Self { numerator, denominator: None }, length)),
        }
    }

    /// Numerator and denominator, where they fit.
    fn ratio(&self) -> Option<(i128, i128)> {
        let (top, top_scale) = self.numerator.scaled()?;
        let (bottom, bottom_scale) = self.denominator.as_ref().map_or(Some((1, 1)), Decimal::scaled)?;
        Some((top.checked_mul(bottom_scale)?, bottom.checked_mul(top_scale)?))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        if self.denominator.is_none() && other.denominator.is_none() {
            return self.numerator == other.numerator;
        }
        let product = || {
            let ((top, bottom), (other_top, other_bottom)) = (self.ratio()?, other.ratio()?);
            Some(top.checked_mul(other_bottom)? == other_top.checked_mul(bottom)?)
        };
        product()
            .unwrap_or_else(|| self.numerator == other.numerator && self.denominator == other.denominator)
    }
}

impl Decimal {
    fn at_start(text: &str) -> Option<(Self, usize)> {
        let sign = text.chars().next().filter(|c| matches!(c, '-' | '+' | '\u{2212}'));
        let start = sign.map_or(0, char::len_utf8);
        let mut digits = String::new();
        let mut at = start + whole(&text[start..], &mut digits);
        let mut exponent = 0;
        let decimals = text[at..]
            .strip_prefix('.')
            .map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
        if decimals > 0 {
            digits.push_str(&text[at + 1..=at + decimals]);
            exponent = -i64::try_from(decimals).ok()?;
            at += 1 + decimals;
        }
        if digits.is_empty() {
            return None;
        }
        if let Some((power, length)) = power(&text[at..]) {
            exponent = exponent.checked_add(power)?;
            at += length;
        }
        let zeros = digits.len() - digits.trim_end_matches('0').len();
        exponent = exponent.checked_add(i64::try_from(zeros).ok()?)?;
        let digits = digits.trim_matches('0').to_owned();
        if digits.is_empty() {
            exponent = 0;
        }
        let negative = matches!(sign, Some('-' | '\u{2212}')) && !digits.is_empty();
        Some((Self { negative, digits, exponent }, at))
    }

    /// The value as a ratio with a power of ten.
    fn scaled(&self) -> Option<(i128, i128)> {
        let magnitude: i128 = if self.digits.is_empty() { 0 } else { self.digits.parse().ok()? };
        let scale = 10_i128.checked_pow(u32::try_from(self.exponent.unsigned_abs()).ok()?)?;
        let signed = if self.negative { -magnitude } else { magnitude };
        if self.exponent < 0 { Some((signed, scale)) } else { Some((signed.checked_mul(scale)?, 1)) }
    }
}

/// The marked number, or the last one.
#[must_use]
pub fn number(text: &str) -> Option<Number> {
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

/// Reads digits with thousands separators; a comma that no group of three digits follows ends the number.
fn whole(text: &str, digits: &mut String) -> usize {
    let bytes = text.as_bytes();
    let run = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = run(0);
    digits.push_str(&text[..at]);
    if !(1..=3).contains(&at) {
        return at;
    }
    while bytes.get(at) == Some(&b',') && run(at + 1) == 3 {
        digits.push_str(&text[at + 1..at + 4]);
        at += 4;
    }
    at
}

/// An exponent: `e5`, `E-3`.
fn power(text: &str) -> Option<(i64, usize)> {
    let rest = text.strip_prefix(['e', 'E'])?;
    let sign = usize::from(rest.starts_with(['-', '+']));
    let digits = rest[sign..].bytes().take_while(u8::is_ascii_digit).count();
    let follows = rest[sign + digits..].starts_with(char::is_alphabetic);
    let power: i64 = rest[..sign + digits].parse().ok()?;
    (digits > 0 && !follows && power.abs() <= LARGEST_EXPONENT).then_some((power, 1 + sign + digits))
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.numerator)?;
        match &self.denominator {
            Some(denominator) => write!(formatter, "/{denominator}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let digits = if self.digits.is_empty() { "0" } else { &self.digits };
        let shift = usize::try_from(self.exponent.unsigned_abs()).unwrap_or(usize::MAX);
        match self.exponent {
            0 => write!(formatter, "{sign}{digits}"),
            1..=20 => write!(formatter, "{sign}{digits}{}", "0".repeat(shift)),
            -20..=-1 if shift < digits.len() => {
                let (whole, decimals) = digits.split_at(digits.len() - shift);
                write!(formatter, "{sign}{whole}.{decimals}")
            }
            -20..=-1 => write!(formatter, "{sign}0.{}{digits}", "0".repeat(shift - digits.len())),
            exponent => write!(formatter, "{sign}{digits}e{exponent}"),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
