//! From weights as ggml keeps them to a panel: the formats with units of 256 columns.

use super::panel::HALVES;
use super::unpack::Part;
use crate::simd::{Simd, columns};

impl<S: Simd> Part<'_, S> {
    /// The scales and minima of `Q4K` and `Q5K`, which a unit begins with.
    ///
    /// # Source
    /// `get_scale_min_k4` in ggml's `ggml-quants.c`.
    #[inline(always)]
    fn put_scales_k(&mut self, unit: usize) {
        let simd = self.simd;
        let [both, first, second, third] = columns(simd, self.sixteen(self.at(unit)));
        let (scale, minimum) = (simd.floats_of_halves(both), self.high_floats(both));
        let (six_bits, four_bits, two_bits) =
            (simd.splat_bytes(0x3f), simd.splat_bytes(0x0f), simd.splat_bytes(0x30));
        let upper = |words: S::Integers| simd.and(simd.shift_right(words, 2), two_bits);
        let scales = [simd.and(first, six_bits), simd.or(simd.and(third, four_bits), upper(first))];
        let minima = [
            simd.and(second, six_bits),
            simd.or(simd.and(simd.shift_right(third, 4), four_bits), upper(second)),
        ];
        for block in 0..8 {
            let to = (unit * 8 + block) * HALVES + self.half;
            let of_block = self.floats_of_byte(scales[block / 4], block % 4);
            simd.store(&mut self.panel.scales[to].0, simd.multiply(of_block, scale));
            let of_block = self.floats_of_byte(minima[block / 4], block % 4);
            simd.store(&mut self.panel.minima[to].0, simd.multiply(of_block, minimum));
        }
    }

    /// `Q4K`.
    #[inline(always)]
    pub(super) fn four_bits_k(&mut self, unit: usize) {
        for chunk in 0..4 {
            for half in 0..2 {
                let packed = self.sixteen(self.at(unit) + 16 + chunk * 32 + half * 16);
                let four = unit * 64 + chunk * 16 + half * 4;
                self.put(four, self.low_nibbles(packed));
                self.put(four + 8, self.high_nibbles(packed));
            }
        }
        self.put_scales_k(unit);
    }

    /// `Q5K`.
    #[inline(always)]
    pub(super) fn five_bits_k(&mut self, unit: usize) {
        let simd = self.simd;
        let (first_bit, second_bit) = (simd.splat_bytes(1), simd.splat_bytes(2));
        for half in 0..2 {
            let mut fifth = self.sixteen(self.at(unit) + 16 + half * 16);
            for chunk in 0..4 {
                let packed = self.sixteen(self.at(unit) + 48 + chunk * 32 + half * 16);
                let (mut lows, mut highs) = (self.low_nibbles(packed), self.high_nibbles(packed));
                for at in 0..4 {
                    lows[at] = simd.set_fifth_where(lows[at], fifth[at], first_bit);
                    highs[at] = simd.set_fifth_where(highs[at], fifth[at], second_bit);
                    // What comes in from the byte above stays above the bits that are looked at.
                    fifth[at] = simd.shift_right(fifth[at], 2);
                }
                let four = unit * 64 + chunk * 16 + half * 4;
                self.put(four, lows);
                self.put(four + 8, highs);
            }
        }
        self.put_scales_k(unit);
    }

    /// `Q6K`: low nibbles, then pairs of bits, each for four columns that are 32 apart; then scales.
    #[inline(always)]
    pub(super) fn six_bits_k(&mut self, unit: usize) {
        let simd = self.simd;
        let at = self.at(unit);
        let mask = simd.splat_bytes(0x30);
        for half in 0..2 {
            for sixteen in 0..2 {
                let high = self.sixteen(at + 128 + half * 32 + sixteen * 16);
                let low = self.sixteen(at + half * 64 + sixteen * 16);
                let other_low = self.sixteen(at + half * 64 + 32 + sixteen * 16);
                let (mut first, mut second) = (self.low_nibbles(low), self.low_nibbles(other_low));
                let (mut third, mut fourth) = (self.high_nibbles(low), self.high_nibbles(other_low));
                for at in 0..4 {
                    let pair = |moved: S::Integers| simd.and(moved, mask);
                    first[at] = simd.or(first[at], pair(simd.shift_left(high[at], 4)));
                    second[at] = simd.or(second[at], pair(simd.shift_left(high[at], 2)));
                    third[at] = simd.or(third[at], pair(high[at]));
                    fourth[at] = simd.or(fourth[at], pair(simd.shift_right(high[at], 2)));
                }
                let four = unit * 64 + half * 32 + sixteen * 4;
                self.put(four, first);
                self.put(four + 8, second);
                self.put(four + 16, third);
                self.put(four + 24, fourth);
            }
        }
        let scale = self.high_floats(self.rows.four(simd, at + 206));
        let scales = columns(simd, self.sixteen(at + 192));
        for block in 0..16 {
            let to = (unit * 16 + block) * HALVES + self.half;
            let of_block = self.signed_floats_of_byte(scales[block / 4], block % 4);
            simd.store(&mut self.panel.scales[to].0, simd.multiply(of_block, scale));
        }
    }

    /// One of the four bytes of each word, as a float.
    #[inline(always)]
    fn floats_of_byte(&self, words: S::Integers, byte: usize) -> S::Floats {
        let simd = self.simd;
        let byte = match byte {
            0 => words,
            1 => simd.shift_right(words, 8),
            2 => simd.shift_right(words, 16),
            _ => simd.shift_right(words, 24),
        };
        simd.floats_of_words(simd.and(byte, simd.splat_words(0xff)))
    }

    /// Likewise where bytes have signs.
    #[inline(always)]
    fn signed_floats_of_byte(&self, words: S::Integers, byte: usize) -> S::Floats {
        let simd = self.simd;
        let byte = match byte {
            0 => simd.shift_left(words, 24),
            1 => simd.shift_left(words, 16),
            2 => simd.shift_left(words, 8),
            _ => words,
        };
        simd.floats_of_words(simd.shift_right_signed(byte, 24))
    }
}
