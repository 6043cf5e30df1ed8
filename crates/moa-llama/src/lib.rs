//! The in-process chat model, on llama.cpp.
//!
//! To be documented.

mod cores;
mod engine;
mod error;
mod gguf;
mod host;
mod log;
mod model;
#[expect(unsafe_code, reason = "the border to llama.cpp")]
mod native;
mod plan;
mod prompter;
mod request;
mod sampler;
mod sequences;
mod stats;
mod stop;
mod system;
mod template;
mod token_counter;
mod utf8;
mod worker;

pub use engine::{EngineOptions, LlamaEngine};
pub use error::LlamaError;
pub use gguf::{GgufInfo, inspect};
pub use model::{LlamaModel, ModelOptions};
pub use stats::ModelStats;
pub use system::{Device, SystemInfo, system_info};
pub use token_counter::TokenCounter;
