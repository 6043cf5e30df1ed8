//! What stands between a run and models that are slow, overloaded or broken: time-outs, retries, hedged requests, circuit breakers,
//! limits, and balancing over replicas, around any [`ChatModel`](moa_core::ChatModel).
//!
//! [`ResilientModel`] is the one model that this crate gives; [`EndpointState`] is what the models of one endpoint share, and
//! [`ResilienceSettings`] says how much of all this is wanted. From the outside to the inside, one call passes through:
//!
//! 1. **retries**: an attempt that failed before it said anything is made again, within the endpoint's budget of extra calls;
//! 2. **hedging** (off unless asked for): an attempt that is late is asked a second time, at another replica where there is one;
//! 3. **limits**: each request waits, first come first served, until the endpoint's limits have room for it;
//! 4. **balancing and circuit breakers**: the request goes to the replica with the least to do that is not left alone;
//! 5. **time-outs**: the first token, and each event after it, must come in time. Time spent waiting for the limits is over by then.
//!
//! Nothing is spawned: a dropped stream drops whatever it was doing, at once. Nothing here knows HTTP, and the decisions are plain
//! state machines that are told what time it is.

mod backoff;
mod breaker;
mod endpoint;
mod hedge;
mod jitter;
mod latency;
mod leg;
mod limit_queue;
mod limits;
mod model;
mod replicas;
mod retry;
mod settings;
mod share_budget;
mod sliding_window;
mod spending;
mod stage_clock;
mod timed;

pub use endpoint::{EndpointState, EndpointStatus, ReplicaStatus};
pub use model::{Replica, ResilientModel};
pub use settings::{
    BreakerSettings, HedgeDelay, HedgeSettings, LimitSettings, ResilienceSettings, RetrySettings, Timeouts,
};

#[cfg(test)]
mod tests;
