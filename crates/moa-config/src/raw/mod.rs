//! The file format, as written: shapes only, nothing checked against anything else. The doc comments are the schema's descriptions.

mod agent;
mod aggregation;
mod calibration;
mod endpoint;
mod file;
mod header;
mod kv_cache;
mod model;
mod preset;
mod price;
mod server;
pub mod words;

pub(crate) use agent::{RawAgent, RawAgentTable};
pub(crate) use aggregation::{RawAggregation, RawAggregationKind, RawEarlyStop, RawSelection};
pub(crate) use calibration::{RawCalibration, RawRequestKind};
pub(crate) use endpoint::{RawEndpoint, RawMaxTokensField};
pub(crate) use file::{RawEngine, RawFile};
pub(crate) use header::RawHeader;
pub use kv_cache::KvCache;
pub(crate) use model::{RawModel, RawModelTable};
pub(crate) use preset::{RawAggregatorFailure, RawLayer, RawPartialAnswers, RawPreset};
pub(crate) use price::RawPrice;
pub(crate) use server::{RawOnDisconnect, RawReasoningField, RawServer, RawServerKey, RawToolPolicy};
