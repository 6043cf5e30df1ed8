//! What a person types in a chat: questions of one or more lines, and commands that begin with a slash.

mod editor;
mod entry;
mod lines;

use std::io::{self, BufRead, BufReader, IsTerminal};
use std::path::PathBuf;

use self::editor::Editor;
use self::lines::Lines;
use crate::restore::is_dumb;

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Something to ask. Never empty. A leading slash was typed twice.
    Text(String),
    /// `/name argument`. Any name: whether it is known is for the caller to say.
    Command {
        /// What follows the slash, up to the first white space.
        name: String,
        /// The rest without surrounding white space; empty where there is none.
        argument: String,
    },
    /// Ctrl-C at the prompt.
    Interrupted,
    /// Ctrl-D, or nothing more to read.
    End,
}

/// A command that can be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlashCommand {
    /// The name without the slash.
    pub name: String,
    /// What it does, in a few words.
    pub help: String,
}

/// How input is read.
#[derive(Debug, Clone, Default)]
pub struct ChatInputOptions {
    /// The commands to complete.
    pub commands: Vec<SlashCommand>,
    /// Where earlier input is kept for the next time, readable by its owner only.
    pub history: Option<PathBuf>,
    /// Whether colours may be used.
    pub color: bool,
}

/// Why input could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The input is no text.
    #[error("line {line} of the input is not valid UTF-8")]
    NotText {
        /// The line, counted from 1.
        line: u64,
    },
    /// The input or the terminal failed.
    #[error("the input could not be read: {0}")]
    Read(#[from] io::Error),
}

impl InputError {
    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotText { .. } => {
                Some("convert it first, for example with: iconv -f LATIN1 -t UTF-8".to_owned())
            }
            Self::Read(_) => None,
        }
    }
}

/// Reads a chat: with an editor on a terminal, line by line from anything else.
#[derive(Debug)]
pub struct ChatInput {
    source: Source,
    history_problem: Option<String>,
}

enum Source {
    Editor(Box<Editor>),
    Lines(Lines<Box<dyn BufRead + Send>>),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Editor(_) => "Editor",
            Self::Lines(_) => "Lines",
        })
    }
}

impl ChatInput {
    /// Reads standard input. The editor draws on standard error, and needs a terminal there and on standard output, through which it
    /// asks the terminal where the cursor is. Otherwise a person at a terminal gets a prompt and the terminal's own line.
    ///
    /// A history file that cannot be used is no reason not to chat: see [`ChatInput::history_problem`].
    #[must_use]
    pub fn new(options: ChatInputOptions) -> Self {
        let is_typed = io::stdin().is_terminal() && io::stderr().is_terminal();
        if !is_typed {
            return Self::from_reader(BufReader::new(io::stdin()));
        }
        if is_dumb() || !io::stdout().is_terminal() {
            let lines = Lines::prompting(Box::new(BufReader::new(io::stdin())) as Box<dyn BufRead + Send>);
            return Self { source: Source::Lines(lines), history_problem: None };
        }
        let (editor, history_problem) = Editor::new(options);
        Self { source: Source::Editor(Box::new(editor)), history_problem }
    }

    /// Reads lines from `reader`, with no prompt, no history and no completion.
    pub fn from_reader(reader: impl BufRead + Send + 'static) -> Self {
        Self { source: Source::Lines(Lines::new(Box::new(reader))), history_problem: None }
    }

    /// Whether a person types at a terminal.
    #[must_use]
    pub fn is_interactive(&self) -> bool {
        match &self.source {
            Source::Editor(_) => true,
            Source::Lines(lines) => lines.prompts(),
        }
    }

    /// Why input is not kept for the next time, if it is not.
    #[must_use]
    pub fn history_problem(&self) -> Option<&str> {
        self.history_problem.as_deref()
    }

    /// Waits for the next input. The prompt shows `preset`. Blank input is passed over.
    ///
    /// Blocks its thread: call it where that does no harm.
    ///
    /// # Errors
    /// When the input is no text or cannot be read.
    pub fn read(&mut self, preset: &str) -> Result<Input, InputError> {
        match &mut self.source {
            Source::Editor(editor) => editor.read(preset),
            Source::Lines(lines) => lines.read(preset),
        }
    }
}
