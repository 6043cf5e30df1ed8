//! The engine on a real model, SmolLM2-135M-Instruct.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod ahead;
mod answers;
mod bad_files;
mod batching;
mod cancelling;
mod context;
mod cores;
mod forms;
mod harness;
mod lookup;
mod memory;
mod prompts;
mod switches;
mod tools;
