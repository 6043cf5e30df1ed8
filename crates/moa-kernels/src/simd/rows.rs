//! From rows to columns.

use super::Simd;

/// Sixteen rows of bytes, one behind the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    /// The first row and the others.
    pub(crate) bytes: &'a [u8],
    /// The bytes of a row.
    pub(crate) stride: usize,
}

impl Rows<'_> {
    /// Sixteen bytes of each row: register `i` has those of the rows `i`, `i + 4`, `i + 8` and `i + 12`, as [`columns`] takes them.
    #[inline(always)]
    pub(crate) fn sixteen<S: Simd>(self, simd: S, at: usize) -> [S::Integers; 4] {
        assert!(15 * self.stride + at + 16 <= self.bytes.len(), "within the rows");
        let row = |row: usize| self.part::<16>(row, at);
        [
            simd.load_quarters([row(0), row(4), row(8), row(12)]),
            simd.load_quarters([row(1), row(5), row(9), row(13)]),
            simd.load_quarters([row(2), row(6), row(10), row(14)]),
            simd.load_quarters([row(3), row(7), row(11), row(15)]),
        ]
    }

    /// Four bytes of each row.
    #[inline(always)]
    pub(crate) fn four<S: Simd>(self, simd: S, at: usize) -> S::Integers {
        assert!(15 * self.stride + at + 4 <= self.bytes.len(), "within the rows");
        let mut bytes = [0; 64];
        for (row, four) in bytes.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            *four = *self.part::<4>(row, at);
        }
        simd.load_bytes(&bytes)
    }

    /// Some bytes of a row, of which the caller has checked that they are there.
    #[inline(always)]
    #[expect(
        unsafe_code,
        reason = "a check for each of sixteen rows would take as long as what is done with them"
    )]
    fn part<const N: usize>(&self, row: usize, at: usize) -> &[u8; N] {
        debug_assert!(row * self.stride + at + N <= self.bytes.len(), "within the rows");
        // SAFETY: `row` is at most 15, for which callers have checked it.
        unsafe { &*self.bytes.as_ptr().add(row * self.stride + at).cast() }
    }
}

/// From sixteen bytes of each of sixteen rows (see [`Rows::sixteen`]) to four bytes of each row in a register, the rows in their order.
#[inline(always)]
pub(crate) fn columns<S: Simd>(simd: S, rows: [S::Integers; 4]) -> [S::Integers; 4] {
    let [a, b, c, d] = rows;
    let [low_ab, high_ab] = simd.interleave_words(a, b);
    let [low_cd, high_cd] = simd.interleave_words(c, d);
    let [first, second] = simd.interleave_pairs(low_ab, low_cd);
    let [third, fourth] = simd.interleave_pairs(high_ab, high_cd);
    [first, second, third, fourth]
}

/// Turns sixteen rows of sixteen floats into columns.
#[inline(always)]
pub(crate) fn transpose<S: Simd>(simd: S, rows: &[S::Floats; 16]) -> [S::Floats; 16] {
    let mut fours = *rows;
    for four in fours.as_chunks_mut::<4>().0 {
        let [a, b, c, d] = *four;
        let bits =
            [simd.bits_of_floats(a), simd.bits_of_floats(b), simd.bits_of_floats(c), simd.bits_of_floats(d)];
        let [a, b, c, d] = columns(simd, bits);
        *four =
            [simd.floats_of_bits(a), simd.floats_of_bits(b), simd.floats_of_bits(c), simd.floats_of_bits(d)];
    }
    // Quarter q of fours[4 * f + c] has column 4 * q + c of the rows 4 * f to 4 * f + 3.
    let mut turned = fours;
    for column in 0..4 {
        let (a, b, c, d) = (fours[column], fours[4 + column], fours[8 + column], fours[12 + column]);
        let (even_ab, odd_ab) = (simd.even_quarters(a, b), simd.odd_quarters(a, b));
        let (even_cd, odd_cd) = (simd.even_quarters(c, d), simd.odd_quarters(c, d));
        turned[column] = simd.even_quarters(even_ab, even_cd);
        turned[8 + column] = simd.odd_quarters(even_ab, even_cd);
        turned[4 + column] = simd.even_quarters(odd_ab, odd_cd);
        turned[12 + column] = simd.odd_quarters(odd_ab, odd_cd);
    }
    turned
}
