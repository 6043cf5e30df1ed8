//! How a run is to be shown, and where.

use std::io::IsTerminal;

use crate::restore::is_dumb;

/// How much of a run is shown besides its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TraceMode {
    /// Every agent while it works; a line for each layer that is done.
    #[default]
    Live,
    /// As `Live`, and each proposal's whole text when its agent is done.
    Full,
    /// Errors and warnings only.
    None,
}

/// How the answer is written to a terminal. What is no terminal gets the model's own text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AnswerMode {
    /// Markdown is set as text: headings, lists, tables, code.
    #[default]
    Markdown,
    /// As the model wrote it.
    Raw,
}

/// The size of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl TerminalSize {
    /// What is assumed where nothing can be asked.
    pub const FALLBACK: Self = Self { width: 80, height: 24 };

    /// The size of the terminal that this process runs in, or the fall-back. Cheap enough to be asked at every tick.
    #[must_use]
    pub fn detect() -> Self {
        match asked_size() {
            // Some pseudo-terminals say 0 until somebody sets their size.
            Ok((width, height)) if width > 0 && height > 0 => Self { width, height },
            _ => Self::FALLBACK,
        }
    }
}

/// Columns and rows. On Unix `crossterm::terminal::size` would start the program `tput`, twice, where there is no terminal.
#[cfg(unix)]
fn asked_size() -> std::io::Result<(u16, u16)> {
    crossterm::terminal::window_size().map(|size| (size.columns, size.rows))
}

/// Columns and rows.
#[cfg(not(unix))]
fn asked_size() -> std::io::Result<(u16, u16)> {
    crossterm::terminal::size()
}

/// How a run is to be shown, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewOptions {
    /// How much is shown besides the answer.
    pub trace: TraceMode,
    /// How the answer is written to a terminal.
    pub answer: AnswerMode,
    /// Whether the answer goes to a terminal.
    pub stdout_is_terminal: bool,
    /// Whether all else goes to a terminal.
    pub stderr_is_terminal: bool,
    /// Whether colours and other styles may be used where there is a terminal.
    pub color: bool,
    /// The terminal's size at the start.
    pub size: TerminalSize,
}

impl ViewOptions {
    /// Options for the standard streams of this process. Obeys `NO_COLOR` and `TERM=dumb`.
    #[must_use]
    pub fn detect(trace: TraceMode, answer: AnswerMode) -> Self {
        // A terminal that cannot move its cursor is written to as if it were a file.
        let dumb = is_dumb();
        let stderr_is_terminal = std::io::stderr().is_terminal() && !dumb;
        Self {
            trace,
            answer,
            stdout_is_terminal: std::io::stdout().is_terminal() && !dumb,
            stderr_is_terminal,
            color: color_is_wanted() && !dumb,
            size: TerminalSize::detect(),
        }
    }

    /// Whether what goes to `stderr` may have colours.
    #[must_use]
    pub fn color_on_stderr(&self) -> bool {
        self.color && self.stderr_is_terminal
    }
}

/// Whether the environment allows colours: `NO_COLOR` is not set to anything.
#[must_use]
pub fn color_is_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
