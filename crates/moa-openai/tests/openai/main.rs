//! The chat model against recorded replies and against a mock service on loopback that misbehaves as told.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, which fail by panicking")]

mod adjustments;
mod answers;
mod asking;
mod connections;
mod faults;
mod leaving;
mod proxy;
mod refusals;
mod requests;
mod secrets;
