//! `POST /v1/chat/completions`: requests to mixtures, and runs to chunks or whole completions.

mod chunk;
mod combining;
mod completion;
mod fields;
mod fingerprint;
mod handler;
mod inline;
mod limits;
mod message;
mod outline;
mod plan;
mod reasoning;
mod request;
mod responses;
mod usage;

pub(crate) use fields::Fields;
pub(crate) use handler::complete;
pub(crate) use inline::InlineMixture;
pub(crate) use message::{ChatMessage, conversation};
pub(crate) use plan::{Plan, Planner};
pub(crate) use request::{ChatRequest, SamplingFields, Stop, StreamOptions, seed};
pub(crate) use responses::respond;
