//! The numbers that weights are multiplied with, as bytes.

use std::ops::Range;

use super::Inputs;
use super::format::Format;
use super::panel::{COLUMNS, TOKENS};
use super::room::Room;
use crate::Instructions;
use crate::simd::{Simd, Work};

/// Room for the inputs of several tokens, rounded to 8 bits.
///
/// Everything lies as the kernel reads it, from the first byte to the last: by panel of columns, by tile of tokens, by what is named
/// at each field, by token of the tile.
#[derive(Debug, Default)]
pub(crate) struct Rounded {
    bytes: Room<[[u8; 4]; 4]>,
    scales: Room<f32>,
    starts: Room<i32>,
    sums: Room<f32>,
}

/// Some of the inputs, or all, to be read or written.
#[derive(Debug, Default)]
pub(crate) struct Parts<Bytes, Floats, Integers> {
    /// By sixteen columns: their bytes.
    pub(crate) bytes: Bytes,
    /// By group of columns: what a byte counts.
    pub(crate) scales: Floats,
    /// By block of columns: the sum of the bytes, times the format's offset and negative: where the sum of products begins.
    pub(crate) starts: Integers,
    /// By block of columns: the sum of the bytes, where each block of weights has a minimum.
    pub(crate) sums: Floats,
}

/// Inputs that are there.
pub(crate) type Filled<'a> = Parts<&'a [[[u8; 4]; 4]], &'a [f32], &'a [i32]>;
/// Inputs that are being rounded.
type Blank<'a> = Parts<&'a mut [[[u8; 4]; 4]], &'a mut [f32], &'a mut [i32]>;

/// Where the tile lies that begins with the token `first` among `tokens`, in the panel of so many columns from `column` on: in units of so many
/// columns, one for each token.
pub(crate) fn place(tokens: usize, first: usize, column: usize, columns: usize, unit: usize) -> usize {
    column / unit * tokens + columns / unit * first
}

impl Rounded {
    /// Makes room for the inputs of a product, where there is less.
    pub(crate) fn reserve(&mut self, format: Format, columns: usize, tokens: usize) {
        let numbers = tokens * columns;
        self.bytes.reserve(numbers / 16);
        self.scales.reserve(numbers / format.group_columns());
        self.starts.reserve(numbers / format.block_columns());
        self.sums.reserve(numbers / format.block_columns());
    }

    /// Rounds the inputs of the tokens of some tiles as products with weights of this format need them.
    ///
    /// # Safety
    /// Nobody else writes or reads those of these tiles meanwhile.
    ///
    /// # Panics
    /// If no room was made.
    ///
    /// # Source
    /// `quantize_row_q8_K` and `quantize_row_q8_0` in ggml: the largest magnitude of a group becomes 127.
    pub(crate) unsafe fn fill(
        &self,
        instructions: Instructions,
        format: Format,
        inputs: &Inputs<'_>,
        tiles: Range<usize>,
    ) {
        let all = inputs.tokens();
        let tokens = (tiles.start * TOKENS).min(all)..(tiles.end * TOKENS).min(all);
        let (group, block) = (format.group_columns(), format.block_columns());
        for column in (0..inputs.columns()).step_by(COLUMNS) {
            let columns = COLUMNS.min(inputs.columns() - column);
            let units = |unit: usize| {
                let first = place(all, tokens.start, column, columns, unit);
                first..first + tokens.len() * (columns / unit)
            };
            // SAFETY: as promised; within a panel tiles lie one behind the other.
            let to = unsafe {
                Blank {
                    bytes: self.bytes.write(units(16)),
                    scales: self.scales.write(units(group)),
                    starts: self.starts.write(units(block)),
                    sums: self.sums.write(units(block)),
                }
            };
            instructions.run(Rounding {
                format,
                inputs,
                tokens: tokens.clone(),
                columns: column..column + columns,
                to,
            });
        }
    }

    /// The inputs of a product.
    ///
    /// # Safety
    /// All of them were filled, and nobody writes them as long as the result is used.
    ///
    /// # Panics
    /// If no room was made.
    pub(crate) unsafe fn filled(&self, format: Format, columns: usize, tokens: usize) -> Filled<'_> {
        let units = |unit: usize| columns / unit * tokens;
        // SAFETY: as promised.
        unsafe {
            Parts {
                bytes: self.bytes.read(units(16)),
                scales: self.scales.read(units(format.group_columns())),
                starts: self.starts.read(units(format.block_columns())),
                sums: self.sums.read(units(format.block_columns())),
            }
        }
    }
}

/// Rounds the inputs of whole tiles of tokens, in the columns of a panel.
struct Rounding<'a> {
    format: Format,
    inputs: &'a Inputs<'a>,
    tokens: Range<usize>,
    columns: Range<usize>,
    to: Blank<'a>,
}

impl Work for Rounding<'_> {
    type Output = ();

    #[inline(always)]
    fn on<S: Simd>(self, simd: S) {
        let Self { format, inputs, tokens, columns, to } = self;
        let (group, block) = (format.group_columns(), format.block_columns());
        for token in tokens.clone() {
            let (numbers, _) = inputs.of(token)[columns.clone()].as_chunks::<16>();
            let lane = token % TOKENS;
            for (at, numbers) in numbers.chunks_exact(group / 16).enumerate() {
                let at = |unit: usize| {
                    let first = token - lane - tokens.start;
                    let width = TOKENS.min(inputs.tokens() - (token - lane));
                    (columns.len() / unit * first + at * group / unit * width + lane, width)
                };
                let largest = largest_magnitude(simd, numbers);
                let factor = simd.splat(if largest > 0.0 { 127.0 / largest } else { 0.0 });
                to.scales[at(group).0] = largest / 127.0;
                let (first_block, width) = at(block);
                let (first_sixteen, _) = at(16);
                for (of_block, numbers) in numbers.chunks_exact(block / 16).enumerate() {
                    let mut sums = simd.splat_words(0);
                    for (sixteen, numbers) in numbers.iter().enumerate() {
                        let whole = simd.words_of_floats(simd.multiply(simd.load(numbers), factor));
                        sums = simd.add_words(sums, whole);
                        let at = first_sixteen + (of_block * (block / 16) + sixteen) * width;
                        simd.store_words_as_bytes(&mut to.bytes[at], whole);
                    }
                    let sum = simd.sum_words(sums);
                    let at = first_block + of_block * width;
                    match format.offset() {
                        // What is no number became one out of all bounds; what comes of it is of no use, and no reason to panic.
                        Some(offset) => to.starts[at] = sum.wrapping_mul(-offset),
                        #[expect(clippy::cast_precision_loss, reason = "at most 32 times 127")]
                        None => to.sums[at] = sum as f32,
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn largest_magnitude<S: Simd>(simd: S, numbers: &[[f32; 16]]) -> f32 {
    let mut largest = simd.splat(0.0);
    for numbers in numbers {
        largest = simd.max(largest, simd.magnitude(simd.load(numbers)));
    }
    simd.largest(largest)
}
