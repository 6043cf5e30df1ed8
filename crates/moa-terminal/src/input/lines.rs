//! Input that nobody types: a file, a pipe.

use std::io::BufRead;

use super::entry::{is_incomplete, parse};
use super::{Input, InputError};

/// Reads inputs line by line, joined where a line says that it goes on.
pub(super) struct Lines<Reader> {
    reader: Reader,
    line: u64,
}

impl<Reader: BufRead> Lines<Reader> {
    pub(super) fn new(reader: Reader) -> Self {
        Self { reader, line: 0 }
    }

    pub(super) fn read(&mut self) -> Result<Input, InputError> {
        let mut text = String::new();
        loop {
            let Some(line) = self.next_line()? else {
                // What was begun is asked even if its end is missing.
                return Ok(parse(&text).unwrap_or(Input::End));
            };
            text.push_str(&line);
            if is_incomplete(&text) {
                text.push('\n');
                continue;
            }
            if let Some(input) = parse(&text) {
                return Ok(input);
            }
            text.clear();
        }
    }

    fn next_line(&mut self) -> Result<Option<String>, InputError> {
        let mut bytes = Vec::new();
        if self.reader.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        let mut line = String::from_utf8(bytes).map_err(|_| InputError::NotText { line: self.line })?;
        let end = line.trim_end_matches(['\n', '\r']).len();
        line.truncate(end);
        Ok(Some(line))
    }
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
