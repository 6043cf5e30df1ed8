//! Runs a mixture: layer by layer, the agents of a layer at the same time, everything reported as events.
//!
//! ```text
//! run() -> Execution: for each layer (layer_run): prompts from the proposals so far (layer_prompts)
//!                       -> Call per agent (at once): ChatModel::stream, deadline, cancellation, cost
//!                       -> enough of them? stragglers are let go -> proposals -> next layer, which has
//!                          read what was written of them meanwhile (read_ahead, growing_answers)
//!                       -> outliers set aside, answers selected (proposing, choosing), by a judge where one is asked (judging), by what
//!                          their programs do where those are run (trying)
//!                       -> the layers that are left are left out where the answers agree (stopping)
//!                       -> analysed or read a few at a time, where the mixture wants it (preparing)
//!                     (a mixture whose first answer is enough whatever it says is that agent alone: foreseen)
//!                     the answer: a proposal that was chosen (choosing), or the aggregator's, else that of its stand-ins, else
//!                     the best proposal (aggregation)
//!          Budget:    what was spent and reserved, so that the cap is never passed
//!          Emitter:   the one place where events are numbered and leave
//! ```

mod aggregation;
mod answer;
mod budget;
mod call;
mod choosing;
mod deadline;
mod emitter;
mod execution;
mod foreseen;
mod judging;
mod layer_prompts;
mod layer_run;
mod models;
mod preparing;
mod proposing;
mod read_ahead;
mod request;
mod seed;
mod stopping;
mod trying;

pub use execution::run;
pub use judging::{JudgeQuestion, judge_questions};
pub use models::Models;
pub use request::{RunRequest, RunSeed};

#[cfg(test)]
mod tests;
