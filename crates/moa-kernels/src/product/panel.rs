//! Unpacked weights: a few rows and columns of a matrix.

#[cfg(target_arch = "x86_64")]
use crate::simd::Line;

/// The rows of a panel.
pub(crate) const ROWS: usize = HALVES * LANES;
/// The columns of a panel, at most. With the scales it takes 20 KB, so that those of two threads on one core fit its first-level cache.
pub(crate) const COLUMNS: usize = 512;
/// The rows that lie in one register.
pub(crate) const LANES: usize = 16;
/// The registers that the rows of a panel lie in.
pub(crate) const HALVES: usize = 2;

/// Tokens whose sums are in registers at once. With 32 registers of sixteen numbers: two times six sums of products, as many of floats, and what they
/// are made of; with half as many of half the size: the sums of products of one half of the rows.
pub(crate) const TOKENS: usize = 6;

/// Weights as bytes, with what they are to be multiplied with.
#[cfg(target_arch = "x86_64")]
#[derive(Debug)]
pub(crate) struct Panel {
    /// Four columns of sixteen rows each: those of the first sixteen rows and of the other sixteen in turns.
    pub(crate) weights: Vec<Line<u8, 64>>,
    /// By block: the scales of the first sixteen rows, and of the others.
    pub(crate) scales: Vec<Line<f32, 16>>,
    /// By block, likewise: what to take off, as a multiple of the sum of the inputs. Unused where a format has an offset.
    pub(crate) minima: Vec<Line<f32, 16>>,
}

#[cfg(target_arch = "x86_64")]
impl Panel {
    pub(crate) fn new() -> Self {
        Self {
            weights: vec![Line([0; 64]); COLUMNS / 4 * HALVES],
            scales: vec![Line([0.0; 16]); COLUMNS / 16 * HALVES],
            minima: vec![Line([0.0; 16]); COLUMNS / 16 * HALVES],
        }
    }
}
