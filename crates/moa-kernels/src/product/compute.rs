//! A thread's share of a product, panel by panel.

use std::cell::RefCell;

use super::ahead::Ahead;
use super::inputs::Rounded;
use super::kernel::{self, Tile};
use super::panel::{COLUMNS, LANES, Panel, ROWS};
use super::unpack::unpack;
use super::{Inputs, Matrix};
use crate::simd::Rows;
use crate::{Output, Share};

#[derive(Debug)]
struct Scratch {
    inputs: Rounded,
    panel: Panel,
}

/// Computes this thread's share.
pub(super) fn multiply(matrix: Matrix<'_>, inputs: Inputs<'_>, output: Output, share: Share) {
    thread_local! {
        static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch { inputs: Rounded::default(), panel: Panel::new() });
    }
    SCRATCH.with_borrow_mut(|scratch| {
        // SAFETY: a matrix exists only where the processor has the instructions.
        #[expect(unsafe_code, reason = "instructions of the processor")]
        unsafe {
            multiply_with(matrix, inputs, output, share, scratch);
        }
    });
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn multiply_with(
    matrix: Matrix<'_>,
    inputs: Inputs<'_>,
    output: Output,
    share: Share,
    scratch: &mut Scratch,
) {
    let panels = matrix.rows / ROWS;
    let (first, end) = (panels * share.index / share.of, panels * (share.index + 1) / share.of);
    if first == end {
        return;
    }
    scratch.inputs.fill(matrix.format, &inputs);
    for row in (first * ROWS..end * ROWS).step_by(ROWS) {
        let mut ahead = Ahead::behind(&matrix, row, end * ROWS);
        for column in (0..matrix.columns).step_by(COLUMNS) {
            let columns = COLUMNS.min(matrix.columns - column);
            let one = (inputs.tokens == 1).then(|| &scratch.inputs.bytes[column / 16..][..columns / 16]);
            unpack(matrix, row, column, columns, one, &mut scratch.panel, &mut ahead);
            kernel::multiply(&Tile {
                format: matrix.format,
                panel: &scratch.panel,
                inputs: &scratch.inputs,
                all_columns: matrix.columns,
                column,
                columns,
                tokens: inputs.tokens,
                output,
                all_rows: matrix.rows,
                row,
            });
        }
    }
}

impl<'a> Matrix<'a> {
    /// The bytes of the sixteen rows from `row` on.
    pub(crate) fn sixteen_rows(&self, row: usize) -> Rows<'a> {
        let stride = self.format.row_bytes(self.columns);
        Rows { bytes: &self.bytes[row * stride..][..LANES * stride], stride }
    }
}
