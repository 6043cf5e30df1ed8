//! `/api`: what the page works with. docs/server-api.md describes it.

mod again;
mod catalogue;
mod events;
mod export;
mod list;
mod run;
mod start;
mod stored;
mod toml;

pub(crate) use again::run_again;
pub(crate) use catalogue::{estimate, info, models, presets};
pub(crate) use events::run_events;
pub(crate) use export::{analyse_run, export_run};
pub(crate) use list::list_runs;
pub(crate) use run::{cancel_run, remove_run, run_document};
pub(crate) use start::start_run;
pub(crate) use toml::toml;
