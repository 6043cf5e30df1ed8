//! Any OpenAI-compatible endpoint as a [`ChatModel`](moa_core::ChatModel): hosted services, servers on this machine, another moa.
//!
//! One [`OpenAiModel`] makes one attempt at one address for each question, and turns everything that can happen into the events and
//! failures of `moa-core`. Asking again, limits and time-outs after the connection stands are wrappers around any model and live
//! elsewhere.
//!
//! ```
//! use moa_openai::{Endpoint, EndpointAddress, EndpointSettings, KeySource, ModelSettings, OpenAiModel};
//!
//! # fn example() -> Result<(), moa_openai::AddressError> {
//! let address = EndpointAddress::parse("https://api.together.xyz/v1")?;
//! let mut settings = EndpointSettings::new("together", address);
//! settings.key = KeySource::Environment("TOGETHER_API_KEY".to_owned());
//! let endpoint = Endpoint::new(settings);
//! let model = OpenAiModel::new(&endpoint, ModelSettings::new("qwen-72b", "Qwen/Qwen2.5-72B-Instruct-Turbo"));
//! # Ok(())
//! # }
//! ```

mod address;
mod client;
mod dialect;
mod endpoint;
mod exchange;
mod failure;
mod key;
mod listing;
mod model;
mod proxy;
mod redaction;
mod reply;
mod request;
mod settings;
mod sse;

pub use address::{AddressError, EndpointAddress};
pub use dialect::{Dialect, MaxTokensField, SystemRole};
pub use endpoint::Endpoint;
pub use key::KeySource;
pub use model::OpenAiModel;
pub use proxy::ProxySettings;
pub use reply::ReplyDecoder;
pub use settings::{EndpointSettings, ModelSettings};
pub use sse::{SseDecoder, SseError, SseEvent};
