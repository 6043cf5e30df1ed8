//! What comes back: bytes of a response to the events of an answer, in every dialect.

mod assembly;
mod decoder;
mod finish;
mod logprobs;
mod text;
mod tool_calls;
mod usage;
mod wire;

pub use decoder::ReplyDecoder;
