//! Runs a mixture: layer by layer, the agents of a layer at the same time, everything reported as events.
//!
//! ```text
//! run() -> Execution: for each layer: prompts from the proposals so far
//!                       -> Call per agent (at once): ChatModel::stream, deadlines, cancellation
//!                       -> proposals -> next layer -> aggregator -> answer
//!          Emitter: the one place where events are numbered and leave
//! ```

mod call;
mod emitter;
mod execution;
mod models;
mod request;
mod seed;

pub use execution::run;
pub use models::Models;
pub use request::RunRequest;

#[cfg(test)]
mod tests;
