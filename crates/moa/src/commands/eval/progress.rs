//! How far the work is, as people read it.

use std::io;

use moa_eval::runner::Progress;
use moa_terminal::{StatusLine, quantities};

/// Plain lines come at most this often, unless a tenth of the items was done in between.
const SECONDS_PER_LINE: u64 = 30;

/// Shows how far one piece of work is.
pub(crate) struct ProgressLine {
    label: String,
    line: StatusLine<io::Stderr>,
}

impl ProgressLine {
    /// `label` says what is done: the benchmark and the contender.
    pub(crate) fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), line: StatusLine::stderr() }
    }

    /// Shows it, as far as there is news. A terminal that is gone is no reason to stop.
    pub(crate) fn show(&mut self, progress: &Progress) {
        let ended = progress.done + progress.failed;
        let tenth = ended * 10 / progress.total.max(1);
        let step = ((tenth as u64) << 32) | (progress.elapsed.as_secs() / SECONDS_PER_LINE);
        let _ = self.line.show(&format!("{}: {}", self.label, describe(progress)), step);
    }

    /// Leaves a line that says what it came to.
    pub(crate) fn finish(&mut self, text: &str) {
        let _ = self.line.leave(&format!("{}: {text}", self.label));
    }
}

/// `37 of 100, 2 failed, 12,345 tokens, $0.0100, 1 min 02 s, 2 min 10 s left`.
pub(crate) fn describe(progress: &Progress) -> String {
    let mut parts = vec![format!("{} of {}", progress.done, progress.total)];
    if progress.failed > 0 {
        parts.push(format!("{} failed", progress.failed));
    }
    if progress.kept + progress.cached > 0 {
        parts.push(format!("{} there already", progress.kept + progress.cached));
    }
    let usage = &progress.usage;
    parts.push(quantities::counted(u64::from(usage.completion_tokens), "token") + " written");
    if let Some(cost) = usage.cost_usd {
        parts.push(format!("${cost:.4}"));
    }
    parts.push(quantities::duration(progress.elapsed));
    let is_over = progress.done + progress.failed >= progress.total;
    if let Some(left) = progress.left().filter(|_| !is_over) {
        parts.push(format!("{} left", quantities::duration(left)));
    }
    parts.join(", ")
}
