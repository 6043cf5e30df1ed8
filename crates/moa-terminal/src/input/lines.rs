//! Input without an editor: a file, a pipe, a terminal that cannot be steered.

use std::io::{self, BufRead, Write as _};

use super::entry::{is_incomplete, parse};
use super::{Input, InputError};
use crate::neutral::neutral_line;

/// Reads inputs line by line, joined where a line says that it goes on.
pub(super) struct Lines<Reader> {
    reader: Reader,
    line: u64,
    /// Whether a person waits for a prompt.
    prompts: bool,
}

impl<Reader: BufRead> Lines<Reader> {
    pub(super) fn new(reader: Reader) -> Self {
        Self { reader, line: 0, prompts: false }
    }

    /// The same for a person at a terminal that no editor can use: with a prompt on standard error.
    pub(super) fn prompting(reader: Reader) -> Self {
        Self { prompts: true, ..Self::new(reader) }
    }

    pub(super) fn prompts(&self) -> bool {
        self.prompts
    }

    pub(super) fn read(&mut self, preset: &str) -> Result<Input, InputError> {
        let mut text = String::new();
        loop {
            if self.prompts {
                let prompt =
                    if text.is_empty() { format!("{} > ", neutral_line(preset)) } else { "... ".to_owned() };
                // Without a prompt one can still type.
                let _ = io::stderr().write_all(prompt.as_bytes());
            }
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
