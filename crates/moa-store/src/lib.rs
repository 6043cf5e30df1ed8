//! The run store: every event of every run, in an embedded SQLite database.
//!
//! A stored run is its events. A [`Recorder`] takes them as they happen and never blocks; one thread per [`Store`] writes
//! whatever has queued up in one transaction. The same store lists, searches and gives back what was stored: the exact events for
//! a replay or an export, or only the answers for a run that continues or repeats another one.
//!
//! Several processes may use one store at once. A process that is killed leaves an intact store with a gap-free beginning of
//! its runs.
//!
//! ```
//! use std::time::Duration;
//!
//! use moa_core::Event;
//! use moa_store::{RunFilter, Store, StoreError};
//!
//! fn keep(store: &Store, run: impl Iterator<Item = Event>) -> Result<(), StoreError> {
//!     let recorder = store.recorder()?;
//!     for event in run {
//!         recorder.record(&event); // never waits
//!     }
//!     recorder.flush(Duration::from_secs(5)) // the one warning, if something was lost
//! }
//!
//! let folder = tempfile::tempdir()?;
//! let store = Store::open(folder.path().join("runs.db"))?;
//! keep(&store, std::iter::empty())?;
//! assert!(store.list(&RunFilter::default())?.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! No model is asked here, nothing is printed, and nothing is known of presets, prices or places of models.

mod answers;
mod block;
mod error;
mod events;
mod filter;
mod journal;
mod lease;
mod ledger;
mod place;
mod queue;
mod recorder;
mod removal;
mod resolve;
mod schema;
mod store;
mod summary;
mod writer;

pub use error::{StoreError, StoreErrorKind};
pub use filter::RunFilter;
pub use recorder::{Health, Recorder};
pub use store::Store;
pub use summary::{RunStatus, RunSummary};
