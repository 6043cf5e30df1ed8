//! Where secrets may stand in the text of a file, so that no report of any error shows them.
//!
//! The text may be damaged in any way, so nothing here relies on a parser: a value begins behind a name that asks for a secret,
//! wherever that name stands, and ends where TOML says that such a value ends, or with the text. Too much is struck out rather
//! than too little.

use std::ops::Range;

use crate::masking::{masked_message, may_be_key, names_secret};

/// The secrets of one text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets {
    /// Bytes of the text, in order.
    ranges: Vec<Range<usize>>,
    /// What messages must not repeat, the longest first.
    words: Vec<String>,
}

impl Secrets {
    /// Everything in `text` that may be a secret.
    pub(crate) fn find(text: &str) -> Self {
        let mut scanner = Scanner { text, position: 0, in_secret_table: false, ranges: Vec::new() };
        scanner.scan();
        let mut words: Vec<String> = scanner
            .ranges
            .iter()
            .flat_map(|range| spellings(text.get(range.clone()).unwrap_or_default()))
            .collect();
        words.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        words.dedup();
        Self { ranges: scanner.ranges, words }
    }

    /// The text with the secrets replaced by as many stars as they have bytes, so that lines and places stay where they are.
    pub(crate) fn struck_out(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut end = 0;
        for range in &self.ranges {
            shown.push_str(text.get(end..range.start).unwrap_or_default());
            for character in text.get(range.clone()).unwrap_or_default().chars() {
                match character {
                    '\n' | '\r' => shown.push(character),
                    _ => shown.extend(std::iter::repeat_n('*', character.len_utf8())),
                }
            }
            end = range.end;
        }
        shown.push_str(text.get(end..).unwrap_or_default());
        shown
    }

    /// A message about the text without the secrets that it repeats, and without anything that looks like a key.
    pub(crate) fn redacted(&self, message: &str) -> String {
        let mut message = masked_message(message);
        for word in &self.words {
            message = without(&message, word);
        }
        message
    }
}

/// `message` with every occurrence of `word` replaced by stars; a short one only where it stands alone, because the words of the
/// message itself would be hit otherwise.
fn without(message: &str, word: &str) -> String {
    const LEAST_LENGTH_INSIDE_WORDS: usize = 4;
    let mut shown = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(start) = rest.find(word) {
        let (before, found) = rest.split_at(start);
        let after = found.get(word.len()..).unwrap_or_default();
        let before_ends_word = before
            .chars()
            .next_back()
            .or(shown.chars().next_back())
            .is_none_or(|last| !last.is_alphanumeric());
        let stands_alone =
            before_ends_word && after.chars().next().is_none_or(|next| !next.is_alphanumeric());
        shown.push_str(before);
        if word.len() >= LEAST_LENGTH_INSIDE_WORDS || stands_alone {
            shown.extend(std::iter::repeat_n('*', word.chars().count()));
        } else {
            shown.push_str(word);
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// How messages may spell a secret that was written like this: as it was, without its escapes, with other ones, line by line.
fn spellings(written: &str) -> Vec<String> {
    let mut spellings = vec![written.to_owned()];
    spellings.extend(written.split(['"', '\'', '\n', '\r']).map(str::to_owned));
    for quoted in
        [format!("x = \"\"\"{written}\"\"\""), format!("x = [{written}]"), format!("x = {{{written}}}")]
    {
        if let Ok(table) = quoted.parse::<toml::Table>() {
            table.values().for_each(|value| collect_texts(value, &mut spellings));
        }
    }
    let escaped: Vec<String> = spellings.iter().map(|text| text.escape_debug().to_string()).collect();
    spellings.extend(escaped);
    let trimmed = spellings
        .into_iter()
        .map(|text| text.trim_matches(|c: char| c.is_whitespace() || c == ',').to_owned());
    trimmed.filter(|text| text.contains(char::is_alphanumeric)).collect()
}

fn collect_texts(value: &toml::Value, texts: &mut Vec<String>) {
    match value {
        toml::Value::String(text) => {
            texts.push(text.clone());
            texts.extend(text.lines().map(str::to_owned));
        }
        toml::Value::Array(values) => values.iter().for_each(|value| collect_texts(value, texts)),
        toml::Value::Table(table) => table.values().for_each(|value| collect_texts(value, texts)),
        _ => {}
    }
}

struct Scanner<'text> {
    text: &'text str,
    position: usize,
    /// Whether the table that was opened last is named like a secret.
    in_secret_table: bool,
    ranges: Vec<Range<usize>>,
}

impl Scanner<'_> {
    fn scan(&mut self) {
        while let Some(first) = self.rest().chars().next() {
            if self.is_at_line_start() {
                self.see_header();
            }
            if is_part(first) {
                self.word();
            } else if self.rest().starts_with("://") {
                self.position += "://".len();
                self.url_user();
            } else {
                self.position += first.len_utf8();
                if first == '=' && self.in_secret_table {
                    self.value();
                }
            }
        }
    }

    fn rest(&self) -> &str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn is_at_line_start(&self) -> bool {
        self.text.get(..self.position).is_some_and(|before| before.is_empty() || before.ends_with('\n'))
    }

    /// Notes what table a line opens, if it opens one.
    fn see_header(&mut self) {
        let line = self.rest().lines().next().unwrap_or_default().trim_start();
        if line.starts_with('[') {
            let names = line.split(']').next().unwrap_or_default();
            self.in_secret_table = names.split(|character: char| !is_part(character)).any(path_names_secret);
        }
    }

    /// A name or a bare value.
    fn word(&mut self) {
        let length = self.rest().find(|character| !is_part(character)).unwrap_or(self.rest().len());
        let word = self.position..self.position + length;
        let text = self.text.get(word.clone()).unwrap_or_default();
        let (is_name, is_key) = (path_names_secret(text), may_be_key(text));
        let is_bearer = text.eq_ignore_ascii_case("bearer");
        self.position = word.end;
        if is_key {
            self.ranges.push(word);
        }
        if is_name && let Some(length) = assignment_length(self.rest()) {
            self.position += length;
            self.value();
        } else if is_bearer {
            self.position += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
            let end = |character: char| character.is_whitespace() || "\"'".contains(character);
            let length = self.rest().find(end).unwrap_or(self.rest().len());
            self.strike(length);
        }
    }

    /// User and password of an address, behind its `://`.
    fn url_user(&mut self) {
        let end = |character: char| character.is_whitespace() || "/\"'".contains(character);
        let authority = self.rest().split(end).next().unwrap_or_default();
        if let Some(length) = authority.rfind('@') {
            self.strike(length);
        }
    }

    /// The value of a secret, wherever it ends.
    fn value(&mut self) {
        let blank = self.rest().len() - self.rest().trim_start().len();
        let is_on_this_line = !self.rest().get(..blank).unwrap_or_default().contains('\n');
        // A text on the next line is most likely the value of a damaged assignment.
        if !is_on_this_line && !self.rest().trim_start().starts_with(['"', '\'']) {
            return;
        }
        self.position += blank;
        let rest = self.rest();
        let (open, inner, close) = match rest.chars().next() {
            Some('"' | '\'') => text_lengths(rest),
            Some('[' | '{') => (1, balanced_length(rest) - 1, 0),
            _ => (0, line_length(rest), 0),
        };
        self.position += open;
        self.strike(inner);
        self.position += close;
        let line = self.rest().get(..line_length(self.rest())).unwrap_or_default();
        let is_ended = line.trim_start().is_empty() || line.trim_start().starts_with([',', ']', '}', '#']);
        // More behind the end of a value is a part of it that quotes have cut off.
        if !is_ended {
            let length = line.len();
            self.strike(length);
        }
    }

    /// Strikes out the next `length` bytes.
    fn strike(&mut self, length: usize) {
        if length > 0 {
            self.ranges.push(self.position..self.position + length);
        }
        self.position += length;
    }
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_.+/~".contains(character)
}

/// Whether one of the names with dots between them asks for a secret.
fn path_names_secret(path: &str) -> bool {
    path.split('.').any(names_secret)
}

/// The bytes up to and including the sign that gives a value to the name before `rest`, if there is one.
fn assignment_length(rest: &str) -> Option<usize> {
    // The name may stand in quotes, and be one of several with dots between them.
    let more = rest.strip_prefix(['"', '\'']).unwrap_or(rest).trim_start_matches([' ', '\t']);
    let more = match more.strip_prefix('.') {
        Some(path) => path.trim_start_matches(|character| is_part(character) || " \t\"'".contains(character)),
        None => more,
    };
    more.starts_with(['=', ':']).then(|| rest.len() - more.len() + 1)
}

/// The lengths of the opening quotes, the text and the closing quotes at the beginning of `rest`. A text that is not closed ends with
/// its line, or with everything where its kind goes on over lines.
fn text_lengths(rest: &str) -> (usize, usize, usize) {
    let quote = if rest.starts_with('"') { b'"' } else { b'\'' };
    let is_long = ["\"\"\"", "'''"].iter().any(|open| rest.starts_with(open));
    let width = if is_long { 3 } else { 1 };
    let bytes = rest.as_bytes();
    let mut end = width;
    while let Some(byte) = bytes.get(end) {
        match *byte {
            b'\\' if quote == b'"' => end += 1,
            b'\n' if !is_long => return (width, end - width, 0),
            byte if byte == quote => {
                let run = bytes.iter().skip(end).take_while(|byte| **byte == quote).count();
                if run >= width {
                    // Up to two quotes may belong to the text itself.
                    let own = if is_long { (run - width).min(2) } else { 0 };
                    return (width, end + own - width, width);
                }
                end += run - 1;
            }
            _ => {}
        }
        end += 1;
    }
    (width, rest.len() - width, 0)
}

/// The length of the list or table at the beginning of `rest` without its last bracket; all of it where that is missing.
fn balanced_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut position = 0;
    while let Some(character) = rest.get(position..).and_then(|rest| rest.chars().next()) {
        let here = rest.get(position..).unwrap_or_default();
        match character {
            '[' | '{' => depth += 1,
            ']' | '}' => {
                depth -= 1;
                if depth == 0 {
                    return position;
                }
            }
            '"' | '\'' => {
                let (open, inner, close) = text_lengths(here);
                position += open + inner + close;
                continue;
            }
            '#' => {
                position += line_length(here);
                continue;
            }
            _ => {}
        }
        position += character.len_utf8();
    }
    rest.len()
}

/// The bytes up to the end of the line.
fn line_length(rest: &str) -> usize {
    rest.find(['\n', '\r']).unwrap_or(rest.len())
}

#[cfg(test)]
#[path = "secrets_tests.rs"]
mod tests;
