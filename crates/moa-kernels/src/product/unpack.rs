//! From weights as ggml keeps them to a panel.
//!
//! ggml keeps row by row. Of sixteen rows sixteen bytes each are brought into four registers, unpacked there, and turned, so that
//! a register has four columns of all sixteen rows.

use super::Matrix;
use super::ahead::Ahead;
use super::format::Format;
use super::panel::{HALVES, LANES, Panel};
use crate::simd::{Rows, Simd, Work, columns};

/// Unpacks the rows of a panel from `row` on, and so many columns from `column` on. Meanwhile what is `ahead` is fetched.
pub(crate) struct Unpacking<'a> {
    pub(crate) matrix: Matrix<'a>,
    pub(crate) row: usize,
    pub(crate) column: usize,
    pub(crate) columns: usize,
    pub(crate) panel: &'a mut Panel,
    pub(crate) ahead: &'a mut Ahead,
}

impl Work for Unpacking<'_> {
    type Output = ();

    #[inline(always)]
    fn on<S: Simd>(self, simd: S) {
        let Self { matrix, row, column, columns, panel, ahead } = self;
        let unit_columns = matrix.format.unit_columns();
        for half in 0..HALVES {
            let mut part = Part {
                simd,
                rows: matrix.sixteen_rows(row + half * LANES),
                unit: matrix.format.unit_bytes(),
                first: column / unit_columns,
                half,
                panel: &mut *panel,
                ahead: &mut *ahead,
            };
            for unit in 0..columns / unit_columns {
                match matrix.format {
                    Format::Q4_0 => part.four_bits::<2, false>(unit),
                    Format::Q4_1 => part.four_bits::<4, true>(unit),
                    Format::Q5_0 => part.five_bits::<2, false>(unit),
                    Format::Q5_1 => part.five_bits::<4, true>(unit),
                    Format::Q8_0 => part.eight_bits(unit),
                    Format::Q4K => part.four_bits_k(unit),
                    Format::Q5K => part.five_bits_k(unit),
                    Format::Q6K => part.six_bits_k(unit),
                }
            }
        }
    }
}

/// Sixteen rows of a matrix, some units of them.
pub(super) struct Part<'a, S> {
    pub(super) simd: S,
    pub(super) rows: Rows<'a>,
    /// The bytes of a unit of a row.
    unit: usize,
    /// The first unit.
    first: usize,
    /// Which half of the panel.
    pub(super) half: usize,
    pub(super) panel: &'a mut Panel,
    ahead: &'a mut Ahead,
}

impl<S: Simd> Part<'_, S> {
    #[inline(always)]
    pub(super) fn at(&self, unit: usize) -> usize {
        (self.first + unit) * self.unit
    }

    /// Sixteen bytes of each row.
    #[inline(always)]
    pub(super) fn sixteen(&self, at: usize) -> [S::Integers; 4] {
        self.rows.sixteen(self.simd, at)
    }

    /// Puts four registers of four columns each where they belong: those from `four` on, in fours of columns.
    #[inline(always)]
    pub(super) fn put(&mut self, four: usize, rows: [S::Integers; 4]) {
        self.ahead.fetch();
        let lines = &mut self.panel.weights[four * HALVES..][..4 * HALVES];
        let columns = columns(self.simd, rows);
        for at in 0..4 {
            self.simd.store_bytes(&mut lines[at * HALVES + self.half].0, columns[at]);
        }
    }

    /// The scale that a unit begins with, and the minimum behind it.
    #[inline(always)]
    fn put_scale<const HAS_MINIMUM: bool>(&mut self, unit: usize) {
        let simd = self.simd;
        let both = self.rows.four(simd, self.at(unit));
        let at = unit * HALVES + self.half;
        simd.store(&mut self.panel.scales[at].0, simd.floats_of_halves(both));
        if HAS_MINIMUM {
            // What is taken off, not put on.
            let minimum = simd.subtract(simd.splat(0.0), self.high_floats(both));
            simd.store(&mut self.panel.minima[at].0, minimum);
        }
    }

    /// `Q4_0` and `Q4_1`: the nibbles at `AT`.
    #[inline(always)]
    fn four_bits<const AT: usize, const HAS_MINIMUM: bool>(&mut self, unit: usize) {
        let packed = self.sixteen(self.at(unit) + AT);
        self.put(unit * 8, self.low_nibbles(packed));
        self.put(unit * 8 + 4, self.high_nibbles(packed));
        self.put_scale::<HAS_MINIMUM>(unit);
    }

    /// `Q5_0` and `Q5_1`: the fifth bits at `AT`, the nibbles behind them.
    #[inline(always)]
    fn five_bits<const AT: usize, const HAS_MINIMUM: bool>(&mut self, unit: usize) {
        let simd = self.simd;
        let fifth = self.rows.four(simd, self.at(unit) + AT);
        // A register has the rows `i`, `i + 4`, `i + 8`, `i + 12`: their words, four times each.
        let fifth = [
            simd.repeat_word::<0x00>(fifth),
            simd.repeat_word::<0x55>(fifth),
            simd.repeat_word::<0xaa>(fifth),
            simd.repeat_word::<0xff>(fifth),
        ];
        let packed = self.sixteen(self.at(unit) + AT + 4);
        // Where the fifth bits of the first and of the other sixteen columns lie: eight in a byte.
        let first = simd.repeat([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
        let others = simd.repeat([2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3]);
        let bits = simd.repeat([1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128]);
        let (mut lows, mut highs) = (self.low_nibbles(packed), self.high_nibbles(packed));
        for at in 0..4 {
            lows[at] = simd.set_fifth_where(lows[at], simd.pick_bytes(fifth[at], first), bits);
            highs[at] = simd.set_fifth_where(highs[at], simd.pick_bytes(fifth[at], others), bits);
        }
        self.put(unit * 8, lows);
        self.put(unit * 8 + 4, highs);
        self.put_scale::<HAS_MINIMUM>(unit);
    }

    /// `Q8_0`.
    #[inline(always)]
    fn eight_bits(&mut self, unit: usize) {
        let simd = self.simd;
        for half in 0..2 {
            let signed = self.sixteen(self.at(unit) + 2 + half * 16);
            let [a, b, c, d] = signed;
            let sign = simd.splat_bytes(0x80);
            let raised = [simd.xor(a, sign), simd.xor(b, sign), simd.xor(c, sign), simd.xor(d, sign)];
            self.put(unit * 8 + half * 4, raised);
        }
        self.put_scale::<false>(unit);
    }

    #[inline(always)]
    pub(super) fn low_nibbles(&self, bytes: [S::Integers; 4]) -> [S::Integers; 4] {
        let simd = self.simd;
        let mask = simd.splat_bytes(0x0f);
        let [a, b, c, d] = bytes;
        [simd.and(a, mask), simd.and(b, mask), simd.and(c, mask), simd.and(d, mask)]
    }

    #[inline(always)]
    pub(super) fn high_nibbles(&self, bytes: [S::Integers; 4]) -> [S::Integers; 4] {
        let simd = self.simd;
        let [a, b, c, d] = bytes;
        self.low_nibbles([
            simd.shift_right(a, 4),
            simd.shift_right(b, 4),
            simd.shift_right(c, 4),
            simd.shift_right(d, 4),
        ])
    }

    /// Floats of 16 bits that lie in the upper halves of words.
    #[inline(always)]
    pub(super) fn high_floats(&self, words: S::Integers) -> S::Floats {
        self.simd.floats_of_halves(self.simd.shift_right(words, 16))
    }
}
