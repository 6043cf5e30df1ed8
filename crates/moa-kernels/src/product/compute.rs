//! A thread's share of a product, panel by panel.

use std::cell::RefCell;

use super::ahead::Ahead;
use super::inputs::{Filled, Rounded};
use super::kernel::{self, Tile};
use super::panel::{COLUMNS, LANES, Panel, ROWS, TOKENS};
use super::unpack::Unpacking;
use super::{Inputs, Matrix, Workspace};
use crate::simd::{Rows, Simd, Work};
use crate::{Output, Share};

/// Tokens from which on threads round the inputs together: for fewer, waiting for each other would take longer.
const FEWEST_TOGETHER: usize = 4;

#[derive(Debug)]
struct Scratch {
    inputs: Rounded,
    panel: Panel,
}

/// Computes this thread's share.
///
/// # Safety
/// As of [`super::multiply`].
#[expect(unsafe_code, reason = "inputs that threads round for each other")]
pub(super) unsafe fn multiply(
    matrix: Matrix<'_>,
    inputs: Inputs<'_>,
    output: Output,
    share: Share,
    workspace: &Workspace,
) {
    thread_local! {
        static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch { inputs: Rounded::default(), panel: Panel::new() });
    }
    let Matrix { format, columns, instructions, .. } = matrix;
    let tokens = inputs.tokens;
    SCRATCH.with_borrow_mut(|scratch| {
        let is_together = tokens >= FEWEST_TOGETHER && share.of > 1;
        let tiles = tokens.div_ceil(TOKENS);
        let (rounded, own) = if is_together {
            (&workspace.inputs, tiles * share.index / share.of..tiles * (share.index + 1) / share.of)
        } else {
            scratch.inputs.reserve(format, columns, tokens);
            (&scratch.inputs, 0..tiles)
        };
        // SAFETY: each thread fills tiles of its own, and reads only when all have waited for each other, or what is its own alone.
        let filled = unsafe {
            rounded.fill(instructions, format, &inputs, own);
            if is_together {
                workspace.wait(share);
            }
            rounded.filled(format, columns, tokens)
        };
        instructions.run(Panels {
            matrix,
            tokens,
            inputs: &filled,
            output,
            share,
            panel: &mut scratch.panel,
        });
    });
}

/// A thread's panels.
struct Panels<'a> {
    matrix: Matrix<'a>,
    tokens: usize,
    inputs: &'a Filled<'a>,
    output: Output,
    share: Share,
    panel: &'a mut Panel,
}

impl Work for Panels<'_> {
    type Output = ();

    #[inline(always)]
    fn on<S: Simd>(self, simd: S) {
        let Self { matrix, tokens, inputs, output, share, panel } = self;
        let panels = matrix.rows / ROWS;
        let (first, end) = (panels * share.index / share.of, panels * (share.index + 1) / share.of);
        for row in (first * ROWS..end * ROWS).step_by(ROWS) {
            let mut ahead = Ahead::behind(&matrix, row, end * ROWS);
            for column in (0..matrix.columns).step_by(COLUMNS) {
                let columns = COLUMNS.min(matrix.columns - column);
                simd.run(Unpacking { matrix, row, column, columns, panel, ahead: &mut ahead });
                kernel::multiply(
                    simd,
                    &Tile {
                        format: matrix.format,
                        panel,
                        inputs,
                        all_columns: matrix.columns,
                        column,
                        columns,
                        tokens,
                        output,
                        all_rows: matrix.rows,
                        row,
                    },
                );
            }
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
