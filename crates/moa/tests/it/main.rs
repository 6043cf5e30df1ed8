//! The command `moa`, run as a user runs it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod architecture;
mod bench;
mod calibrating;
#[cfg(unix)]
mod calibrating_kills;
mod combining;
mod determinism;
mod drift;
mod eval_files;
mod eval_judged;
mod eval_report;
mod eval_scores;
mod evaluation;
#[cfg(unix)]
mod evaluation_kills;
mod fetching;
#[cfg(target_os = "linux")]
mod human_eval;
mod interrupts;
#[cfg(unix)]
mod judging_kills;
mod kills;
mod layered;
mod leaving;
mod llama_server;
mod memory;
mod offline;
#[cfg(unix)]
mod own_server;
mod project;
mod real_model;
mod remote;
#[cfg(unix)]
mod serve;
#[cfg(all(unix, feature = "telemetry"))]
mod telemetry;
#[cfg(target_os = "linux")]
mod terminal;
#[cfg(target_os = "linux")]
mod terminal_session;
