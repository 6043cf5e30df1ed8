//! Asks for many items at once, keeps each result the moment that it is there, and goes on where it was left.
//!
//! ```text
//! WorkItem (id, key, input) ─ in the journal already? in the cache? ─ else asked, a few at a time ─ Done (result, usage, time)
//!                                                                       └─ journal (a line, at once) ─ cache (by key) ─ Progress
//! ```
//!
//! What an item is and what is asked about it is the caller's: answers of a [`Contender`] ([`Contender::answer`]), judgments, anything
//! that serialises. Nothing here draws or prints; whoever shows the progress is called with it.

mod answer;
mod cache;
mod contender;
mod cost_cap;
mod error;
mod item;
mod journal;
mod progress;
mod work;

pub use answer::{Answer, Choose, Proposal, Sample, Vote};
pub use cache::ResultCache;
pub use contender::Contender;
pub use cost_cap::CostCap;
pub use error::RunnerError;
pub use item::{Done, ItemKey, Record, Undone, WorkItem};
pub use journal::{Journal, JournalHeader, Stored, read_journal};
pub use progress::Progress;
pub use work::{End, Report, Runner};

#[cfg(test)]
mod tests;
