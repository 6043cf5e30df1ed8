//! Registers of sixteen numbers, whatever the processor has them made of.
//!
//! Everything that is computed is written once, for any [`Simd`]. A value of such a type exists only where the processor has the instructions, so
//! that whoever has one may use them. What a kernel computes is the same to the last bit whichever it is: sums of integers are exact, and those
//! of floats are taken in one order.
//!
//! The compiler makes use of instructions only within functions that say so. [`Simd::run`] is such a function, and all that it calls must become part
//! of it: hence `#[inline(always)]` on whatever is generic over a `Simd`.

#[expect(unsafe_code, reason = "instructions of the processor")]
mod avx2;
#[expect(unsafe_code, reason = "instructions of the processor")]
mod avx512;
mod exponential;
mod half_floats;
mod rows;

use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};

pub(crate) use self::avx2::Avx2;
pub(crate) use self::avx512::Avx512;
pub(crate) use self::exponential::exponential;
pub(crate) use self::half_floats::HalfFloats;
pub(crate) use self::rows::{Rows, columns, transpose};

/// As many bytes as a register has, where the processor likes them to begin.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Line<T, const N: usize>(pub(crate) [T; N]);

/// Has the processor fetch a line of memory. It need not be there.
#[inline(always)]
#[expect(unsafe_code, reason = "an instruction of the processor")]
pub(crate) fn fetch(line: *const u8) {
    // SAFETY: every processor of 64 bits has SSE, and the instruction takes any address.
    unsafe { _mm_prefetch::<_MM_HINT_T1>(line.cast()) };
}

/// Something to compute with whatever instructions there are.
pub(crate) trait Work {
    /// What comes of it.
    type Output;

    /// Computes it. To be marked `#[inline(always)]`.
    fn on<S: Simd>(self, simd: S) -> Self::Output;
}

/// Instructions on sixteen numbers at a time.
///
/// Words are integers of 32 bits. What moves bytes or words about does so within each quarter of a register, unless it says otherwise.
pub(crate) trait Simd: Copy {
    /// Sixteen words, or 64 bytes.
    type Integers: Copy;
    /// Sixteen floats.
    type Floats: Copy;

    /// Whether there are 32 registers of this size, and not half as many of half the size.
    const IS_WIDE: bool;

    /// Computes with these instructions, in a function of its own.
    fn run<W: Work>(self, work: W) -> W::Output;

    fn load_bytes(self, bytes: &[u8; 64]) -> Self::Integers;
    fn store_bytes(self, bytes: &mut [u8; 64], values: Self::Integers);
    /// One row in each quarter.
    fn load_quarters(self, rows: [&[u8; 16]; 4]) -> Self::Integers;
    /// The same in each quarter.
    fn repeat(self, bytes: [u8; 16]) -> Self::Integers;
    fn splat_bytes(self, byte: u8) -> Self::Integers;
    fn splat_words(self, word: i32) -> Self::Integers;

    fn and(self, a: Self::Integers, b: Self::Integers) -> Self::Integers;
    fn or(self, a: Self::Integers, b: Self::Integers) -> Self::Integers;
    fn xor(self, a: Self::Integers, b: Self::Integers) -> Self::Integers;
    fn add_words(self, a: Self::Integers, b: Self::Integers) -> Self::Integers;
    fn sum_words(self, words: Self::Integers) -> i32;
    fn shift_left(self, words: Self::Integers, bits: i32) -> Self::Integers;
    fn shift_right(self, words: Self::Integers, bits: i32) -> Self::Integers;
    /// With the sign moving in.
    fn shift_right_signed(self, words: Self::Integers, bits: i32) -> Self::Integers;
    /// The first two words of `a` and `b` in turns, and the last two.
    fn interleave_words(self, a: Self::Integers, b: Self::Integers) -> [Self::Integers; 2];
    /// The first two words of `a` and those of `b`, and the last two of both.
    fn interleave_pairs(self, a: Self::Integers, b: Self::Integers) -> [Self::Integers; 2];
    /// The word that `WORD` is made of (0x00, 0x55, 0xaa or 0xff), four times.
    fn repeat_word<const WORD: i32>(self, words: Self::Integers) -> Self::Integers;
    /// For each byte of `places` the byte that lies there.
    fn pick_bytes(self, bytes: Self::Integers, places: Self::Integers) -> Self::Integers;
    /// Sets the fifth bit of each byte of `nibbles` that has none where `bytes` has the bit that `bits` has.
    fn set_fifth_where(
        self,
        nibbles: Self::Integers,
        bytes: Self::Integers,
        bits: Self::Integers,
    ) -> Self::Integers;

    /// How often [`add_products`](Self::add_products) may add to the same sums, with weights of so many bits.
    fn most_additions(bits: u32) -> usize;
    /// Whether [`add_products`](Self::add_products) lowers weights of so many bits by the format's offset itself, so that sums begin at zero.
    fn takes_offset(bits: u32) -> bool;
    /// Sums to add products to that will be added to `before`.
    fn begin_sums(self, before: Self::Integers) -> Self::Integers;
    /// Adds, for each word, the products of its four weights (bytes of so many bits without sign) with the four numbers of `inputs` (bytes with sign).
    fn add_products<const BITS: u32>(
        self,
        sums: Self::Integers,
        weights: Self::Integers,
        inputs: Self::Integers,
    ) -> Self::Integers;
    /// `before` and the sums that were begun for it, as words.
    fn end_sums(self, before: Self::Integers, sums: Self::Integers) -> Self::Integers;

    fn load(self, floats: &[f32; 16]) -> Self::Floats;
    fn store(self, floats: &mut [f32; 16], values: Self::Floats);
    /// From floats of 16 bits.
    fn load_halves(self, halves: &[u16; 16]) -> Self::Floats;
    /// Floats of 16 bits that lie in the lower halves of words.
    fn floats_of_halves(self, words: Self::Integers) -> Self::Floats;
    fn floats_of_words(self, words: Self::Integers) -> Self::Floats;
    /// The nearest words; of two that are as near the even one. What is no number or out of range becomes the lowest word.
    fn words_of_floats(self, floats: Self::Floats) -> Self::Integers;
    /// The lowest byte of each word, words out of range becoming the nearest byte with a sign.
    fn store_words_as_bytes(self, bytes: &mut [[u8; 4]; 4], words: Self::Integers);
    fn bits_of_floats(self, floats: Self::Floats) -> Self::Integers;
    fn floats_of_bits(self, bits: Self::Integers) -> Self::Floats;

    fn splat(self, float: f32) -> Self::Floats;
    fn add(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn subtract(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn multiply(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a * b + c`, rounded once.
    fn multiply_add(self, a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    /// `c - a * b`, rounded once.
    fn multiply_subtract(self, a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    fn magnitude(self, a: Self::Floats) -> Self::Floats;
    fn max(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn largest(self, floats: Self::Floats) -> f32;
    /// Half by half: the sum of both halves, of both halves of that, and so on.
    fn sum(self, floats: Self::Floats) -> f32;
    /// Whole numbers.
    fn round(self, floats: Self::Floats) -> Self::Floats;
    /// Times two to the power of a whole number from -126 to 127.
    fn scale(self, floats: Self::Floats, power: Self::Floats) -> Self::Floats;
    /// `values` where a number is above the limit, and zero elsewhere.
    fn zero_unless_above(self, values: Self::Floats, numbers: Self::Floats, limit: f32) -> Self::Floats;
    /// Quarters 0 and 2 of `a`, then those of `b`.
    fn even_quarters(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// Quarters 1 and 3 of `a`, then those of `b`.
    fn odd_quarters(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;

    /// A bit for each number that is another one.
    fn find_others(self, numbers: &[u16; 64], than: u16) -> u64;
}

#[cfg(test)]
#[path = "simd_tests.rs"]
mod tests;
