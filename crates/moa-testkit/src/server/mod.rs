//! The server: HTTP/1.1 read with httparse and written byte by byte.
//!
//! A general HTTP server is made to send whole, right messages. This one must write half of a chunk, wait, and reset the connection;
//! it must know the moment at which each byte left and at which the client did. So it owns its sockets.

mod choice;
mod connection;
mod http;
mod listener;
mod play;
mod routes;
mod socket;
mod state;

pub(crate) use listener::{Port, accept_connections};
pub(crate) use state::{Pinned, State};
