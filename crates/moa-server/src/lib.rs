//! `moa serve`: every mixture and every model is a name behind one OpenAI-compatible endpoint, and a page shows the layers at work.
//!
//! ```text
//! request ─ guard (host, origin) ─ key ─ chat::Request ─ Plan (mixture, models) ─ admission ─ Runs::start ── one task per run
//!                                                                                               │
//!                              Feed: the run's events so far ◄──────────────────────────────────┘──► Recorder (moa-store)
//!            readers, each at its own pace: chat chunks │ whole completions │ /api/runs/{id}/events
//! ```
//!
//! A run belongs to whoever asked for it: when the last of its owners leaves it is stopped, unless the operator wants it finished.
//! Readers are no owners, and none of them can hold up the run or another reader.
//!
//! What a model is and where its weights are is not known here: [`ModelSource`] says so. Nothing is ever fetched.

mod access;
mod answering;
mod api;
mod app;
mod chat;
mod error;
mod failure;
mod health;
mod json;
mod metrics;
mod models;
mod names;
mod openapi;
mod page;
mod routes;
mod runs;
mod serve;
mod source;
mod sse;
mod trace_context;
mod unix_time;
mod write_idle;

pub use access::key_hash;
pub use app::{Server, ServerOptions};
pub use openapi::document as openapi_document;
pub use serve::ServeError;
pub use source::{Estimate, ModelCard, ModelKind, ModelSource, Unavailable};
