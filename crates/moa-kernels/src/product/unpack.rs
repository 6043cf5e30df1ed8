//! From weights as ggml keeps them to a panel.
//!
//! ggml keeps row by row. Of sixteen rows sixteen bytes each are brought into four registers, unpacked there, and turned, so that
//! a register has four columns of all sixteen rows.

use std::arch::x86_64::{
    __m256i, __m512, __m512i, _mm512_add_epi8, _mm512_and_si512, _mm512_cvtepi32_epi16, _mm512_cvtepi32_ps,
    _mm512_cvtph_ps, _mm512_mask_add_epi8, _mm512_maskz_set1_epi8, _mm512_mul_ps, _mm512_or_si512,
    _mm512_set_epi64, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_set1_epi64, _mm512_setzero_ps,
    _mm512_shuffle_epi8, _mm512_shuffle_epi32, _mm512_slli_epi16, _mm512_slli_epi32, _mm512_srai_epi32,
    _mm512_srli_epi16, _mm512_srli_epi32, _mm512_sub_ps, _mm512_test_epi8_mask, _mm512_xor_si512,
};

use super::Matrix;
use super::ahead::Ahead;
use super::format::Format;
use super::panel::{LANES, Panel, ROWS};
use crate::simd::{Rows, columns};

/// Unpacks the 32 rows from `row` on, and so many columns from `column` on. Meanwhile what is `ahead` is fetched.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(crate) fn unpack(
    matrix: Matrix<'_>,
    row: usize,
    column: usize,
    columns: usize,
    panel: &mut Panel,
    ahead: &mut Ahead,
) {
    for half in 0..ROWS / LANES {
        let rows = matrix.sixteen_rows(row + half * LANES);
        let mut part = Part {
            rows,
            unit: matrix.format.unit_bytes(),
            first: column / matrix.format.unit_columns(),
            half,
            ahead: &mut *ahead,
        };
        let units = columns / matrix.format.unit_columns();
        for unit in 0..units {
            match matrix.format {
                Format::Q4_0 => part.four_bits::<2, false>(unit, panel),
                Format::Q4_1 => part.four_bits::<4, true>(unit, panel),
                Format::Q5_0 => part.five_bits::<2, false>(unit, panel),
                Format::Q5_1 => part.five_bits::<4, true>(unit, panel),
                Format::Q8_0 => part.eight_bits(unit, panel),
                Format::Q4K => part.four_bits_k(unit, panel),
                Format::Q5K => part.five_bits_k(unit, panel),
                Format::Q6K => part.six_bits_k(unit, panel),
            }
        }
    }
}

/// Sixteen rows of a matrix, some units of them.
struct Part<'a> {
    rows: Rows<'a>,
    /// The bytes of a unit of a row.
    unit: usize,
    /// The first unit.
    first: usize,
    /// Which half of the panel.
    half: usize,
    ahead: &'a mut Ahead,
}

impl Part<'_> {
    fn at(&self, unit: usize) -> usize {
        (self.first + unit) * self.unit
    }

    /// Puts four registers of four columns each where they belong: those from `four` on, in fours of columns.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn put(&mut self, panel: &mut Panel, four: usize, rows: [__m512i; 4]) {
        self.ahead.fetch();
        let lines = &mut panel.weights[four * 2..][..8];
        for (at, columns) in columns(rows).into_iter().enumerate() {
            lines[at * 2 + self.half].store(columns);
        }
    }

    /// The scale that a unit begins with, and the minimum behind it.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn put_scale<const HAS_MINIMUM: bool>(&self, panel: &mut Panel, unit: usize) {
        let both = self.rows.four(self.at(unit));
        panel.scales[unit * 2 + self.half].store(low_floats(both));
        if HAS_MINIMUM {
            // What is taken off, not put on.
            let minimum = _mm512_sub_ps(_mm512_setzero_ps(), high_floats(both));
            panel.minima[unit * 2 + self.half].store(minimum);
        }
    }

    /// `Q4_0` and `Q4_1`: the nibbles at `AT`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn four_bits<const AT: usize, const HAS_MINIMUM: bool>(&mut self, unit: usize, panel: &mut Panel) {
        let packed = self.rows.sixteen(self.at(unit) + AT);
        self.put(panel, unit * 8, each(packed, |bytes| low_nibbles(bytes)));
        self.put(panel, unit * 8 + 4, each(packed, |bytes| high_nibbles(bytes)));
        self.put_scale::<HAS_MINIMUM>(panel, unit);
    }

    /// `Q5_0` and `Q5_1`: the fifth bits at `AT`, the nibbles behind them.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn five_bits<const AT: usize, const HAS_MINIMUM: bool>(&mut self, unit: usize, panel: &mut Panel) {
        let fifth = self.rows.four(self.at(unit) + AT);
        // A register has the rows `i`, `i + 4`, `i + 8`, `i + 12`: their words, four times each.
        let fifth = [
            _mm512_shuffle_epi32::<0x00>(fifth),
            _mm512_shuffle_epi32::<0x55>(fifth),
            _mm512_shuffle_epi32::<0xaa>(fifth),
            _mm512_shuffle_epi32::<0xff>(fifth),
        ];
        let packed = self.rows.sixteen(self.at(unit) + AT + 4);
        let low = _mm512_set_epi64(
            0x0101_0101_0101_0101,
            0,
            0x0101_0101_0101_0101,
            0,
            0x0101_0101_0101_0101,
            0,
            0x0101_0101_0101_0101,
            0,
        );
        let high = _mm512_add_epi8(low, _mm512_set1_epi8(2));
        let bits = _mm512_set1_epi64(i64::from_le_bytes([1, 2, 4, 8, 16, 32, 64, 128]));
        let add = |nibbles: __m512i, fifth: __m512i, bytes: __m512i| {
            let is_set = _mm512_test_epi8_mask(_mm512_shuffle_epi8(fifth, bytes), bits);
            _mm512_mask_add_epi8(nibbles, is_set, nibbles, _mm512_set1_epi8(16))
        };
        let mut lows = packed;
        let mut highs = packed;
        for at in 0..4 {
            lows[at] = add(low_nibbles(packed[at]), fifth[at], low);
            highs[at] = add(high_nibbles(packed[at]), fifth[at], high);
        }
        self.put(panel, unit * 8, lows);
        self.put(panel, unit * 8 + 4, highs);
        self.put_scale::<HAS_MINIMUM>(panel, unit);
    }

    /// `Q8_0`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn eight_bits(&mut self, unit: usize, panel: &mut Panel) {
        for half in 0..2 {
            let signed = self.rows.sixteen(self.at(unit) + 2 + half * 16);
            self.put(
                panel,
                unit * 8 + half * 4,
                each(signed, |bytes| _mm512_xor_si512(bytes, _mm512_set1_epi8(i8::MIN))),
            );
        }
        self.put_scale::<false>(panel, unit);
    }

    /// The scales and minima of `Q4K` and `Q5K`, which a unit begins with.
    ///
    /// # Source
    /// `get_scale_min_k4` in ggml's `ggml-quants.c`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn put_scales_k(&self, unit: usize, panel: &mut Panel) {
        let [both, first, second, third] = columns(self.rows.sixteen(self.at(unit)));
        let (scale, minimum) = (low_floats(both), high_floats(both));
        let and = |words: __m512i, mask: u32| _mm512_and_si512(words, _mm512_set1_epi32(mask.cast_signed()));
        let upper = |words: __m512i| and(_mm512_srli_epi32::<2>(words), 0x3030_3030);
        let scales = [and(first, 0x3f3f_3f3f), _mm512_or_si512(and(third, 0x0f0f_0f0f), upper(first))];
        let minima = [
            and(second, 0x3f3f_3f3f),
            _mm512_or_si512(and(_mm512_srli_epi32::<4>(third), 0x0f0f_0f0f), upper(second)),
        ];
        for block in 0..8 {
            let to = (unit * 8 + block) * 2 + self.half;
            panel.scales[to].store(_mm512_mul_ps(floats_of_byte(scales[block / 4], block % 4), scale));
            panel.minima[to].store(_mm512_mul_ps(floats_of_byte(minima[block / 4], block % 4), minimum));
        }
    }

    /// `Q4K`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn four_bits_k(&mut self, unit: usize, panel: &mut Panel) {
        for chunk in 0..4 {
            for half in 0..2 {
                let packed = self.rows.sixteen(self.at(unit) + 16 + chunk * 32 + half * 16);
                let four = unit * 64 + chunk * 16 + half * 4;
                self.put(panel, four, each(packed, |bytes| low_nibbles(bytes)));
                self.put(panel, four + 8, each(packed, |bytes| high_nibbles(bytes)));
            }
        }
        self.put_scales_k(unit, panel);
    }

    /// `Q5K`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn five_bits_k(&mut self, unit: usize, panel: &mut Panel) {
        for half in 0..2 {
            let mut fifth = self.rows.sixteen(self.at(unit) + 16 + half * 16);
            for chunk in 0..4 {
                let packed = self.rows.sixteen(self.at(unit) + 48 + chunk * 32 + half * 16);
                let (mut lows, mut highs) = (packed, packed);
                for at in 0..4 {
                    let add = |nibbles: __m512i, bit: i8| {
                        let is_set = _mm512_test_epi8_mask(fifth[at], _mm512_set1_epi8(bit));
                        _mm512_or_si512(nibbles, _mm512_maskz_set1_epi8(is_set, 16))
                    };
                    lows[at] = add(low_nibbles(packed[at]), 1);
                    highs[at] = add(high_nibbles(packed[at]), 2);
                    fifth[at] = _mm512_srli_epi16::<2>(fifth[at]);
                }
                let four = unit * 64 + chunk * 16 + half * 4;
                self.put(panel, four, lows);
                self.put(panel, four + 8, highs);
            }
        }
        self.put_scales_k(unit, panel);
    }

    /// `Q6K`: low nibbles, then pairs of bits, each for four columns that are 32 apart; then scales.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn six_bits_k(&mut self, unit: usize, panel: &mut Panel) {
        let at = self.at(unit);
        for half in 0..2 {
            for sixteen in 0..2 {
                let high = self.rows.sixteen(at + 128 + half * 32 + sixteen * 16);
                let low = self.rows.sixteen(at + half * 64 + sixteen * 16);
                let other_low = self.rows.sixteen(at + half * 64 + 32 + sixteen * 16);
                let four = unit * 64 + half * 32 + sixteen * 4;
                let mask = _mm512_set1_epi8(0x30);
                let (mut first, mut second, mut third, mut fourth) = (low, low, low, low);
                for at in 0..4 {
                    let high = high[at];
                    first[at] = _mm512_or_si512(
                        low_nibbles(low[at]),
                        _mm512_and_si512(_mm512_slli_epi16::<4>(high), mask),
                    );
                    second[at] = _mm512_or_si512(
                        low_nibbles(other_low[at]),
                        _mm512_and_si512(_mm512_slli_epi16::<2>(high), mask),
                    );
                    third[at] = _mm512_or_si512(high_nibbles(low[at]), _mm512_and_si512(high, mask));
                    fourth[at] = _mm512_or_si512(
                        high_nibbles(other_low[at]),
                        _mm512_and_si512(_mm512_srli_epi16::<2>(high), mask),
                    );
                }
                self.put(panel, four, first);
                self.put(panel, four + 8, second);
                self.put(panel, four + 16, third);
                self.put(panel, four + 24, fourth);
            }
        }
        let scale = high_floats(self.rows.four(at + 206));
        for (at, scales) in columns(self.rows.sixteen(at + 192)).into_iter().enumerate() {
            for byte in 0..4 {
                let to = (unit * 16 + at * 4 + byte) * 2 + self.half;
                panel.scales[to].store(_mm512_mul_ps(signed_floats_of_byte(scales, byte), scale));
            }
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn low_nibbles(bytes: __m512i) -> __m512i {
    _mm512_and_si512(bytes, _mm512_set1_epi8(0x0f))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn high_nibbles(bytes: __m512i) -> __m512i {
    _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), _mm512_set1_epi8(0x0f))
}

#[inline]
fn each(registers: [__m512i; 4], change: impl Fn(__m512i) -> __m512i) -> [__m512i; 4] {
    let [a, b, c, d] = registers;
    [change(a), change(b), change(c), change(d)]
}

/// Floats of 16 bits that lie in the lower halves of words.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn low_floats(words: __m512i) -> __m512 {
    let halves: __m256i = _mm512_cvtepi32_epi16(words);
    _mm512_cvtph_ps(halves)
}

/// Floats of 16 bits that lie in the upper halves of words.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn high_floats(words: __m512i) -> __m512 {
    low_floats(_mm512_srli_epi32::<16>(words))
}

/// One of the four bytes of each word, as a float.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn floats_of_byte(words: __m512i, byte: usize) -> __m512 {
    let byte = match byte {
        0 => words,
        1 => _mm512_srli_epi32::<8>(words),
        2 => _mm512_srli_epi32::<16>(words),
        _ => _mm512_srli_epi32::<24>(words),
    };
    _mm512_cvtepi32_ps(_mm512_and_si512(byte, _mm512_set1_epi32(0xff)))
}

/// Likewise where bytes have signs.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn signed_floats_of_byte(words: __m512i, byte: usize) -> __m512 {
    let byte = match byte {
        0 => _mm512_slli_epi32::<24>(words),
        1 => _mm512_slli_epi32::<16>(words),
        2 => _mm512_slli_epi32::<8>(words),
        _ => words,
    };
    _mm512_cvtepi32_ps(_mm512_srai_epi32::<24>(byte))
}
