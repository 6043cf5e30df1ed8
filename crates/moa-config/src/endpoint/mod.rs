//! Endpoints, checked.

mod address;
mod body;
mod checks;
mod defaults;
mod definition;
mod header;
mod name;
mod traffic;

pub use address::Proxy;
pub use body::MaxTokensField;
pub(crate) use checks::Checks;
pub use definition::{Endpoint, KeySource};
pub use header::HeaderSource;
pub use traffic::{Breaker, Hedging, Limits, Retries, Timeouts};

#[cfg(test)]
mod tests;
