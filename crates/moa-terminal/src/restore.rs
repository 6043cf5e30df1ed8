//! The end of a program that did not get to its end: the terminal must not stay as an editor or a live view has set it.

use std::io::{self, IsTerminal, Write};
use std::panic;

use crossterm::QueueableCommand as _;
use crossterm::cursor::Show;
use crossterm::event::DisableBracketedPaste;
use crossterm::terminal::{EnableLineWrap, EndSynchronizedUpdate, disable_raw_mode};

/// Ends raw mode and everything else that this crate sets on a terminal. Harmless where nothing is set.
///
/// For the moment in which the program ends while [`ChatInput::read`](crate::ChatInput::read) waits on a thread of its own, where no
/// destructor runs.
pub fn restore_terminal() {
    // There is nobody left to tell.
    let _ = disable_raw_mode();
    let mut stderr = io::stderr();
    if stderr.is_terminal() && !is_dumb() {
        let _ = write_restoration(&mut stderr);
    }
}

/// Restores the terminal before the message of a panic, on whichever thread, so that it can be read.
pub fn restore_terminal_on_panic() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        restore_terminal();
        previous(panic);
    }));
}

/// Whether the terminal cannot be steered.
pub(crate) fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

fn write_restoration(writer: &mut impl Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    bytes.queue(DisableBracketedPaste)?.queue(EnableLineWrap)?.queue(Show)?.queue(EndSynchronizedUpdate)?;
    writer.write_all(&bytes)?;
    writer.flush()
}
