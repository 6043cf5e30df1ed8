//! Matrix products and attention for several tokens at once, on AVX-512 with VNNI, AVX2 with AVX-VNNI, or AVX2 alone.
//!
//! Reading a prompt, verifying a draft and writing several answers at once are bound by what the processor computes. So both parts that
//! take the time are written here for what x86 processors have: products of bytes, 32 or 64 in an instruction, and registers of eight or sixteen floats.
//! Everything is written once, on registers of sixteen numbers (`simd`), and comes to the same whichever [`Instructions`] compute it.
//!
//! [`multiply`]: quantised weights (by [`Format`]) times the inputs of tokens.
//!
//! ```text
//! multiply           for every 32 rows of this thread's share, for every 512 columns of them
//!   inputs             once: the tokens' numbers as bytes, with a scale for each group; each thread rounds a part for all (workspace)
//!   unpack             the weights as bytes, four columns of sixteen rows in a register; scales and minima as numbers
//!   ahead              meanwhile the weights that come next are fetched from memory
//!   kernel             for every six tokens: 32 rows times 6 tokens, summed in registers
//! ```
//!
//! The sums are those that ggml computes, in another order: inputs are rounded to 8 bits with one scale for as many columns as there, products and their
//! sums are exact integers within a block, and floats of 32 bits from there on.
//!
//! [`attend`]: queries on a cache of keys and values that several sequences share.
//!
//! ```text
//! attend             for every head of the cache and tile of tokens of this thread's share
//!   tiles              tokens that see about the same cells, in blocks of 64: what none of them sees is not computed
//!   block              scores of 64 cells, their exponentials, and the sums of values
//! ```
//!
//! What a token gets is the same to the last bit, however many others are computed beside it and whoever they are: no sum is taken in another order for it.
//! Only the order in which its cells lie in the cache counts.
//!
//! It is a crate of its own, so that it is tested without llama.cpp. On other processors nothing is [supported](is_supported).

#![expect(
    clippy::inline_always,
    reason = "instructions are used only by what is part of a function that says so: see `simd`"
)]
#![cfg_attr(
    not(target_arch = "x86_64"),
    allow(dead_code, unused_variables, reason = "nothing is supported there")
)]

mod attention;
mod instructions;
mod product;
#[expect(unsafe_code, reason = "several threads write to one result")]
mod share;
#[cfg(target_arch = "x86_64")]
mod simd;

pub use self::attention::{Attention, Cells, Mask, Queries, attend};
pub use self::instructions::Instructions;
pub use self::product::{Format, Inputs, Matrix, Workspace, multiply};
pub use self::share::{Output, Share};

/// Whether this processor has any of the [`Instructions`].
#[must_use]
pub fn is_supported() -> bool {
    Instructions::best().is_some()
}
