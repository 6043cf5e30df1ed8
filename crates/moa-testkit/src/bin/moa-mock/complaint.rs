//! What went wrong, for the person at the terminal.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use miette::{GraphicalReportHandler, GraphicalTheme};
use moa_testkit::{MockError, ScriptError};

/// A failure that ends the program.
#[derive(Debug)]
pub(crate) struct Complaint {
    code: u8,
    text: String,
}

impl Complaint {
    /// What was attempted failed.
    pub(crate) fn failed(message: impl fmt::Display) -> Self {
        Self { code: 1, text: format!("error: {message}\n") }
    }

    /// The command line cannot be right.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { code: 2, text: format!("error: {message}\n") }
    }

    /// The same with a hint.
    pub(crate) fn hint(mut self, hint: &str) -> Self {
        self.text.push_str("hint: ");
        self.text.push_str(hint);
        self.text.push('\n');
        self
    }

    /// Says it on standard error and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        // With standard error gone too, the exit code is all that is left to say it with.
        let _ = io::stderr().lock().write_all(self.text.as_bytes());
        self.code.into()
    }
}

impl From<ScriptError> for Complaint {
    fn from(error: ScriptError) -> Self {
        let mut shown = String::new();
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
        match handler.render_report(&mut shown, &error) {
            Ok(()) => Self { code: 2, text: format!("error:\n{shown}") },
            Err(_) => Self::usage(error),
        }
    }
}

impl From<MockError> for Complaint {
    fn from(error: MockError) -> Self {
        let complaint = Self::failed(&error);
        match error.hint() {
            Some(hint) => complaint.hint(hint),
            None => complaint,
        }
    }
}
