//! A tile of tokens on one head of the cache, block by block.
//!
//! A row is one query head of one token. Scores of 64 cells and sums of 64 dimensions are computed alike, as products of a few rows with
//! 64 columns; for the scores the keys of a block are turned first, so that a column is a cell.

#![expect(clippy::needless_range_loop, reason = "numbers of registers, all loops unrolled")]

use super::tiles::Tile;
use super::{Attention, BLOCK};
use crate::Output;
use crate::simd::{HalfFloats, Line, Simd, Work, exponential, transpose};

/// The registers of a block's columns.
const REGISTERS: usize = BLOCK / 16;
/// Rows whose sums are in registers at once.
const ROWS: usize = 6;

/// What is computed of a tile.
#[derive(Debug, Default)]
pub(super) struct Room {
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

/// Computes a tile's results for one head of the cache.
pub(super) struct Attending<'a> {
    pub(super) room: &'a mut Room,
    pub(super) attention: &'a Attention<'a>,
    pub(super) tile: &'a Tile<'a>,
    pub(super) head: usize,
    pub(super) output: Output,
}

impl Work for Attending<'_> {
    type Output = ();

    #[inline(always)]
    fn on<S: Simd>(self, simd: S) {
        let Self { room, attention, tile, head, output } = self;
        room.begin(attention, tile, head);
        for cells in tile.cells.chunks(BLOCK) {
            room.read_block(simd, attention, cells, head);
            room.score(simd, attention, tile, cells);
            room.add_values(simd);
        }
        let (group, dimensions) = (attention.group(), attention.queries.dimensions);
        let rows = room.totals.len();
        for row in 0..rows {
            let (token, query_head) = (tile.tokens.start + row / group, head * group + row % group);
            let factor = if room.totals[row] > 0.0 { 1.0 / room.totals[row] } else { 0.0 };
            let to = output.at((token * attention.queries.heads + query_head) * dimensions, dimensions);
            for dimension in (0..dimensions).step_by(16) {
                let from = (dimension / BLOCK * rows + row) * BLOCK + dimension % BLOCK;
                let sums = simd.load(sixteen(&room.sums, from));
                // SAFETY: `at` gave room for a vector, of which these sixteen numbers are a part; whoever made the output promised that they may
                // be written here.
                let to = unsafe { &mut *to.add(dimension).cast::<[f32; 16]>() };
                simd.store(to, simd.multiply(sums, simd.splat(factor)));
            }
        }
    }
}

impl Room {
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
    #[inline(always)]
    fn read_block<S: Simd>(&mut self, simd: S, attention: &Attention<'_>, cells: &[usize], head: usize) {
        let dimensions = attention.queries.dimensions;
        let (keys, values) = (&attention.keys, &attention.values);
        let vector =
            |of: &super::Cells<'_>, cell: usize| cells[cell] * of.cell_stride + head * of.head_stride;
        for first in (0..BLOCK).step_by(16) {
            for dimension in (0..dimensions).step_by(16) {
                let mut rows = [simd.splat(0.0); 16];
                for (cell, numbers) in rows.iter_mut().enumerate().take(cells.len().saturating_sub(first)) {
                    *numbers =
                        simd.load_halves(sixteen(keys.numbers, vector(keys, first + cell) + dimension));
                }
                let turned = transpose(simd, &rows);
                let lines = &mut self.keys[dimension..dimension + 16];
                for at in 0..16 {
                    simd.store(&mut lines[at][first / 16].0, turned[at]);
                }
            }
        }
        for cell in 0..BLOCK {
            for dimension in (0..dimensions).step_by(BLOCK) {
                let to = &mut self.values[dimension + cell];
                if cell < cells.len() {
                    let from = vector(values, cell) + dimension;
                    for (at, line) in to.iter_mut().enumerate() {
                        simd.store(&mut line.0, simd.load_halves(sixteen(values.numbers, from + at * 16)));
                    }
                } else {
                    to.fill(Line([0.0; 16]));
                }
            }
        }
    }

    /// Computes a block's scores and makes exponentials of them; where a row's largest score grows, its sums shrink.
    #[inline(always)]
    fn score<S: Simd>(&mut self, simd: S, attention: &Attention<'_>, tile: &Tile<'_>, cells: &[usize]) {
        let (group, dimensions) = (attention.group(), attention.queries.dimensions);
        let rows = self.totals.len();
        self.scores.fill(0.0);
        multiply(simd, &self.queries, dimensions, &self.keys, &mut self.scores);
        for (token, rows_of_token) in tile.tokens.clone().zip((0..rows).step_by(group)) {
            let mask_of_all = attention.mask_of(token);
            let mut mask = [HalfFloats::NEGATIVE_INFINITY; BLOCK];
            mask.iter_mut().zip(cells).for_each(|(mask, cell)| *mask = mask_of_all[*cell]);
            for row in rows_of_token..rows_of_token + group {
                let mut scores = [simd.splat(0.0); REGISTERS];
                let mut largest = simd.splat(self.largest[row]);
                for at in 0..REGISTERS {
                    let mask = simd.load_halves(sixteen(&mask, at * 16));
                    scores[at] = simd.add(simd.load(sixteen(&self.scores, row * BLOCK + at * 16)), mask);
                    largest = simd.max(largest, scores[at]);
                }
                let largest = simd.largest(largest);
                if largest == f32::NEG_INFINITY {
                    self.scores[row * BLOCK..(row + 1) * BLOCK].fill(0.0);
                    continue;
                }
                let mut total = simd.splat(0.0);
                for at in 0..REGISTERS {
                    let weights = exponential(simd, simd.subtract(scores[at], simd.splat(largest)));
                    total = simd.add(total, weights);
                    simd.store(sixteen_mut(&mut self.scores, row * BLOCK + at * 16), weights);
                }
                let before = self.largest[row];
                if before < largest && before > f32::NEG_INFINITY {
                    let shrink = (before - largest).exp();
                    self.totals[row] *= shrink;
                    for dimension in (0..dimensions).step_by(16) {
                        let at = (dimension / BLOCK * rows + row) * BLOCK + dimension % BLOCK;
                        let sums = sixteen_mut(&mut self.sums, at);
                        simd.store(sums, simd.multiply(simd.load(sums), simd.splat(shrink)));
                    }
                }
                self.largest[row] = largest;
                self.totals[row] += simd.sum(total);
            }
        }
    }

    /// Adds the values of a block, as much of each as its exponential says.
    #[inline(always)]
    fn add_values<S: Simd>(&mut self, simd: S) {
        let rows = self.totals.len();
        for (values, sums) in self.values.chunks_exact(BLOCK).zip(self.sums.chunks_exact_mut(rows * BLOCK)) {
            multiply(simd, &self.scores, BLOCK, values, sums);
        }
    }
}

/// Adds to `results` (64 for each row) the products of rows of so many numbers with as many rows of 64 columns.
#[inline(always)]
fn multiply<S: Simd>(
    simd: S,
    rows: &[f32],
    length: usize,
    columns: &[[Line<f32, 16>; REGISTERS]],
    results: &mut [f32],
) {
    assert!(
        columns.len() >= length && rows.len() >= results.len() / BLOCK * length,
        "as many numbers as are multiplied"
    );
    let whole = results.len() / BLOCK / ROWS * ROWS;
    for first in (0..whole).step_by(ROWS) {
        let (rows, results) = (&rows[first * length..], &mut results[first * BLOCK..]);
        simd.run(SomeRows::<ROWS> { rows, length, columns, results });
    }
    let (rows, results) = (&rows[whole * length..], &mut results[whole * BLOCK..]);
    match results.len() / BLOCK {
        1 => simd.run(SomeRows::<1> { rows, length, columns, results }),
        2 => simd.run(SomeRows::<2> { rows, length, columns, results }),
        3 => simd.run(SomeRows::<3> { rows, length, columns, results }),
        4 => simd.run(SomeRows::<4> { rows, length, columns, results }),
        5 => simd.run(SomeRows::<5> { rows, length, columns, results }),
        _ => {}
    }
}

/// Products of `N` rows.
struct SomeRows<'a, const N: usize> {
    rows: &'a [f32],
    length: usize,
    columns: &'a [[Line<f32, 16>; REGISTERS]],
    results: &'a mut [f32],
}

impl<const N: usize> Work for SomeRows<'_, N> {
    type Output = ();

    #[inline(always)]
    fn on<S: Simd>(self, simd: S) {
        let Self { length, .. } = self;
        let (rows, columns, results) =
            (&self.rows[..N * length], &self.columns[..length], &mut self.results[..N * BLOCK]);
        // As many columns at once as there are registers for their sums.
        let width = if S::IS_WIDE { REGISTERS } else { 1 };
        for first in (0..REGISTERS).step_by(width) {
            let mut sums = [[simd.splat(0.0); REGISTERS]; N];
            for (at, columns) in columns.iter().enumerate() {
                let mut values = [simd.splat(0.0); REGISTERS];
                for register in 0..width {
                    values[register] = simd.load(&columns[first + register].0);
                }
                for row in 0..N {
                    // SAFETY: `rows` has `length` numbers for each row, and `at` is below `length`.
                    let number = simd.splat(unsafe { *rows.get_unchecked(row * length + at) });
                    for register in 0..width {
                        sums[row][register] =
                            simd.multiply_add(number, values[register], sums[row][register]);
                    }
                }
            }
            for row in 0..N {
                for register in 0..width {
                    let results = sixteen_mut(results, row * BLOCK + (first + register) * 16);
                    simd.store(results, simd.add(simd.load(results), sums[row][register]));
                }
            }
        }
    }
}

/// The sixteen from `at` on.
#[inline(always)]
fn sixteen<T>(numbers: &[T], at: usize) -> &[T; 16] {
    &numbers[at..at + 16].as_chunks().0[0]
}

#[inline(always)]
fn sixteen_mut<T>(numbers: &mut [T], at: usize) -> &mut [T; 16] {
    &mut numbers[at..at + 16].as_chunks_mut().0[0]
}
