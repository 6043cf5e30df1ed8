//! Pulls against a server and a pip that behave well and badly.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking, also in what its functions share"
)]

mod concurrency;
mod disk;
mod fixture;
mod hugging_face;
#[cfg(unix)]
mod package_index;
mod server;
mod web_file;
