//! What a mock is told: the types that the builder fills and that TOML files are read into.

mod answer;
mod check;
mod document;
pub(crate) mod duration;
mod error;
mod fault;
mod latency;
mod point;
mod response;
mod rule;
mod schedule;
mod stream_shape;
mod timing;
mod when;

pub use answer::{Answer, Echo, Lorem, Reasoning, ReasoningForm, Text, ToolCall, UsageAt};
pub use document::{Certificate, Keep, Script};
pub use duration::parse as parse_duration;
pub use error::ScriptError;
pub use fault::Fault;
pub use latency::{Latency, Quantile, Quantiles, Uniform};
pub use point::Point;
pub use response::{Framing, Response, RetryAfter};
pub use rule::Rule;
pub use schedule::{Accept, Phase};
pub use stream_shape::{Chunks, Done, Drip, FinishAt, LineEnding, RoleAt, StampIn, StreamError, StreamShape};
pub use timing::Timing;
pub use when::{Every, Numbers, Range, Route, When};

pub(crate) use latency::fraction;
pub(crate) use when::matches_pattern;
