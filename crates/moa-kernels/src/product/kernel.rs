//! The inner loops: a panel of weights times the inputs of all tokens.

#![expect(clippy::needless_range_loop, reason = "numbers of registers, all loops unrolled")]

use std::arch::x86_64::{
    __m512, __m512i, _mm512_add_ps, _mm512_cvtepi32_ps, _mm512_dpbusd_epi32, _mm512_fmadd_ps,
    _mm512_fnmadd_ps, _mm512_loadu_ps, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps,
    _mm512_setzero_si512, _mm512_storeu_ps,
};

use super::format::Format;
use super::inputs::{Filled, place};
use super::panel::{COLUMNS, LANES, Panel, ROWS, TOKENS};
use crate::Output;

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
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(crate) fn multiply(tile: &Tile<'_>) {
    match (tile.format.block_columns(), tile.format.group_columns(), tile.format.offset()) {
        (16, 256, Some(_)) => all_tokens::<16, 256, false>(tile),
        (32, 256, None) => all_tokens::<32, 256, true>(tile),
        (32, 32, None) => all_tokens::<32, 32, true>(tile),
        _ => all_tokens::<32, 32, false>(tile),
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn all_tokens<const BLOCK: usize, const GROUP: usize, const MINIMA: bool>(tile: &Tile<'_>) {
    let whole = tile.tokens / TOKENS * TOKENS;
    for first in (0..whole).step_by(TOKENS) {
        some_tokens::<BLOCK, GROUP, MINIMA, TOKENS>(tile, first);
    }
    match tile.tokens - whole {
        1 => some_tokens::<BLOCK, GROUP, MINIMA, 1>(tile, whole),
        2 => some_tokens::<BLOCK, GROUP, MINIMA, 2>(tile, whole),
        3 => some_tokens::<BLOCK, GROUP, MINIMA, 3>(tile, whole),
        4 => some_tokens::<BLOCK, GROUP, MINIMA, 4>(tile, whole),
        5 => some_tokens::<BLOCK, GROUP, MINIMA, 5>(tile, whole),
        _ => {}
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn some_tokens<const BLOCK: usize, const GROUP: usize, const MINIMA: bool, const N: usize>(
    tile: &Tile<'_>,
    first: usize,
) {
    assert!(
        tile.columns <= COLUMNS
            && tile.columns.is_multiple_of(GROUP)
            && tile.column.is_multiple_of(GROUP)
            && tile.column + tile.columns <= tile.all_columns
    );
    let at = |unit: usize| place(tile.tokens, first, tile.column, tile.columns, unit);
    // Slices of what is read, checked here, so that the loops need no checks.
    let bytes = &tile.inputs.bytes[at(16)..][..tile.columns / 16 * N];
    let scales = &tile.inputs.scales[at(GROUP)..][..tile.columns / GROUP * N];
    let starts = &tile.inputs.starts[at(BLOCK)..][..tile.columns / BLOCK * N];
    let sums = &tile.inputs.sums[at(BLOCK)..][..tile.columns / BLOCK * N];
    let weights = &tile.panel.weights[..tile.columns / 2];
    let panel_scales = &tile.panel.scales[..tile.columns / BLOCK * 2];
    let panel_minima = &tile.panel.minima[..tile.columns / BLOCK * 2];

    let mut totals = [[_mm512_setzero_ps(); N]; 2];
    for group in 0..tile.columns / GROUP {
        let mut of_group: [[__m512; N]; 2] = [[_mm512_setzero_ps(); N]; 2];
        for block in group * (GROUP / BLOCK)..(group + 1) * (GROUP / BLOCK) {
            let mut products: [[__m512i; N]; 2] = [[_mm512_setzero_si512(); N]; 2];
            if !MINIMA {
                for token in 0..N {
                    // SAFETY: `starts` has a number for each token and block of the tile.
                    let start = _mm512_set1_epi32(unsafe { *starts.get_unchecked(block * N + token) });
                    (products[0][token], products[1][token]) = (start, start);
                }
            }
            for of_block in 0..BLOCK / 4 {
                let four = block * (BLOCK / 4) + of_block;
                let sixteen = block * (BLOCK / 16) + of_block / 4;
                // SAFETY: `weights` has two lines for every four columns of the tile.
                let (upper, lower) = unsafe {
                    (weights.get_unchecked(four * 2).load(), weights.get_unchecked(four * 2 + 1).load())
                };
                for token in 0..N {
                    // SAFETY: `bytes` has sixteen bytes for each token and every sixteen columns of the tile.
                    let input = unsafe { bytes.get_unchecked(sixteen * N + token)[of_block % 4] };
                    let input = _mm512_set1_epi32(i32::from_ne_bytes(input));
                    products[0][token] = _mm512_dpbusd_epi32(products[0][token], upper, input);
                    products[1][token] = _mm512_dpbusd_epi32(products[1][token], lower, input);
                }
            }
            for half in 0..2 {
                // SAFETY: the panel has two lines of scales for each block of the tile.
                let scale = unsafe { panel_scales.get_unchecked(block * 2 + half) }.load();
                for token in 0..N {
                    of_group[half][token] = _mm512_fmadd_ps(
                        _mm512_cvtepi32_ps(products[half][token]),
                        scale,
                        of_group[half][token],
                    );
                }
                if MINIMA {
                    // SAFETY: likewise of minima, and `sums` has a number for each token and block.
                    let minimum = unsafe { panel_minima.get_unchecked(block * 2 + half) }.load();
                    for token in 0..N {
                        let sum = _mm512_set1_ps(unsafe { *sums.get_unchecked(block * N + token) });
                        of_group[half][token] = _mm512_fnmadd_ps(minimum, sum, of_group[half][token]);
                    }
                }
            }
        }
        for token in 0..N {
            // SAFETY: `scales` has a number for each token and group of the tile.
            let scale = _mm512_set1_ps(unsafe { *scales.get_unchecked(group * N + token) });
            for half in 0..2 {
                totals[half][token] = _mm512_fmadd_ps(of_group[half][token], scale, totals[half][token]);
            }
        }
    }
    for token in 0..N {
        let to = tile.output.at((first + token) * tile.all_rows + tile.row, ROWS);
        for half in 0..2 {
            // SAFETY: `at` gave room for as many numbers as a panel has rows, and whoever made the output promised that they may be read and
            // written here.
            unsafe {
                let to = to.add(half * LANES);
                let before = if tile.column == 0 { _mm512_setzero_ps() } else { _mm512_loadu_ps(to) };
                _mm512_storeu_ps(to, _mm512_add_ps(before, totals[half][token]));
            }
        }
    }
    const { assert!(ROWS == 2 * LANES) };
}
