//! Having the processor fetch weights before they are needed.
//!
//! A core waits for few lines of memory at once, and what it is told beyond that holds up the instructions behind it. So a few lines are fetched with
//! every few columns that are unpacked: as many as those were. The rows of a panel lie apart, but those of all its columns lie in one piece, and
//! so do the next ones; in that order, and into the second-level cache, memory gives most.

use super::Matrix;
use super::panel::{LANES, ROWS};
use crate::simd;

const LINE_BYTES: usize = 64;

/// The rows behind those that are unpacked.
pub(crate) struct Ahead {
    next: *const u8,
    /// Up to where to fetch by now.
    now: *const u8,
    /// The bytes of sixteen columns of sixteen rows.
    step: usize,
    end: *const u8,
}

impl Ahead {
    /// Behind the panels at `row`. Nothing is fetched from `end_row` on.
    pub(crate) fn behind(matrix: &Matrix<'_>, row: usize, end_row: usize) -> Self {
        let stride = matrix.format.row_bytes(matrix.columns);
        let of_row = |row: usize| matrix.bytes.as_ptr().wrapping_add(row.min(end_row) * stride);
        let step = matrix.format.unit_bytes() * LANES * 16 / matrix.format.unit_columns();
        Self { next: of_row(row + ROWS), now: of_row(row + ROWS), step, end: of_row(row + 2 * ROWS) }
    }

    /// Fetches as many bytes as sixteen rows have in sixteen columns.
    #[inline(always)]
    pub(crate) fn fetch(&mut self) {
        self.now = self.now.wrapping_add(self.step).min(self.end);
        while self.next < self.now {
            simd::fetch(self.next);
            self.next = self.next.wrapping_add(LINE_BYTES);
        }
    }
}
