//! Reading a GGUF file's head without llama.cpp: what the file is, and whether it is whole.
//!
//! llama.cpp maps a file and trusts its head; this check is what turns a damaged file into an error message instead of a crash.
//!
//! # Source
//! The GGUF specification (ggml project, `docs/gguf.md`), versions 2 and 3.

mod info;
pub(in crate::gguf) mod reader;

pub(crate) use info::describe;
pub use info::{GgufInfo, inspect};
pub(crate) use reader::{Head, read_head};
