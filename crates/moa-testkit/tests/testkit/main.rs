//! The test kit seen from outside: what a client gets, and what the log says of it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, which fail by panicking")]

mod answers;
mod client;
mod faults;
mod gates;
mod load;
mod log;
mod program;
mod proxy;
mod schedule;
mod script;
mod timing;
mod tls;
