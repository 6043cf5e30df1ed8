//! How far the work is.

use std::time::Duration;

use moa_core::Usage;

/// How far the work is, and what it took so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Progress {
    /// All items.
    pub total: usize,
    /// Items whose result is there, those of earlier runs included.
    pub done: usize,
    /// Items whose result was in the journal at the start.
    pub kept: usize,
    /// Items whose result came out of the cache.
    pub cached: usize,
    /// Items that failed. They are asked again by the next run.
    pub failed: usize,
    /// Tokens and cost of what was asked in this run, failures included.
    pub usage: Usage,
    /// Since the start of this run.
    pub elapsed: Duration,
}

impl Progress {
    /// Items that were asked and answered in this run.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.done.saturating_sub(self.kept + self.cached)
    }

    /// The time that the rest takes at the pace of what was asked so far; nothing before there is a pace.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let ended = u32::try_from(self.asked() + self.failed).ok().filter(|ended| *ended > 0)?;
        let rest = u32::try_from(self.total.saturating_sub(self.done + self.failed)).ok()?;
        Some((self.elapsed / ended).saturating_mul(rest))
    }
}
