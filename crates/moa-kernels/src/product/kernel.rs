//! The inner loops: a panel of weights times the inputs of all tokens.

#![expect(clippy::needless_range_loop, reason = "numbers of registers, all loops unrolled")]

use super::format::Format;
use super::inputs::{Filled, place};
use super::panel::{COLUMNS, HALVES, LANES, Panel, ROWS, TOKENS};
use crate::Output;
use crate::simd::{Line, Simd, Work};

/// What is multiplied: the columns of a panel with those of the inputs.
pub(crate) struct Tile<'a> {
    pub(crate) format: Format,
    pub(crate) panel: &'a Panel,
    pub(crate) inputs: &'a Filled<'a>,
    /// Columns of the whole matrix.
    pub(crate) all_columns: usize,
    /// The panel's first column. If it is not that of the matrix, the products are added to what the output has.
    pub(crate) column: usize,
    pub(crate) columns: usize,
    pub(crate) tokens: usize,
    pub(crate) output: Output,
    /// Rows of the whole matrix.
    pub(crate) all_rows: usize,
    /// The panel's first row.
    pub(crate) row: usize,
}

/// Multiplies, all tokens.
#[inline(always)]
pub(crate) fn multiply<S: Simd>(simd: S, tile: &Tile<'_>) {
    match tile.format {
        Format::Q4_0 => all_tokens::<S, 32, 32, 4, false>(simd, tile),
        Format::Q4_1 => all_tokens::<S, 32, 32, 4, true>(simd, tile),
        Format::Q5_0 => all_tokens::<S, 32, 32, 5, false>(simd, tile),
        Format::Q5_1 => all_tokens::<S, 32, 32, 5, true>(simd, tile),
        Format::Q8_0 => all_tokens::<S, 32, 32, 8, false>(simd, tile),
        Format::Q4K => all_tokens::<S, 32, 256, 4, true>(simd, tile),
        Format::Q5K => all_tokens::<S, 32, 256, 5, true>(simd, tile),
        Format::Q6K => all_tokens::<S, 16, 256, 6, false>(simd, tile),
    }
}

#[inline(always)]
fn all_tokens<S: Simd, const BLOCK: usize, const GROUP: usize, const BITS: u32, const MINIMA: bool>(
    simd: S,
    tile: &Tile<'_>,
) {
    let whole = tile.tokens / TOKENS * TOKENS;
    for first in (0..whole).step_by(TOKENS) {
        simd.run(SomeTokens::<BLOCK, GROUP, BITS, MINIMA, TOKENS> { tile, first });
    }
    match tile.tokens - whole {
        1 => simd.run(SomeTokens::<BLOCK, GROUP, BITS, MINIMA, 1> { tile, first: whole }),
        2 => simd.run(SomeTokens::<BLOCK, GROUP, BITS, MINIMA, 2> { tile, first: whole }),
        3 => simd.run(SomeTokens::<BLOCK, GROUP, BITS, MINIMA, 3> { tile, first: whole }),
        4 => simd.run(SomeTokens::<BLOCK, GROUP, BITS, MINIMA, 4> { tile, first: whole }),
        5 => simd.run(SomeTokens::<BLOCK, GROUP, BITS, MINIMA, 5> { tile, first: whole }),
        _ => {}
    }
}

/// A panel times `N` tokens, for weights of so many bits in blocks, and inputs in groups, of so many columns.
struct SomeTokens<
    'a,
    const BLOCK: usize,
    const GROUP: usize,
    const BITS: u32,
    const MINIMA: bool,
    const N: usize,
> {
    tile: &'a Tile<'a>,
    first: usize,
}

impl<const BLOCK: usize, const GROUP: usize, const BITS: u32, const MINIMA: bool, const N: usize> Work
    for SomeTokens<'_, BLOCK, GROUP, BITS, MINIMA, N>
{
    type Output = ();

    #[inline(always)]
    fn on<S: Simd>(self, simd: S) {
        let Self { tile, first } = self;
        assert!(
            tile.columns <= COLUMNS
                && tile.columns.is_multiple_of(GROUP)
                && tile.column.is_multiple_of(GROUP)
                && tile.column + tile.columns <= tile.all_columns
        );
        let at = |unit: usize| place(tile.tokens, first, tile.column, tile.columns, unit);
        // Slices of what is read, checked here, so that the loops need no checks.
        let operands = Operands {
            bytes: &tile.inputs.bytes[at(16)..][..tile.columns / 16 * N],
            scales: &tile.inputs.scales[at(GROUP)..][..tile.columns / GROUP * N],
            starts: &tile.inputs.starts[at(BLOCK)..][..tile.columns / BLOCK * N],
            sums: &tile.inputs.sums[at(BLOCK)..][..tile.columns / BLOCK * N],
            weights: &tile.panel.weights[..tile.columns / 2],
            panel_scales: &tile.panel.scales[..tile.columns / BLOCK * 2],
            panel_minima: &tile.panel.minima[..tile.columns / BLOCK * 2],
        };
        // As many of a panel's halves at once as there are registers for their sums.
        let width = if S::IS_WIDE { HALVES } else { 1 };
        for half in (0..HALVES).step_by(width) {
            let totals = operands.multiply::<S, BLOCK, GROUP, BITS, MINIMA, N>(simd, half, width);
            for token in 0..N {
                let to = tile.output.at((first + token) * tile.all_rows + tile.row, ROWS);
                for at in 0..width {
                    // SAFETY: `at` gave room for as many numbers as a panel has rows, and whoever made the output promised that they may be
                    // read and written here.
                    let to = unsafe { &mut *to.add((half + at) * LANES).cast::<[f32; LANES]>() };
                    let before = if tile.column == 0 { simd.splat(0.0) } else { simd.load(to) };
                    simd.store(to, simd.add(before, totals[at][token]));
                }
            }
        }
    }
}

/// What the inner loops read: as much of each as the tile's columns have.
struct Operands<'a> {
    bytes: &'a [[[u8; 4]; 4]],
    scales: &'a [f32],
    starts: &'a [i32],
    sums: &'a [f32],
    weights: &'a [Line<u8, 64>],
    panel_scales: &'a [Line<f32, 16>],
    panel_minima: &'a [Line<f32, 16>],
}

impl Operands<'_> {
    /// The sums of `width` halves of the panel from `half` on.
    #[inline(always)]
    fn multiply<
        S: Simd,
        const BLOCK: usize,
        const GROUP: usize,
        const BITS: u32,
        const MINIMA: bool,
        const N: usize,
    >(
        &self,
        simd: S,
        half: usize,
        width: usize,
    ) -> [[S::Floats; N]; HALVES] {
        let groups = self.scales.len() / N;
        let mut totals = [[simd.splat(0.0); N]; HALVES];
        for group in 0..groups {
            let mut of_group = [[simd.splat(0.0); N]; HALVES];
            for block in group * (GROUP / BLOCK)..(group + 1) * (GROUP / BLOCK) {
                let products = self.products::<S, BLOCK, BITS, MINIMA, N>(simd, block, half, width);
                for at in 0..width {
                    // SAFETY: the panel has two lines of scales for each block of the tile.
                    let scale =
                        simd.load(unsafe { &self.panel_scales.get_unchecked(block * HALVES + half + at).0 });
                    for token in 0..N {
                        let products = simd.floats_of_words(products[at][token]);
                        of_group[at][token] = simd.multiply_add(products, scale, of_group[at][token]);
                    }
                    if MINIMA {
                        // SAFETY: likewise of minima, and `sums` has a number for each token and block.
                        let minimum = simd
                            .load(unsafe { &self.panel_minima.get_unchecked(block * HALVES + half + at).0 });
                        for token in 0..N {
                            let sum = simd.splat(unsafe { *self.sums.get_unchecked(block * N + token) });
                            of_group[at][token] = simd.multiply_subtract(minimum, sum, of_group[at][token]);
                        }
                    }
                }
            }
            for token in 0..N {
                // SAFETY: `scales` has a number for each token and group of the tile.
                let scale = simd.splat(unsafe { *self.scales.get_unchecked(group * N + token) });
                for at in 0..width {
                    totals[at][token] = simd.multiply_add(of_group[at][token], scale, totals[at][token]);
                }
            }
        }
        totals
    }

    /// The sums of a block's products, as words.
    #[inline(always)]
    fn products<S: Simd, const BLOCK: usize, const BITS: u32, const MINIMA: bool, const N: usize>(
        &self,
        simd: S,
        block: usize,
        half: usize,
        width: usize,
    ) -> [[S::Integers; N]; HALVES] {
        let mut products = [[simd.splat_words(0); N]; HALVES];
        if !MINIMA && !S::takes_offset(BITS) {
            for token in 0..N {
                // SAFETY: `starts` has a number for each token and block of the tile.
                let start = simd.splat_words(unsafe { *self.starts.get_unchecked(block * N + token) });
                for at in 0..width {
                    products[at][token] = start;
                }
            }
        }
        let additions = S::most_additions(BITS).min(BLOCK / 4);
        for part in 0..BLOCK / 4 / additions {
            let mut sums = products;
            for at in 0..width {
                for token in 0..N {
                    sums[at][token] = simd.begin_sums(products[at][token]);
                }
            }
            for addition in 0..additions {
                let of_block = part * additions + addition;
                let four = block * (BLOCK / 4) + of_block;
                let sixteen = block * (BLOCK / 16) + of_block / 4;
                let mut weights = [simd.splat_words(0); HALVES];
                for at in 0..width {
                    // SAFETY: `weights` has two lines for every four columns of the tile.
                    weights[at] =
                        simd.load_bytes(unsafe { &self.weights.get_unchecked(four * HALVES + half + at).0 });
                }
                for token in 0..N {
                    // SAFETY: `bytes` has sixteen bytes for each token and every sixteen columns of the tile.
                    let input = unsafe { self.bytes.get_unchecked(sixteen * N + token)[of_block % 4] };
                    let input = simd.splat_words(i32::from_ne_bytes(input));
                    for at in 0..width {
                        sums[at][token] = simd.add_products::<BITS>(sums[at][token], weights[at], input);
                    }
                }
            }
            for at in 0..width {
                for token in 0..N {
                    products[at][token] = simd.end_sums(products[at][token], sums[at][token]);
                }
            }
        }
        products
    }
}
