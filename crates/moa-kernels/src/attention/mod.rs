//! Attention of several tokens on a cache of keys and values.

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "inner loops without checks")]
mod block;
#[cfg(target_arch = "x86_64")]
mod compute;
#[cfg(target_arch = "x86_64")]
mod tiles;

use crate::{Instructions, Output, Share};

/// The cells of a block: four registers of sixteen floats.
const BLOCK: usize = 64;

/// What tokens look for: a vector for each of their heads.
#[derive(Debug, Clone, Copy)]
pub struct Queries<'a> {
    /// All numbers.
    pub numbers: &'a [f32],
    /// Numbers of a vector.
    pub dimensions: usize,
    /// Heads of a token.
    pub heads: usize,
    /// Tokens.
    pub tokens: usize,
    /// Numbers from a head to the next.
    pub head_stride: usize,
    /// Numbers from a token to the next.
    pub token_stride: usize,
}

/// Keys or values: a vector of floats of 16 bits for each head of each cell.
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    /// All numbers.
    pub numbers: &'a [u16],
    /// Numbers from a head to the next.
    pub head_stride: usize,
    /// Numbers from a cell to the next.
    pub cell_stride: usize,
}

/// What is added to the scores: by token and cell, floats of 16 bits. Negative infinity hides a cell from a token.
#[derive(Debug, Clone, Copy)]
pub struct Mask<'a> {
    /// All numbers.
    pub numbers: &'a [u16],
    /// Numbers from a token to the next.
    pub token_stride: usize,
}

/// All that attention needs.
///
/// # Source
/// Scaled dot-product attention over grouped heads, computed block by block with a running maximum: Dao et al., "`FlashAttention`" (2022),
/// algorithm 1. The shapes are those of `ggml_flash_attn_ext`.
#[derive(Debug, Clone, Copy)]
pub struct Attention<'a> {
    queries: Queries<'a>,
    keys: Cells<'a>,
    values: Cells<'a>,
    mask: Mask<'a>,
    cells: usize,
    cell_heads: usize,
    scale: f32,
    instructions: Instructions,
}

impl<'a> Attention<'a> {
    /// Whether attention of this shape can be computed: whole blocks of dimensions, and as many query heads for each head of the cache.
    #[must_use]
    pub const fn is_suitable(dimensions: usize, heads: usize, cell_heads: usize) -> bool {
        dimensions > 0
            && dimensions.is_multiple_of(BLOCK)
            && cell_heads > 0
            && heads > 0
            && heads.is_multiple_of(cell_heads)
    }

    /// The scores are multiplied with `scale` before the mask is added. `None` for shapes that are not [suitable](Self::is_suitable),
    /// where there are fewer numbers than the shapes say, and on processors that are [not supported](crate::is_supported).
    #[must_use]
    pub fn new(
        queries: Queries<'a>,
        [keys, values]: [Cells<'a>; 2],
        mask: Mask<'a>,
        (cells, cell_heads): (usize, usize),
        scale: f32,
    ) -> Option<Self> {
        let dimensions = queries.dimensions;
        let reaches = |counts: [usize; 2], strides: [usize; 2], length: usize, numbers: usize| {
            let last = |at: usize| counts[at].checked_sub(1)?.checked_mul(strides[at]);
            let end = last(0)
                .zip(last(1))
                .and_then(|(first, second)| first.checked_add(second)?.checked_add(length));
            end.is_some_and(|end| end <= numbers)
        };
        let of_cells = |of: &Cells<'_>| {
            reaches([cells, cell_heads], [of.cell_stride, of.head_stride], dimensions, of.numbers.len())
        };
        let is_whole = Self::is_suitable(dimensions, queries.heads, cell_heads)
            && reaches(
                [queries.heads, queries.tokens],
                [queries.head_stride, queries.token_stride],
                dimensions,
                queries.numbers.len(),
            )
            && of_cells(&keys)
            && of_cells(&values)
            && reaches([queries.tokens, 1], [mask.token_stride, 0], cells, mask.numbers.len());
        if !is_whole {
            return None;
        }
        let instructions = Instructions::best()?;
        Some(Self { queries, keys, values, mask, cells, cell_heads, scale, instructions })
    }

    /// The same, to be computed with other instructions than the fastest.
    #[must_use]
    pub const fn with(self, instructions: Instructions) -> Self {
        Self { instructions, ..self }
    }

    /// How many threads can share the work.
    fn parts(&self) -> usize {
        self.cell_heads * self.queries.tokens
    }

    /// How many query heads look into a head of the cache.
    fn group(&self) -> usize {
        self.queries.heads / self.cell_heads
    }
}

/// Computes this thread's share: a vector for each head of each token, head after head and token after token.
///
/// # Panics
/// If there is no room for the results.
pub fn attend(attention: &Attention<'_>, output: Output, share: Share) {
    let queries = &attention.queries;
    assert!(queries.dimensions * queries.heads * queries.tokens <= output.length(), "room for the results");
    #[cfg(target_arch = "x86_64")]
    compute::attend(attention, output, share);
}

#[cfg(test)]
#[path = "attention_tests.rs"]
mod tests;
