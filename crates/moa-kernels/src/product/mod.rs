//! The product of a matrix with the inputs of several tokens.

#[cfg(target_arch = "x86_64")]
mod ahead;
#[cfg(target_arch = "x86_64")]
mod compute;
mod format;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "several threads round the inputs of one product")]
mod inputs;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "inner loops without checks")]
mod kernel;
mod panel;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "several threads write to it")]
mod room;
#[cfg(target_arch = "x86_64")]
mod unpack;
#[cfg(target_arch = "x86_64")]
mod unpack_k;
mod workspace;

pub use self::format::Format;
use self::panel::ROWS;
pub use self::workspace::Workspace;
use crate::{Instructions, Output, Share};

/// Quantised weights.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    pub(crate) format: Format,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) bytes: &'a [u8],
    pub(crate) instructions: Instructions,
}

impl<'a> Matrix<'a> {
    /// Whether a matrix of this shape can be multiplied: whole panels of rows, whole registers of columns, and whole units of the format.
    #[must_use]
    pub const fn is_suitable(format: Format, rows: usize, columns: usize) -> bool {
        rows > 0
            && rows.is_multiple_of(ROWS)
            && columns > 0
            && columns.is_multiple_of(64)
            && columns.is_multiple_of(format.unit_columns())
    }

    /// The weights in `bytes`, row by row. `None` for shapes that are not
    /// [suitable](Self::is_suitable), another number of bytes than they have, and processors that are [not supported](crate::is_supported).
    #[must_use]
    pub fn new(format: Format, rows: usize, columns: usize, bytes: &'a [u8]) -> Option<Self> {
        let is_whole = Self::is_suitable(format, rows, columns)
            && rows.checked_mul(format.row_bytes(columns)) == Some(bytes.len());
        if !is_whole {
            return None;
        }
        Some(Self { format, rows, columns, bytes, instructions: Instructions::best()? })
    }

    /// The same, to be multiplied with other instructions than the fastest.
    #[must_use]
    pub const fn with(self, instructions: Instructions) -> Self {
        Self { instructions, ..self }
    }
}

/// What weights are multiplied with: the numbers of several tokens.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    numbers: &'a [f32],
    columns: usize,
    stride: usize,
    tokens: usize,
}

impl<'a> Inputs<'a> {
    /// The first `columns` of every `stride` numbers, for so many tokens. `None` where there are not as many numbers.
    #[must_use]
    pub fn new(numbers: &'a [f32], columns: usize, stride: usize, tokens: usize) -> Option<Self> {
        let needed = tokens
            .checked_sub(1)
            .map_or(Some(0), |before| before.checked_mul(stride)?.checked_add(columns))?;
        (columns <= stride && numbers.len() >= needed).then_some(Self { numbers, columns, stride, tokens })
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    pub(crate) fn tokens(&self) -> usize {
        self.tokens
    }

    pub(crate) fn of(&self, token: usize) -> &'a [f32] {
        &self.numbers[token * self.stride..][..self.columns]
    }
}

/// Computes this thread's share of `matrix` times `inputs`. Waits for the other threads, who compute the other shares at the same time.
///
/// # Safety
/// Every share of the product is computed once, each by a thread of its own, with the same workspace, which was [prepared](Workspace::prepare) for
/// it or for one like it; none begins with the next product before all are done with this one.
///
/// # Panics
/// If the inputs have not as many columns as the matrix, there is not room for a result of every row for every token, or the workspace has not
/// room for the inputs.
#[expect(unsafe_code, reason = "threads round the inputs for each other")]
pub unsafe fn multiply(
    matrix: Matrix<'_>,
    inputs: Inputs<'_>,
    output: Output,
    share: Share,
    workspace: &Workspace,
) {
    assert_eq!(matrix.columns, inputs.columns, "columns of the matrix and of the inputs");
    assert!(matrix.rows * inputs.tokens <= output.length(), "room for the results");
    #[cfg(target_arch = "x86_64")]
    // SAFETY: as promised.
    unsafe {
        compute::multiply(matrix, inputs, output, share, workspace);
    }
}

#[cfg(test)]
#[path = "product_tests.rs"]
mod tests;
