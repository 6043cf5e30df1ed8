//! The in-process chat model: GGUF files on llama.cpp, with continuous batching and one budget of cores for all models.
//!
//! # The path of a request
//!
//! ```text
//! LlamaModel::stream        model      first poll: starts loading if need be, reports percents
//!   -> preparing thread     request    checks, fits (moa_core::fit), renders (template), tokenizes (prompter)
//!   -> computing thread     worker     gives it a sequence with the longest known prefix (sequences)
//!        each round:                   plans a batch and gets threads (scheduler), drafts (lookup), decodes
//!                                      (native), chooses tokens (sampler), makes text of them (utf8, stop)
//!   -> the stream           model      deltas and the end, through a channel that is never full
//! ```
//!
//! # The modules
//!
//! Pure logic, tested without a model: `scheduler` (who computes what, when, on how many threads, and who is in memory), `sequences` (prefixes
//! and cells), `lookup` (guessing tokens from what was read), `ahead` (reading what will be asked), `sampler`, `stop`, `utf8`, `form` (schemas as
//! grammars), `template` (Jinja, and telling a template's text from people's), `gguf` (reading a file's head). Glue: `engine`, `model`, `host` (threads and loading), `request`, `prompter`, `worker`.
//! `native` is the border to llama.cpp and holds all `unsafe` code of this crate; through it `moa_kernels` computes what ggml would.
//!
//! # Decisions
//!
//! - **Room for the answer.** A prompt may have as many tokens as leave room for the answer's cap, but the cap counts for a
//!   quarter of the context at most. An answer that reaches the end of the context ends with `Length`.
//! - **The KV cache** begins with 1024 cells and grows in place: its cells are saved, a larger context takes them over,
//!   running answers go on. Idle sequences are given up, the oldest first, once the cache has the size of one full context.
//! - **Cancelling** takes effect between decode calls (256 tokens at most, 64 of prompts while others decode). A call for which nobody
//!   waits any more is broken off, and so is every call by a shutdown; what was computed before stays as a prefix.
//! - **Compute threads** are ggml's own pools that sleep between calls (`poll` 0), one for a single thread and one for several, so
//!   that a model on one thread wakes nobody. Within a call they spin at ggml's barriers. That is cheap as long as every
//!   thread has a core, which the budget sees to within this process. On a machine that is busy otherwise several threads can be
//!   many times slower than one; every model measures its calls and then uses fewer (`scheduler::thread_choice`). Measured with
//!   `examples/throughput` on two cores (Intel, AVX-512): Qwen2.5-Coder 0.5B on 2 threads decodes 27.9 tok/s with the pools at
//!   `poll` 0 and 18.2 with OpenMP at `OMP_WAIT_POLICY=passive`; SmolLM2 135M and it side by side take 2.8 s and 3.0 s for
//!   40 tokens each (2.9 s and 4.4 s one after the other).
//! - **Loading** takes a core of the budget: it keeps a thread busy, beside which two compute threads of another model would wait for
//!   each other. What a call waits for is loaded before anything is computed, what is only wanted later when a core is free.
//! - **Memory.** A budget counts weights and KV caches, as far as the files say what they take; what llama.cpp computes in comes on top. A model
//!   leaves when nobody uses it and another one needs its room; what its cache held is computed again later.
//! - **Determinism.** With the kernels of `moa_kernels` a request gives the same tokens again for the same seed, whatever is computed beside it and on
//!   however many threads, as long as its cells lie in the order of its tokens. With those of ggml only a request that runs alone does: the size of a
//!   batch, the length of a cached prefix and the number of threads change the last bits of the sums there, so that a near-tie can fall the other way.
//!   Other instruction sets do so anywhere.
//! - **AMX.** ggml's AMX code, compiled by GCC before version 14, crashes: the compiler takes `_tile_loadconfig` to read 8 of 64
//!   bytes. Where that code is in the build, weights are not repacked at all, which is safe and slower. The workspace's
//!   `.cargo/config.toml` leaves it out (`CXXFLAGS=-U__AMX_INT8__`) and so has the repacked formats.

mod abort;
mod ahead;
mod certainty;
mod engine;
mod error;
mod form;
mod gguf;
mod host;
mod log;
mod logprobs;
mod lookup;
mod model;
#[expect(unsafe_code, reason = "the border to llama.cpp")]
mod native;
mod prompter;
mod request;
mod sampler;
mod scheduler;
mod sequences;
mod stats;
mod stop;
mod system;
mod template;
#[cfg(test)]
mod testing;
mod token_counter;
mod tools;
mod utf8;
mod worker;

pub use engine::{EngineOptions, LlamaEngine};
pub use error::LlamaError;
pub use form::{UnsupportedForm, check_response_format};
pub use gguf::{GgufInfo, inspect};
pub use model::{LlamaModel, ModelOptions};
pub use native::KvCacheType;
pub use scheduler::{LoadOrder, load_order};
pub use stats::ModelStats;
pub use system::{Device, SystemInfo, peak_memory_bytes, system_info};
pub use token_counter::TokenCounter;
pub use tools::check_tools;
