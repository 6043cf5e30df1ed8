//! Runs a mixture: layer by layer, the agents of a layer at the same time, everything reported as events.
//!
//! ```text
//! run() -> Execution: for each layer (layer_run): prompts from the proposals so far (layer_prompts)
//!                       -> Call per agent (at once): ChatModel::stream, deadline, cancellation, cost
//!                       -> enough of them? stragglers are let go -> proposals -> next layer, which has
//!                          read what was written of them meanwhile (read_ahead, growing_answers)
//!                     aggregation: aggregator, else its stand-ins, else the best proposal -> answer
//!          Budget:    what was spent and reserved, so that the cap is never passed
//!          Emitter:   the one place where events are numbered and leave
//! ```

mod aggregation;
mod answer;
mod budget;
mod call;
mod deadline;
mod emitter;
mod execution;
mod growing_answers;
mod layer_prompts;
mod layer_run;
mod models;
mod read_ahead;
mod request;
mod seed;

pub use execution::run;
pub use models::Models;
pub use request::{RunRequest, RunSeed};

#[cfg(test)]
mod tests;
