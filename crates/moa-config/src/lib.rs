//! TOML to a checked configuration: models, endpoints and presets.
//!
//! [`load`] reads the built-in defaults, the user's file, the project's file, the environment and an explicit file, in this order,
//! later ones winning; [`Config`] answers what a name means: [`Config::preset`] gives a [`moa_core::Mixture`] with its models resolved,
//! [`Config::show`] tells where every value came from. Every [`Problem`] points at the place in the file and says what to do.
//!
//! Nothing here loads a model, opens a connection, reads a key or prints. The environment comes in as data.
//!
//! ```
//! use moa_config::{LoadOptions, Overrides, load};
//!
//! let catalogue = ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct"];
//! let others = ["qwen1.5-0.5b-chat", "qwen2.5-0.5b-instruct", "llama-3.2-1b-instruct"];
//! let options = LoadOptions { known_models: catalogue.into_iter().chain(others).collect(), ..LoadOptions::default() };
//! let config = load(options)?;
//! let preset = config.preset("article-shape", &Overrides { layers: Some(4), ..Overrides::default() })?;
//! assert_eq!(preset.mixture.layer_count(), 4);
//! assert_eq!(preset.models.len(), 3);
//! # Ok::<(), moa_config::ConfigError>(())
//! ```
//!
//! # What wins over what
//! - A preset of the same name in a later source is laid over the earlier one key by key, unless it `extends` another preset.
//! - A model or an endpoint of the same name replaces the earlier one whole: an address must never be combined with a key that was meant
//!   for another address.
//! - The two ways to write layers (`layers` with `proposers`, or `[[presets.NAME.layer]]`) replace each other.
//!
//! # Trust
//! A project file lies in whatever folder one happens to stand in, such as a repository that was just cloned. It may choose and mix what
//! the user has, but it may not define `[endpoints]`: it could send questions, and the keys in the environment, to an address of its own
//! choice. Nor may it say how `moa serve` listens (`[server]`). Naming the file with `--config` is the user's word that it is trusted, and lifts this. A cap on the cost of runs can be lowered
//! by a project file, not raised above what the user's own file says.

mod agent;
mod aggregation;
mod builtin;
mod calibration;
mod chain;
mod check;
mod circle;
#[cfg(test)]
mod combining_tests;
mod config;
mod cost_cap;
mod discovery;
mod duration;
mod endpoint;
mod engine;
mod environment;
mod error;
#[cfg(test)]
mod fixture;
mod hint;
mod kind;
mod known;
mod layers;
mod load;
mod masking;
mod model;
mod nearest;
mod origin;
mod overrides;
mod parse;
mod place;
mod preset;
mod problem;
mod raw;
#[cfg(test)]
mod refusal_tests;
mod remote;
mod schema;
mod secrets;
mod server;
mod show;
mod size;
mod source;
mod synthesis;
mod template;
mod written;

pub use calibration::{Bounded, Calibration};
pub use config::{Config, PresetSummary};
pub use endpoint::{
    Breaker, Endpoint, HeaderSource, Hedging, KeySource, Limits, MaxTokensField, Proxy, Retries, Timeouts,
};
pub use engine::EngineSettings;
pub use environment::Environment;
pub use error::ConfigError;
pub use kind::ProblemKind;
pub use known::KnownModels;
pub use load::{Flags, LoadOptions, load};
pub use model::{LocalModel, ResolvedModel, Weights};
pub use origin::{FileKind, Origin, Sourced};
pub use overrides::Overrides;
pub use preset::ResolvedPreset;
pub use problem::Problem;
pub use raw::{KvCache, words};
pub use remote::RemoteModel;
pub use schema::schema;
pub use server::{InlineLimits, OnDisconnect, ReasoningField, ServerKey, ServerSettings, ToolPolicy};
pub use show::ShownValue;
pub use size::parse_size;
pub use template::init_template;
