//! A tile of tokens on one head of the cache, block by block.
//!
//! A row is one query head of one token. Scores of 64 cells and sums of 64 dimensions are computed alike, as products of a few rows with
//! 64 columns; for the scores the keys of a block are turned first, so that a column is a cell.

#![expect(clippy::needless_range_loop, reason = "numbers of registers, all loops unrolled")]

use std::arch::x86_64::{
    __m512, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_max_ps, _mm512_mul_ps,
    _mm512_reduce_add_ps, _mm512_reduce_max_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps,
    _mm512_sub_ps,
};

use super::tiles::Tile;
use super::{Attention, BLOCK};
use crate::Output;
use crate::simd::{HalfFloats, Line, exponential, transpose};

/// The registers of a block's columns.
const REGISTERS: usize = BLOCK / 16;
/// Rows whose sums are in registers at once.
const ROWS: usize = 6;

/// What is computed of a tile.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// By row and dimension, scaled.
    queries: Vec<f32>,
    /// By dimension and cell.
    keys: Vec<[Line<f32, 16>; REGISTERS]>,
    /// By 64 dimensions, cell, and dimension.
    values: Vec<[Line<f32, 16>; REGISTERS]>,
    /// By row and cell: scores, then their exponentials.
    scores: Vec<f32>,
    /// By 64 dimensions, row, and dimension: sums of values.
    sums: Vec<f32>,
    /// By row: the largest score so far, and the sum of the exponentials.
    largest: Vec<f32>,
    totals: Vec<f32>,
}

impl Work {
    /// Computes a tile's results for one head of the cache.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    pub(super) fn attend(&mut self, attention: &Attention<'_>, tile: &Tile<'_>, head: usize, output: Output) {
        self.begin(attention, tile, head);
        for cells in tile.cells.chunks(BLOCK) {
            self.read_block(attention, cells, head);
            self.score(attention, tile, cells);
            self.add_values();
        }
        let (group, dimensions) = (attention.group(), attention.queries.dimensions);
        let rows = self.totals.len();
        for row in 0..rows {
            let (token, query_head) = (tile.tokens.start + row / group, head * group + row % group);
            let factor = if self.totals[row] > 0.0 { 1.0 / self.totals[row] } else { 0.0 };
            let to = output.at((token * attention.queries.heads + query_head) * dimensions, dimensions);
            for dimension in (0..dimensions).step_by(16) {
                let from = (dimension / BLOCK * rows + row) * BLOCK + dimension % BLOCK;
                let sums = load(&self.sums, from);
                // SAFETY: `at` gave room for a vector, of which these sixteen numbers are a part; whoever made the output promised that they may
                // be written here.
                unsafe { _mm512_storeu_ps(to.add(dimension), _mm512_mul_ps(sums, _mm512_set1_ps(factor))) };
            }
        }
    }

    fn begin(&mut self, attention: &Attention<'_>, tile: &Tile<'_>, head: usize) {
        let (group, dimensions) = (attention.group(), attention.queries.dimensions);
        let rows = tile.tokens.len() * group;
        self.queries.clear();
        for token in tile.tokens.clone() {
            for query_head in head * group..(head + 1) * group {
                self.queries
                    .extend(attention.query(token, query_head).iter().map(|number| number * attention.scale));
            }
        }
        self.keys.resize(dimensions, [Line([0.0; 16]); REGISTERS]);
        self.values.resize(dimensions / BLOCK * BLOCK, [Line([0.0; 16]); REGISTERS]);
        self.scores.resize(rows * BLOCK, 0.0);
        for (numbers, first, length) in [
            (&mut self.sums, 0.0, rows * dimensions),
            (&mut self.largest, f32::NEG_INFINITY, rows),
            (&mut self.totals, 0.0, rows),
        ] {
            numbers.clear();
            numbers.resize(length, first);
        }
    }

    /// Makes floats of the keys and values of a block's cells. Where a block is not full there is nothing.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn read_block(&mut self, attention: &Attention<'_>, cells: &[usize], head: usize) {
        let dimensions = attention.queries.dimensions;
        let (keys, values) = (&attention.keys, &attention.values);
        let vector =
            |of: &super::Cells<'_>, cell: usize| cells[cell] * of.cell_stride + head * of.head_stride;
        for first in (0..BLOCK).step_by(16) {
            for dimension in (0..dimensions).step_by(16) {
                let mut sixteen = [_mm512_setzero_ps(); 16];
                for (cell, numbers) in sixteen.iter_mut().enumerate().take(cells.len().saturating_sub(first))
                {
                    let from = vector(keys, first + cell) + dimension;
                    *numbers = HalfFloats(&keys.numbers[from..from + 16]).sixteen(0);
                }
                for (turned, line) in
                    transpose(&sixteen).into_iter().zip(&mut self.keys[dimension..dimension + 16])
                {
                    line[first / 16].store(turned);
                }
            }
        }
        for cell in 0..BLOCK {
            for dimension in (0..dimensions).step_by(BLOCK) {
                let to = &mut self.values[dimension + cell];
                if cell < cells.len() {
                    let from = vector(values, cell) + dimension;
                    let halves = HalfFloats(&values.numbers[from..from + BLOCK]);
                    for (at, line) in to.iter_mut().enumerate() {
                        line.store(halves.sixteen(at * 16));
                    }
                } else {
                    to.fill(Line([0.0; 16]));
                }
            }
        }
    }

    /// Computes a block's scores and makes exponentials of them; where a row's largest score grows, its sums shrink.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn score(&mut self, attention: &Attention<'_>, tile: &Tile<'_>, cells: &[usize]) {
        let (group, dimensions) = (attention.group(), attention.queries.dimensions);
        let rows = self.totals.len();
        self.scores.fill(0.0);
        multiply(&self.queries, dimensions, &self.keys, &mut self.scores);
        for (token, rows_of_token) in tile.tokens.clone().zip((0..rows).step_by(group)) {
            let mask_of_all = attention.mask_of(token);
            let mut mask = [HalfFloats::NEGATIVE_INFINITY; BLOCK];
            mask.iter_mut().zip(cells).for_each(|(mask, cell)| *mask = mask_of_all[*cell]);
            let mask = HalfFloats(&mask);
            let mask = [mask.sixteen(0), mask.sixteen(16), mask.sixteen(32), mask.sixteen(48)];
            for row in rows_of_token..rows_of_token + group {
                let mut scores = [_mm512_setzero_ps(); REGISTERS];
                let mut largest = _mm512_set1_ps(self.largest[row]);
                for (at, scores) in scores.iter_mut().enumerate() {
                    *scores = _mm512_add_ps(load(&self.scores, row * BLOCK + at * 16), mask[at]);
                    largest = _mm512_max_ps(largest, *scores);
                }
                let largest = _mm512_reduce_max_ps(largest);
                if largest == f32::NEG_INFINITY {
                    self.scores[row * BLOCK..(row + 1) * BLOCK].fill(0.0);
                    continue;
                }
                let mut total = _mm512_setzero_ps();
                for (at, scores) in scores.iter().enumerate() {
                    let weights = exponential(_mm512_sub_ps(*scores, _mm512_set1_ps(largest)));
                    total = _mm512_add_ps(total, weights);
                    store(&mut self.scores, row * BLOCK + at * 16, weights);
                }
                let before = self.largest[row];
                if before < largest && before > f32::NEG_INFINITY {
                    let shrink = (before - largest).exp();
                    self.totals[row] *= shrink;
                    for dimension in (0..dimensions).step_by(16) {
                        let at = (dimension / BLOCK * rows + row) * BLOCK + dimension % BLOCK;
                        let sums = _mm512_mul_ps(load(&self.sums, at), _mm512_set1_ps(shrink));
                        store(&mut self.sums, at, sums);
                    }
                }
                self.largest[row] = largest;
                self.totals[row] += _mm512_reduce_add_ps(total);
            }
        }
    }

    /// Adds the values of a block, as much of each as its exponential says.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn add_values(&mut self) {
        let rows = self.totals.len();
        for (values, sums) in self.values.chunks_exact(BLOCK).zip(self.sums.chunks_exact_mut(rows * BLOCK)) {
            multiply(&self.scores, BLOCK, values, sums);
        }
    }
}

/// Adds to `results` (64 for each row) the products of rows of so many numbers with as many rows of 64 columns.
#[target_feature(enable = "avx512f")]
fn multiply(rows: &[f32], length: usize, columns: &[[Line<f32, 16>; REGISTERS]], results: &mut [f32]) {
    assert!(
        columns.len() >= length && rows.len() >= results.len() / BLOCK * length,
        "as many numbers as are multiplied"
    );
    let whole = results.len() / BLOCK / ROWS * ROWS;
    for first in (0..whole).step_by(ROWS) {
        multiply_rows::<ROWS>(&rows[first * length..], length, columns, &mut results[first * BLOCK..]);
    }
    let (rows, results) = (&rows[whole * length..], &mut results[whole * BLOCK..]);
    match results.len() / BLOCK {
        1 => multiply_rows::<1>(rows, length, columns, results),
        2 => multiply_rows::<2>(rows, length, columns, results),
        3 => multiply_rows::<3>(rows, length, columns, results),
        4 => multiply_rows::<4>(rows, length, columns, results),
        5 => multiply_rows::<5>(rows, length, columns, results),
        _ => {}
    }
}

#[target_feature(enable = "avx512f")]
fn multiply_rows<const N: usize>(
    rows: &[f32],
    length: usize,
    columns: &[[Line<f32, 16>; REGISTERS]],
    results: &mut [f32],
) {
    let (rows, columns, results) = (&rows[..N * length], &columns[..length], &mut results[..N * BLOCK]);
    let mut sums: [[__m512; REGISTERS]; N] = [[_mm512_setzero_ps(); REGISTERS]; N];
    for (at, columns) in columns.iter().enumerate() {
        let [a, b, c, d] = columns;
        let columns = [a.load(), b.load(), c.load(), d.load()];
        for row in 0..N {
            // SAFETY: `rows` has `length` numbers for each row, and `at` is below `length`.
            let number = _mm512_set1_ps(unsafe { *rows.get_unchecked(row * length + at) });
            for register in 0..REGISTERS {
                sums[row][register] = _mm512_fmadd_ps(number, columns[register], sums[row][register]);
            }
        }
    }
    for (row, sums) in sums.into_iter().enumerate() {
        for (register, sums) in sums.into_iter().enumerate() {
            let at = row * BLOCK + register * 16;
            store(results, at, _mm512_add_ps(load(results, at), sums));
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(numbers: &[f32], at: usize) -> __m512 {
    let numbers = &numbers[at..at + 16];
    // SAFETY: the slice has sixteen numbers; the instruction takes any alignment.
    unsafe { _mm512_loadu_ps(numbers.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(numbers: &mut [f32], at: usize, values: __m512) {
    let numbers = &mut numbers[at..at + 16];
    // SAFETY: the slice has sixteen numbers; the instruction takes any alignment.
    unsafe { _mm512_storeu_ps(numbers.as_mut_ptr(), values) }
}
