//! llama.cpp's log lines on their way to `tracing`, and the last errors for use in a failure's message.

use std::cell::RefCell;

/// How much of the errors is kept.
const MAX_ERROR_BYTES: usize = 600;

/// The severity of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Debug,
    Info,
    Warn,
    Error,
    /// More of the line before.
    Continued,
}

thread_local! {
    /// The errors of this thread since [`forget_errors`]. llama.cpp loads and allocates on the calling thread.
    static ERRORS: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Takes one line, or a piece of one, from llama.cpp.
pub(crate) fn receive(level: Level, text: &str) {
    let line = text.trim_end();
    if line.trim_matches('.').is_empty() {
        return;
    }
    match level {
        Level::Error => {
            tracing::error!(target: "llama.cpp", "{line}");
            ERRORS.with_borrow_mut(|errors| {
                if errors.len() < MAX_ERROR_BYTES {
                    if !errors.is_empty() {
                        errors.push_str("; ");
                    }
                    errors.push_str(without_function(line));
                }
            });
        }
        Level::Warn => tracing::warn!(target: "llama.cpp", "{line}"),
        Level::Info => tracing::debug!(target: "llama.cpp", "{line}"),
        Level::Debug | Level::Continued => tracing::trace!(target: "llama.cpp", "{line}"),
    }
}

/// Starts a new collection of errors on this thread.
pub(crate) fn forget_errors() {
    ERRORS.with_borrow_mut(String::clear);
}

/// The errors of this thread since [`forget_errors`].
pub(crate) fn last_errors() -> Option<String> {
    ERRORS.with_borrow(|errors| (!errors.is_empty()).then(|| errors.clone()))
}

/// The line without the name of the function that logged it.
fn without_function(line: &str) -> &str {
    match line.split_once(": ") {
        Some((function, rest)) if !function.contains(' ') => rest,
        _ => line,
    }
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
