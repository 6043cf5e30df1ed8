//! What went wrong, for the person at the terminal: a message, a hint, an exit code.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use moa_core::Failure;

/// The exit codes that scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// What was attempted failed.
    Failed,
    /// It failed, and whoever should know was told.
    Told,
    /// The command or the configuration cannot be right.
    Usage,
    /// The person stopped it (128 + SIGINT, as shells have it).
    Interrupted,
    /// The reader of our output is gone; nothing to say to anybody.
    ReaderGone,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Failed | Exit::Told => Self::from(1),
            Exit::Usage => Self::from(2),
            Exit::Interrupted => Self::from(130),
            Exit::ReaderGone => Self::SUCCESS,
        }
    }
}

/// A failure that ends the program.
#[derive(Debug)]
pub(crate) struct Complaint {
    exit: Exit,
    message: String,
    hint: Option<String>,
}

impl Complaint {
    /// What was attempted failed.
    pub(crate) fn failed(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Failed, message: message.to_string(), hint: None }
    }

    /// It failed, and the person was told already.
    pub(crate) fn told() -> Self {
        Self { exit: Exit::Told, message: String::new(), hint: None }
    }

    /// The command or the configuration cannot be right.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Usage, message: message.to_string(), hint: None }
    }

    /// The person stopped it; `kept` says what is left of it.
    pub(crate) fn interrupted(kept: impl fmt::Display) -> Self {
        Self { exit: Exit::Interrupted, message: kept.to_string(), hint: None }
    }

    /// The same with a hint, where there is one.
    pub(crate) fn with_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// The same for a client of the server, who is not at this terminal.
    pub(crate) fn into_unavailable(self) -> moa_server::Unavailable {
        moa_server::Unavailable { message: self.message, hint: self.hint }
    }

    /// Says it on stderr as a warning: `consequence` is what it means, and the program goes on.
    pub(crate) fn warn(&self, consequence: &str) {
        let mut text = format!("warning: {consequence}: {}\n", self.message);
        self.push_hint(&mut text);
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Says it on stderr and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        self.tell();
        self.exit.into()
    }

    /// Says it on stderr.
    pub(crate) fn tell(&self) {
        if matches!(self.exit, Exit::ReaderGone | Exit::Told) {
            return;
        }
        let mut text = match self.exit {
            Exit::Interrupted => format!("{}\n", self.message),
            _ if self.message.contains('\n') => format!("error:\n{}\n", self.message.trim_end()),
            _ => format!("error: {}\n", self.message),
        };
        self.push_hint(&mut text);
        // With stderr gone too, the exit code is all that is left to say it with.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    fn push_hint(&self, text: &mut String) {
        if let Some(hint) = &self.hint {
            text.push_str("hint: ");
            text.push_str(hint);
            text.push('\n');
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl From<io::Error> for Complaint {
    /// Writing to stdout is what fails here: a reader that left is no failure.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self { exit: Exit::ReaderGone, message: String::new(), hint: None };
        }
        Self::failed(format!("cannot write the output: {error}"))
    }
}

impl From<Failure> for Complaint {
    fn from(failure: Failure) -> Self {
        Self::failed(&failure.message).with_hint(failure.hint)
    }
}
