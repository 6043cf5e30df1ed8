//! Calls that are asked once, whatever contender, candidate or folder they are for.
//!
//! ```text
//! Mixture ─ shared_samples (seeds) ─ Calls::run ─ the engine of moa-core
//!             each call: in the CallBook? from there, with the figures of when it was asked : asked, its share of the machine taken by
//!             the SharedClock, kept
//! ```

mod asking;
mod book;
mod clock;
mod samples;

pub use asking::Calls;
pub(crate) use asking::is_settled;
pub use book::{CallBook, KeptCall};
pub use samples::{sample, shared_samples};
