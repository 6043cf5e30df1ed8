//! What is printed of each run.

use std::io::{self, Write as _};

use serde::Serialize;

/// Why the program ends.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// A run. Moments are nanoseconds of `CLOCK_MONOTONIC`, as the mock's log has them.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Line {
    /// The text that every request of the run contains.
    pub(crate) tag: String,
    pub(crate) due_ns: u64,
    pub(crate) begin_ns: u64,
    pub(crate) end_ns: u64,
    /// When each piece of the answer came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) pieces_ns: Vec<u64>,
}

/// The text that marks the requests of a run in the mock's log.
pub(crate) fn tag(run: u64) -> String {
    format!("run-{run:06}")
}

/// A question of 1 KB that contains the tag.
pub(crate) fn question(run: u64) -> String {
    let mut question = format!("{}: what do you make of this?", tag(run));
    while question.len() < 1_000 {
        question.push_str(" The lighthouse keeper counts the waves.");
    }
    question
}

/// Prints a run.
pub(crate) fn print(line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    io::stdout().lock().write_all(text.as_bytes())
}
