//! The numbers that weights are multiplied with, as bytes.

use std::arch::x86_64::{
    __m512, _mm512_abs_ps, _mm512_add_epi32, _mm512_cvtps_epi32, _mm512_cvtsepi32_epi8, _mm512_max_ps,
    _mm512_mul_ps, _mm512_reduce_add_epi32, _mm512_reduce_max_ps, _mm512_set1_ps, _mm512_setzero_ps,
    _mm512_setzero_si512,
};

use super::Inputs;
use super::format::Format;
use super::panel::{COLUMNS, TOKENS};
use crate::simd::{load_floats, store_fours};

/// The inputs of several tokens, rounded to 8 bits.
///
/// Everything lies as the kernel reads it, from the first byte to the last: by panel of columns, by tile of tokens, by what is named
/// at each field, by token of the tile.
#[derive(Debug, Default)]
pub(crate) struct Rounded {
    /// By sixteen columns: their bytes.
    pub(crate) bytes: Vec<[[u8; 4]; 4]>,
    /// By group of columns: what a byte counts.
    pub(crate) scales: Vec<f32>,
    /// By block of columns: the sum of the bytes, times the format's offset and negative: where the sum of products begins.
    pub(crate) starts: Vec<i32>,
    /// By block of columns: the sum of the bytes, where each block of weights has a minimum.
    pub(crate) sums: Vec<f32>,
}

/// Where a tile of tokens lies among the inputs, in units of so many columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The tokens of the tile: as many numbers lie side by side.
    pub(crate) width: usize,
    /// Where the tile's first unit in the panel lies.
    pub(crate) first: usize,
}

/// The place of the tile that begins with the token `first` among `tokens`, in the panel of so many columns from `column` on.
pub(crate) fn place(tokens: usize, first: usize, column: usize, columns: usize, unit: usize) -> Place {
    Place { width: TOKENS.min(tokens - first), first: column / unit * tokens + columns / unit * first }
}

impl Rounded {
    /// Rounds the inputs as products with weights of this format need them.
    ///
    /// # Source
    /// `quantize_row_q8_K` and `quantize_row_q8_0` in ggml: the largest magnitude of a group becomes 127.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    pub(crate) fn fill(&mut self, format: Format, inputs: &Inputs) {
        let (group, block) = (format.group_columns(), format.block_columns());
        let (columns, tokens) = (inputs.columns(), inputs.tokens());
        self.bytes.resize(tokens * columns / 16, [[0; 4]; 4]);
        self.scales.resize(tokens * columns / group, 0.0);
        self.starts.resize(tokens * columns / block, 0);
        self.sums.resize(tokens * columns / block, 0.0);
        for token in 0..tokens {
            let (numbers, _) = inputs.of(token).as_chunks::<16>();
            for (at, numbers) in numbers.chunks_exact(group / 16).enumerate() {
                let column = at * group;
                let panel = column / COLUMNS * COLUMNS;
                let of_panel = COLUMNS.min(columns - panel);
                let lane = token % TOKENS;
                let at = |unit: usize| {
                    let place = place(tokens, token - lane, panel, of_panel, unit);
                    (place.first + (column - panel) / unit * place.width + lane, place.width)
                };
                let largest = largest_magnitude(numbers);
                let factor = _mm512_set1_ps(if largest > 0.0 { 127.0 / largest } else { 0.0 });
                self.scales[at(group).0] = largest / 127.0;
                let (first_block, width) = at(block);
                let (first_sixteen, _) = at(16);
                for (of_block, numbers) in numbers.chunks_exact(block / 16).enumerate() {
                    let mut sums = _mm512_setzero_si512();
                    for (sixteen, numbers) in numbers.iter().enumerate() {
                        let whole = _mm512_cvtps_epi32(_mm512_mul_ps(load_floats(numbers), factor));
                        sums = _mm512_add_epi32(sums, whole);
                        let to = first_sixteen + (of_block * (block / 16) + sixteen) * width;
                        store_fours(&mut self.bytes[to], _mm512_cvtsepi32_epi8(whole));
                    }
                    let sum = _mm512_reduce_add_epi32(sums);
                    let to = first_block + of_block * width;
                    match format.offset() {
                        // What is no number became one out of all bounds; what comes of it is of no use, and no reason to panic.
                        Some(offset) => self.starts[to] = sum.wrapping_mul(-offset),
                        #[expect(clippy::cast_precision_loss, reason = "at most 32 times 127")]
                        None => self.sums[to] = sum as f32,
                    }
                }
            }
        }
    }
}

#[target_feature(enable = "avx512f")]
fn largest_magnitude(numbers: &[[f32; 16]]) -> f32 {
    let largest =
        |so_far: __m512, numbers: &[f32; 16]| _mm512_max_ps(so_far, _mm512_abs_ps(load_floats(numbers)));
    _mm512_reduce_max_ps(numbers.iter().fold(_mm512_setzero_ps(), largest))
}
