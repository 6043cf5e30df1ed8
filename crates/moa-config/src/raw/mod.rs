//! The file format, as written: shapes only, nothing checked against anything else. The doc comments are the schema's descriptions.

mod agent;
mod endpoint;
mod file;
mod model;
mod preset;

pub(crate) use agent::{RawAgent, RawAgentTable};
pub(crate) use endpoint::RawEndpoint;
pub(crate) use file::RawFile;
pub(crate) use model::{RawModel, RawModelTable};
pub(crate) use preset::{RawLayer, RawPartialAnswers, RawPreset};
