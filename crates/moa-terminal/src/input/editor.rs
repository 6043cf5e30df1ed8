//! Input that a person types at a terminal.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::Path;

use crossterm::ExecutableCommand as _;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use reedline::{
    ColumnarMenu, Completer, CompletionResult, EditCommand, Emacs, FileBackedHistory, KeyCode, KeyModifiers,
    MenuBuilder, Prompt, PromptEditMode, PromptHistorySearch, PromptHistorySearchStatus, Reedline,
    ReedlineEvent, ReedlineMenu, Signal, Span, Suggestion, ValidationResult, Validator,
    default_emacs_keybindings,
};

use super::entry::{is_incomplete, parse};
use super::{ChatInputOptions, Input, InputError, SlashCommand};
use crate::neutral::neutral_line;

/// Inputs that are remembered.
const HISTORY_ENTRIES: usize = 2_000;

const MENU: &str = "commands";

/// A line editor with history and completion.
pub(super) struct Editor {
    reedline: Reedline,
}

impl Editor {
    /// An editor, and why its history is not kept if it is not.
    pub(super) fn new(options: ChatInputOptions) -> (Self, Option<String>) {
        let menu = ColumnarMenu::default().with_name(MENU).with_columns(1);
        let mut keys = default_emacs_keybindings();
        let complete =
            ReedlineEvent::UntilFound(vec![ReedlineEvent::Menu(MENU.to_owned()), ReedlineEvent::MenuNext]);
        keys.add_binding(KeyModifiers::NONE, KeyCode::Tab, complete);
        keys.add_binding(KeyModifiers::SHIFT, KeyCode::BackTab, ReedlineEvent::MenuPrevious);
        for (modifier, key) in
            [(KeyModifiers::ALT, KeyCode::Enter), (KeyModifiers::CONTROL, KeyCode::Char('j'))]
        {
            keys.add_binding(modifier, key, ReedlineEvent::Edit(vec![EditCommand::InsertNewline]));
        }
        let mut reedline = Reedline::create()
            .with_edit_mode(Box::new(Emacs::new(keys)))
            .with_completer(Box::new(Commands(options.commands)))
            .with_menu(ReedlineMenu::EngineCompleter(Box::new(menu)))
            .with_validator(Box::new(Continuation))
            .with_quick_completions(true)
            .with_partial_completions(true)
            .with_ansi_colors(options.color);
        let mut problem = None;
        if let Some(path) = options.history {
            match open_history(&path) {
                Ok(history) => reedline = reedline.with_history(Box::new(history)),
                Err(reason) => {
                    problem = Some(format!("the history {} cannot be used: {reason}", path.display()));
                }
            }
        }
        (Self { reedline }, problem)
    }

    pub(super) fn read(&mut self, preset: &str) -> Result<Input, InputError> {
        let prompt = ChatPrompt { preset: neutral_line(preset) };
        loop {
            let paste = BracketedPaste::begin();
            let signal = self.reedline.read_line(&prompt);
            drop(paste);
            match signal? {
                Signal::Success(text) => {
                    // Kept at once: what was typed must outlive a crash of the run that follows. A history that cannot be
                    // written must not end the chat.
                    let _ = self.reedline.sync_history();
                    if let Some(input) = parse(&text) {
                        return Ok(input);
                    }
                }
                Signal::CtrlC => return Ok(Input::Interrupted),
                Signal::CtrlD => return Ok(Input::End),
                _ => {}
            }
        }
    }
}

/// For as long as this lives, the terminal marks what is pasted, so that its line ends do not send it. The editor's own switch for this
/// writes to standard output, which belongs to the answers.
struct BracketedPaste;

impl BracketedPaste {
    fn begin() -> Self {
        // Without it, pasting is less comfortable.
        let _ = io::stderr().execute(EnableBracketedPaste);
        Self
    }
}

impl Drop for BracketedPaste {
    fn drop(&mut self) {
        let _ = io::stderr().execute(DisableBracketedPaste);
    }
}

/// Opens the history of a chat, which is nobody else's business.
fn open_history(path: &Path) -> Result<FileBackedHistory, String> {
    let readable = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        make_private(path)
    };
    readable().map_err(|error| error.to_string())?;
    FileBackedHistory::with_file(HISTORY_ENTRIES, path.to_owned()).map_err(|error| error.to_string())
}

/// Creates the file if needed, and lets nobody but its owner read it.
#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

    const OWNER_ONLY: u32 = 0o600;
    let file = fs::OpenOptions::new().create(true).append(true).mode(OWNER_ONLY).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(OWNER_ONLY))
}

/// Creates the file if needed. Its folder decides who may read it.
#[cfg(not(unix))]
fn make_private(path: &Path) -> io::Result<()> {
    fs::OpenOptions::new().create(true).append(true).open(path).map(drop)
}

/// Completes the name of a command at the start of the input.
struct Commands(Vec<SlashCommand>);

impl Completer for Commands {
    fn complete(&mut self, line: &str, position: usize) -> CompletionResult {
        let typed = line.get(..position).unwrap_or_default();
        let matching = self.0.iter().filter(|command| {
            typed.strip_prefix('/').is_some_and(|beginning| command.name.starts_with(beginning))
        });
        let suggestions = matching.map(|command| Suggestion {
            value: format!("/{}", command.name),
            description: Some(command.help.clone()),
            span: Span::new(0, position),
            append_whitespace: true,
            ..Suggestion::default()
        });
        CompletionResult::Fresh { suggestions: suggestions.collect(), partial: None }
    }
}

/// Lets an input go on over several lines.
struct Continuation;

impl Validator for Continuation {
    fn validate(&self, text: &str) -> ValidationResult {
        if is_incomplete(text) { ValidationResult::Incomplete } else { ValidationResult::Complete }
    }
}

/// `local ❯ `
struct ChatPrompt {
    preset: String,
}

impl Prompt for ChatPrompt {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.preset)
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed(" ❯ ")
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed("… ")
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        let found = match search.status {
            PromptHistorySearchStatus::Passing => "",
            PromptHistorySearchStatus::Failing => "nothing ",
        };
        Cow::Owned(format!(" {found}found for '{}' ❯ ", search.term))
    }
}

#[cfg(test)]
#[path = "editor_tests.rs"]
mod tests;
