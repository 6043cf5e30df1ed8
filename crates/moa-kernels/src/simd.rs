//! The instructions that are used, on types that say how much they read.

use std::arch::x86_64::{
    __m128i, __m512, __m512i, _CMP_GT_OQ, _MM_FROUND_NO_EXC, _MM_FROUND_TO_NEAREST_INT, _MM_HINT_T1,
    _mm_loadu_si128, _mm_prefetch, _mm_storeu_si128, _mm256_loadu_si256, _mm512_castpd_ps, _mm512_castps_pd,
    _mm512_cmp_ps_mask, _mm512_cmpneq_epi16_mask, _mm512_cvtph_ps, _mm512_fmadd_ps, _mm512_fnmadd_ps,
    _mm512_inserti32x4, _mm512_load_ps, _mm512_load_si512, _mm512_loadu_ps, _mm512_loadu_si512,
    _mm512_maskz_scalef_ps, _mm512_max_ps, _mm512_mul_ps, _mm512_roundscale_ps, _mm512_set1_epi16,
    _mm512_set1_ps, _mm512_setzero_si512, _mm512_shuffle_f32x4, _mm512_store_ps, _mm512_store_si512,
    _mm512_unpackhi_epi32, _mm512_unpackhi_epi64, _mm512_unpackhi_pd, _mm512_unpackhi_ps,
    _mm512_unpacklo_epi32, _mm512_unpacklo_epi64, _mm512_unpacklo_pd, _mm512_unpacklo_ps,
};

/// Has the processor fetch a line of memory. It need not be there.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn fetch(line: *const u8) {
    _mm_prefetch::<_MM_HINT_T1>(line.cast());
}

/// As many bytes as a register has, where the processor likes them to begin.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Line<T, const N: usize>(pub(crate) [T; N]);

#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn load_floats(floats: &[f32; 16]) -> __m512 {
    // SAFETY: the array has 64 bytes; the instruction takes any alignment.
    unsafe { _mm512_loadu_ps(floats.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn store_fours(bytes: &mut [[u8; 4]; 4], values: __m128i) {
    // SAFETY: the arrays have 16 bytes together; the instruction takes any alignment.
    unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), values) }
}

impl Line<u8, 64> {
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn load(&self) -> __m512i {
        // SAFETY: the line has 64 bytes and begins at a multiple of 64.
        unsafe { _mm512_load_si512(self.0.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn store(&mut self, values: __m512i) {
        // SAFETY: the line has 64 bytes and begins at a multiple of 64.
        unsafe { _mm512_store_si512(self.0.as_mut_ptr().cast(), values) }
    }
}

impl Line<f32, 16> {
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn load(&self) -> __m512 {
        // SAFETY: the line has 64 bytes and begins at a multiple of 64.
        unsafe { _mm512_load_ps(self.0.as_ptr()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn store(&mut self, values: __m512) {
        // SAFETY: the line has 64 bytes and begins at a multiple of 64.
        unsafe { _mm512_store_ps(self.0.as_mut_ptr(), values) }
    }
}

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
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn sixteen(self, at: usize) -> [__m512i; 4] {
        assert!(15 * self.stride + at + 16 <= self.bytes.len(), "within the rows");
        let load = |row: usize| {
            // SAFETY: `row` is at most 15, for which it was checked just now.
            unsafe { _mm_loadu_si128(self.bytes.as_ptr().add(row * self.stride + at).cast()) }
        };
        let mut registers = [_mm512_setzero_si512(); 4];
        for (first, register) in registers.iter_mut().enumerate() {
            *register = _mm512_inserti32x4::<0>(*register, load(first));
            *register = _mm512_inserti32x4::<1>(*register, load(first + 4));
            *register = _mm512_inserti32x4::<2>(*register, load(first + 8));
            *register = _mm512_inserti32x4::<3>(*register, load(first + 12));
        }
        registers
    }

    /// Four bytes of each row.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn four(self, at: usize) -> __m512i {
        assert!(15 * self.stride + at + 4 <= self.bytes.len(), "within the rows");
        let mut line = Line([0; 64]);
        for (row, four) in line.0.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            // SAFETY: `row` is at most 15, for which it was checked just now.
            *four = unsafe { self.bytes.as_ptr().add(row * self.stride + at).cast::<[u8; 4]>().read() };
        }
        line.load()
    }
}

/// From sixteen bytes of each of sixteen rows (see [`Rows::sixteen`]) to four bytes of each row in a register, the rows in their order.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn columns(rows: [__m512i; 4]) -> [__m512i; 4] {
    let [a, b, c, d] = rows;
    let (low_ab, high_ab) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    let (low_cd, high_cd) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    [
        _mm512_unpacklo_epi64(low_ab, low_cd),
        _mm512_unpackhi_epi64(low_ab, low_cd),
        _mm512_unpacklo_epi64(high_ab, high_cd),
        _mm512_unpackhi_epi64(high_ab, high_cd),
    ]
}

/// Turns sixteen rows of sixteen floats into columns.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn transpose(rows: &[__m512; 16]) -> [__m512; 16] {
    let mut fours = *rows;
    for four in 0..4 {
        let first = 4 * four;
        let (low_ab, high_ab) = (
            _mm512_unpacklo_ps(rows[first], rows[first + 1]),
            _mm512_unpackhi_ps(rows[first], rows[first + 1]),
        );
        let (low_cd, high_cd) = (
            _mm512_unpacklo_ps(rows[first + 2], rows[first + 3]),
            _mm512_unpackhi_ps(rows[first + 2], rows[first + 3]),
        );
        let pairs = |low: __m512, high: __m512| {
            let (low, high) = (_mm512_castps_pd(low), _mm512_castps_pd(high));
            (_mm512_castpd_ps(_mm512_unpacklo_pd(low, high)), _mm512_castpd_ps(_mm512_unpackhi_pd(low, high)))
        };
        (fours[first], fours[first + 1]) = pairs(low_ab, low_cd);
        (fours[first + 2], fours[first + 3]) = pairs(high_ab, high_cd);
    }
    // Quarter q of fours[4 * f + c] has column 4 * q + c of the rows 4 * f to 4 * f + 3.
    let mut turned = fours;
    for column in 0..4 {
        let (a, b, c, d) = (fours[column], fours[4 + column], fours[8 + column], fours[12 + column]);
        let (even_ab, odd_ab) = (_mm512_shuffle_f32x4::<0x88>(a, b), _mm512_shuffle_f32x4::<0xdd>(a, b));
        let (even_cd, odd_cd) = (_mm512_shuffle_f32x4::<0x88>(c, d), _mm512_shuffle_f32x4::<0xdd>(c, d));
        turned[column] = _mm512_shuffle_f32x4::<0x88>(even_ab, even_cd);
        turned[8 + column] = _mm512_shuffle_f32x4::<0xdd>(even_ab, even_cd);
        turned[4 + column] = _mm512_shuffle_f32x4::<0x88>(odd_ab, odd_cd);
        turned[12 + column] = _mm512_shuffle_f32x4::<0xdd>(odd_ab, odd_cd);
    }
    turned
}

/// Floats of 16 bits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HalfFloats<'a>(pub(crate) &'a [u16]);

impl HalfFloats<'_> {
    /// Negative infinity.
    pub(crate) const NEGATIVE_INFINITY: u16 = 0xfc00;

    /// Sixteen of them as floats of 32 bits.
    #[inline]
    #[target_feature(enable = "avx512f,avx512vl")]
    pub(crate) fn sixteen(self, at: usize) -> __m512 {
        let numbers = &self.0[at..at + 16];
        // SAFETY: the slice has 32 bytes; the instruction takes any alignment.
        _mm512_cvtph_ps(unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) })
    }

    /// A bit for each of them that is not negative infinity, in words of 64.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(crate) fn find_seen(self, words: &mut Vec<u64>) {
        let hidden = _mm512_set1_epi16(Self::NEGATIVE_INFINITY.cast_signed());
        let seen = |numbers: &[u16; 32]| {
            // SAFETY: the array has 64 bytes; the instruction takes any alignment.
            let numbers = unsafe { _mm512_loadu_si512(numbers.as_ptr().cast()) };
            u64::from(_mm512_cmpneq_epi16_mask(numbers, hidden))
        };
        words.clear();
        for numbers in self.0.chunks(64) {
            let mut padded = [Self::NEGATIVE_INFINITY; 64];
            padded[..numbers.len()].copy_from_slice(numbers);
            let [first, second] = padded.as_chunks::<32>().0 else { unreachable!("two of 32") };
            words.push(seen(first) | seen(second) << 32);
        }
    }
}

/// The exponentials of numbers that are not above zero; those of numbers below -87 are zero.
///
/// # Source
/// The usual way: 2 to a whole power, times a polynomial on half an octave to either side (Taylor's, to the sixth power: 1 in 10 million off).
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn exponential(numbers: __m512) -> __m512 {
    let is_seen = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(numbers, _mm512_set1_ps(-87.0));
    let numbers = _mm512_max_ps(numbers, _mm512_set1_ps(-87.0));
    let octaves = _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(_mm512_mul_ps(
        numbers,
        _mm512_set1_ps(std::f32::consts::LOG2_E),
    ));
    // ln 2 in two parts, the first of which times a small whole number is exact.
    let rest = _mm512_fnmadd_ps(octaves, _mm512_set1_ps(0.693_359_4), numbers);
    let rest = _mm512_fnmadd_ps(octaves, _mm512_set1_ps(-2.121_944_4e-4), rest);
    let mut sum = _mm512_set1_ps(1.0 / 720.0);
    for coefficient in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = _mm512_fmadd_ps(sum, rest, _mm512_set1_ps(coefficient));
    }
    _mm512_maskz_scalef_ps(is_seen, sum, octaves)
}
