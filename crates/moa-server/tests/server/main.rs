//! The server as its clients see it, over real sockets on loopback, in front of a mock of the services behind it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod access;
mod api;
mod chat;
mod fixture;
mod hostile;
mod leaving;
mod meaning;
mod memory;
mod openapi;
mod overload;
mod responses;
mod retries;
mod shutdown;
mod stream;
