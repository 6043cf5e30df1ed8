//! Runs that go on, and those that have just ended.

mod active;
mod driver;
mod event_log;
mod feed;
mod recent;
mod registry;

pub(crate) use active::{ActiveRun, Owner};
pub(crate) use feed::Subscription;
pub(crate) use registry::{Launch, Runs, RunsOptions};
