//! `ast.literal_eval` of a dictionary that stands on one line, as far as what it gives can be written as JSON.
//!
//! The text is a judge's, so the parser refuses rather than guesses: names, operators, sets, nested dictionaries, comments. It reads
//! every character once and nests no deeper than `CPython`'s tokenizer does.

use super::parse_float;

/// `CPython`'s limit on open brackets (`MAXLEVEL` in its tokenizer).
const MOST_BRACKETS: usize = 200;

/// `CPython`'s limit on the digits of a decimal integer.
const MOST_DIGITS: usize = 4300;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    /// An integer, with the digits of one that is too large for 64 bits left out.
    Integer(Option<i64>, f64),
    /// A float.
    Float(f64),
    /// A string.
    Text(String),
    /// A list or a tuple.
    List(Vec<Literal>),
    /// A value that JSON has not: bytes, a complex number, an ellipsis, an empty set.
    Other,
}

/// A key of a dictionary, as JSON writes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Key {
    /// A string.
    Text(String),
    /// A number; equal numbers are one key.
    Number(f64, String),
    /// A key that JSON has not.
    Other,
}

/// Reads a dictionary. A repeated key keeps its first place and its last value. Nothing where Python would raise.
pub(crate) fn parse_dictionary(text: &str) -> Option<Vec<(Key, Literal)>> {
    // Python's own reader of sources turns lone carriage returns into line ends, and refuses zero bytes.
    let text = text.replace('\r', "\n");
    let mut parser = Parser { rest: &text, brackets: 0 };
    parser.open('{')?;
    let mut entries: Vec<(Key, Literal)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    while !parser.close('}') {
        let key = key(parser.expression()?)?;
        parser.expect(':')?;
        let value = parser.expression()?;
        match places.entry(identity(&key)) {
            std::collections::hash_map::Entry::Occupied(place) => {
                if let Some((_, old)) = entries.get_mut(*place.get()) {
                    *old = value;
                }
            }
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(entries.len());
                entries.push((key, value));
            }
        }
        if !parser.accept(',') && !parser.rest.trim_start_matches(is_blank).starts_with('}') {
            return None;
        }
    }
    parser.rest.trim_start_matches(is_blank).is_empty().then_some(entries)
}

/// What makes two keys the same one.
fn identity(key: &Key) -> (u8, String) {
    match key {
        Key::Text(text) => (0, text.clone()),
        Key::Number(number, _) => (1, number.to_string()),
        Key::Other => (2, String::new()),
    }
}

/// The key that a value is; lists cannot be keys.
fn key(literal: Literal) -> Option<Key> {
    Some(match literal {
        Literal::Text(text) => Key::Text(text),
        Literal::Integer(Some(integer), value) => Key::Number(value, integer.to_string()),
        Literal::Integer(None, value) | Literal::Float(value) => Key::Number(value, super::repr(value)),
        Literal::List(_) => return None,
        Literal::Other => Key::Other,
    })
}

/// White space between tokens. Line ends are there only in the form of carriage returns.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\u{c}' | '\n')
}

struct Parser<'a> {
    rest: &'a str,
    brackets: usize,
}

impl<'a> Parser<'a> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(is_blank);
        // A comment ends with its line; on the last line it swallows the closing brace, which then is missing.
        while self.rest.starts_with('#') {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.rest = self.rest[end..].trim_start_matches(is_blank);
        }
    }

    fn accept(&mut self, character: char) -> bool {
        self.skip_blanks();
        self.rest.strip_prefix(character).map(|rest| self.rest = rest).is_some()
    }

    fn expect(&mut self, character: char) -> Option<()> {
        self.accept(character).then_some(())
    }

    fn open(&mut self, bracket: char) -> Option<()> {
        self.expect(bracket)?;
        self.brackets += 1;
        (self.brackets <= MOST_BRACKETS).then_some(())
    }

    fn close(&mut self, bracket: char) -> bool {
        let closed = self.accept(bracket);
        self.brackets -= usize::from(closed && self.brackets > 0);
        closed
    }

    fn expression(&mut self) -> Option<Literal> {
        let left = self.signed()?;
        if !self.accept('+') && !self.accept('-') {
            return Some(left);
        }
        // The only operation that is a literal: a real number and an imaginary one.
        let is_real = matches!(left, Literal::Integer(..) | Literal::Float(_));
        let right = self.unsigned()?;
        (is_real && right == (Literal::Other, Kind::Imaginary)).then_some(Literal::Other)
    }

    fn signed(&mut self) -> Option<Literal> {
        let negative = self.accept('-');
        let signed = negative || self.accept('+');
        let (literal, kind) = self.unsigned()?;
        match (literal, kind) {
            (literal, _) if !signed => Some(literal),
            (_, Kind::Signed) => None,
            (Literal::Integer(integer, value), _) if negative => {
                Some(Literal::Integer(integer.and_then(i64::checked_neg), -value))
            }
            (Literal::Float(value), _) if negative => Some(Literal::Float(-value)),
            (literal @ (Literal::Integer(..) | Literal::Float(_)), _) => Some(literal),
            (Literal::Other, Kind::Imaginary) => Some(Literal::Other),
            _ => None,
        }
    }

    fn unsigned(&mut self) -> Option<(Literal, Kind)> {
        self.skip_blanks();
        let first = self.rest.chars().next()?;
        if first.is_ascii_digit() || (first == '.' && !self.rest.starts_with("...")) {
            return self.number();
        }
        let literal = match first {
            '[' => {
                self.open('[')?;
                Literal::List(self.items(']', Vec::new(), true)?)
            }
            '(' => return self.parenthesis(),
            '.' => {
                self.rest = self.rest.strip_prefix("...")?;
                Literal::Other
            }
            's' if self.rest.starts_with("set") => {
                self.rest = self.rest.strip_prefix("set")?;
                self.open('(')?;
                self.close(')').then_some(Literal::Other)?
            }
            _ => self.strings()?,
        };
        Some((literal, Kind::Other))
    }

    /// A value in parentheses, or a tuple.
    fn parenthesis(&mut self) -> Option<(Literal, Kind)> {
        self.open('(')?;
        if self.close(')') {
            return Some((Literal::List(Vec::new()), Kind::Other));
        }
        let before = self.rest;
        let first = self.expression()?;
        if self.close(')') {
            // A sign in front of the parenthesis may not meet another one inside.
            let is_imaginary = first == Literal::Other
                && before.trim_start_matches(is_blank).starts_with(|c: char| c.is_ascii_digit() || c == '.');
            let is_signed = before.trim_start_matches(is_blank).starts_with(['-', '+']);
            let kind = if is_imaginary {
                Kind::Imaginary
            } else if is_signed {
                Kind::Signed
            } else {
                Kind::Other
            };
            return Some((first, kind));
        }
        self.expect(',')?;
        Some((Literal::List(self.items(')', vec![first], true)?), Kind::Other))
    }

    /// The items up to a closing bracket, after those that were read; `open_for_more` where an item may follow.
    fn items(&mut self, end: char, mut items: Vec<Literal>, mut open_for_more: bool) -> Option<Vec<Literal>> {
        while !self.close(end) {
            if !open_for_more {
                return None;
            }
            items.push(self.expression()?);
            open_for_more = self.accept(',');
        }
        Some(items)
    }

    fn number(&mut self) -> Option<(Literal, Kind)> {
        let bytes = self.rest.as_bytes();
        let radix = match bytes {
            [b'0', b'x', ..] => 16,
            [b'0', b'o', ..] => 8,
            [b'0', b'b', ..] => 2,
            _ => return self.decimal(),
        };
        let digits: &str = &self.rest[2..];
        let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let (digits, rest) = digits.split_at(length);
        if digits.is_empty() || continues_number(rest) {
            return None;
        }
        self.rest = rest;
        let value = digits
            .chars()
            .filter_map(|digit| digit.to_digit(radix))
            .fold(0.0, |value: f64, digit| value * f64::from(radix) + f64::from(digit));
        Some((Literal::Integer(i64::from_str_radix(digits, radix).ok(), value), Kind::Other))
    }

    fn decimal(&mut self) -> Option<(Literal, Kind)> {
        let text = self.rest;
        let digits = |from: usize| {
            text.as_bytes()
                .get(from..)
                .map_or(from, |rest| from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count())
        };
        let integer_end = digits(0);
        let mut end = integer_end;
        if text[end..].starts_with('.') {
            end = digits(end + 1);
        }
        if end == 1 && text.starts_with('.') {
            return None;
        }
        if text[end..].starts_with('e') {
            let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
            let exponent_end = digits(end + 1 + sign);
            if exponent_end == end + 1 + sign {
                return None;
            }
            end = exponent_end;
        }
        let (number, rest) = text.split_at(end);
        if let Some(rest) = rest.strip_prefix('j') {
            self.rest = rest;
            return (!continues_number(rest)).then_some((Literal::Other, Kind::Imaginary));
        }
        if continues_number(rest) {
            return None;
        }
        self.rest = rest;
        let value = parse_float(number)?;
        if end > integer_end {
            return Some((Literal::Float(value), Kind::Other));
        }
        // A leading zero is an error, unless there are only zeros.
        let is_valid = !number.starts_with('0') || number.bytes().all(|byte| byte == b'0');
        (is_valid && number.len() <= MOST_DIGITS)
            .then(|| (Literal::Integer(number.parse().ok(), value), Kind::Other))
    }

    /// One string or more that follow each other and join.
    fn strings(&mut self) -> Option<Literal> {
        let mut text: Option<String> = None;
        let mut are_bytes = None;
        loop {
            self.skip_blanks();
            let letters = self.rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(self.rest.len());
            let (prefix, quoted) = self.rest.split_at(letters);
            if !quoted.starts_with(['\'', '"']) {
                return match (prefix, text, are_bytes) {
                    (_, None, _) => None,
                    (_, Some(_), Some(true)) => Some(Literal::Other),
                    (_, text, _) => text.map(Literal::Text),
                };
            }
            let (raw, bytes) = match prefix {
                "" | "u" => (false, false),
                "r" => (true, false),
                "b" => (false, true),
                "br" | "rb" => (true, true),
                _ => return None,
            };
            // Bytes and text do not join.
            if are_bytes.replace(bytes).is_some_and(|before| before != bytes) {
                return None;
            }
            self.rest = quoted;
            let content = self.quoted()?;
            if bytes && !content.is_ascii() {
                return None;
            }
            let text = text.get_or_insert_default();
            if raw {
                text.push_str(content);
            } else {
                super::unescape::push(text, content, bytes)?;
            }
        }
    }

    /// What stands between the quotes, escapes and all.
    fn quoted(&mut self) -> Option<&'a str> {
        let quote = self.rest.chars().next()?;
        let triple = [quote; 3].iter().collect::<String>();
        let delimiter = if self.rest.starts_with(&triple) { triple } else { quote.to_string() };
        let content = &self.rest[delimiter.len()..];
        let mut at = 0;
        loop {
            let found = memchr::memchr3(quote as u8, b'\\', b'\n', content.get(at..)?.as_bytes())? + at;
            match content.as_bytes()[found] {
                b'\\' => at = found + 1 + content[found + 1..].chars().next()?.len_utf8(),
                b'\n' if delimiter.len() == 1 => return None,
                b'\n' => at = found + 1,
                _ if content[found..].starts_with(&delimiter) => {
                    self.rest = &content[found + delimiter.len()..];
                    return Some(&content[..found]);
                }
                _ => at = found + 1,
            }
        }
    }
}

/// What a value without a sign is, where a sign or an operator in front of it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Imaginary,
    /// In parentheses and with a sign of its own.
    Signed,
    Other,
}

/// Whether a number cannot end here: letters, digits and dots would be part of it.
fn continues_number(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.')
}

#[cfg(test)]
#[path = "literal_tests.rs"]
mod tests;
