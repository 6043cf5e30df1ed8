//! AVX-512 with VNNI.

#![allow(clippy::wildcard_imports, reason = "each instruction is named once, where it is used")]

use std::arch::x86_64::*;

use super::{Simd, Work};

/// Exists only where the processor has the instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx512(());

impl Avx512 {
    /// If the processor has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        let is_there = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vnni");
        is_there.then_some(Self(()))
    }
}

/// Methods that are an instruction each, or a few.
macro_rules! instructions {
    ($(fn $name:ident($($argument:ident: $kind:ty),*) $(-> $result:ty)? { $($body:tt)* })*) => {
        $(
            #[inline(always)]
            fn $name(self, $($argument: $kind),*) $(-> $result)? {
                // SAFETY: there is an `Avx512`, so the processor has the instructions; loads and stores take any alignment and as many bytes
                // as the arrays have.
                unsafe { $($body)* }
            }
        )*
    };
}

impl Simd for Avx512 {
    type Integers = __m512i;
    type Floats = __m512;

    const IS_WIDE: bool = true;

    #[inline(always)]
    fn run<W: Work>(self, work: W) -> W::Output {
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
        fn with_instructions<W: Work>(simd: Avx512, work: W) -> W::Output {
            work.on(simd)
        }
        // SAFETY: there is an `Avx512`, so the processor has the instructions.
        unsafe { with_instructions(self, work) }
    }

    instructions! {
        fn load_bytes(bytes: &[u8; 64]) -> __m512i { _mm512_loadu_si512(bytes.as_ptr().cast()) }
        fn store_bytes(bytes: &mut [u8; 64], values: __m512i) { _mm512_storeu_si512(bytes.as_mut_ptr().cast(), values); }
        fn load_quarters(rows: [&[u8; 16]; 4]) -> __m512i {
            let [a, b, c, d] = rows;
            let register = _mm512_castsi128_si512(_mm_loadu_si128(a.as_ptr().cast()));
            let register = _mm512_inserti32x4::<1>(register, _mm_loadu_si128(b.as_ptr().cast()));
            let register = _mm512_inserti32x4::<2>(register, _mm_loadu_si128(c.as_ptr().cast()));
            _mm512_inserti32x4::<3>(register, _mm_loadu_si128(d.as_ptr().cast()))
        }
        fn repeat(bytes: [u8; 16]) -> __m512i { _mm512_broadcast_i32x4(_mm_loadu_si128(bytes.as_ptr().cast())) }
        fn splat_bytes(byte: u8) -> __m512i { _mm512_set1_epi8(byte.cast_signed()) }
        fn splat_words(word: i32) -> __m512i { _mm512_set1_epi32(word) }

        fn and(a: __m512i, b: __m512i) -> __m512i { _mm512_and_si512(a, b) }
        fn or(a: __m512i, b: __m512i) -> __m512i { _mm512_or_si512(a, b) }
        fn xor(a: __m512i, b: __m512i) -> __m512i { _mm512_xor_si512(a, b) }
        fn add_words(a: __m512i, b: __m512i) -> __m512i { _mm512_add_epi32(a, b) }
        fn sum_words(words: __m512i) -> i32 { _mm512_reduce_add_epi32(words) }
        fn shift_left(words: __m512i, bits: i32) -> __m512i { _mm512_sll_epi32(words, _mm_cvtsi32_si128(bits)) }
        fn shift_right(words: __m512i, bits: i32) -> __m512i { _mm512_srl_epi32(words, _mm_cvtsi32_si128(bits)) }
        fn shift_right_signed(words: __m512i, bits: i32) -> __m512i { _mm512_sra_epi32(words, _mm_cvtsi32_si128(bits)) }
        fn interleave_words(a: __m512i, b: __m512i) -> [__m512i; 2] { [_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b)] }
        fn interleave_pairs(a: __m512i, b: __m512i) -> [__m512i; 2] { [_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b)] }
        fn pick_bytes(bytes: __m512i, places: __m512i) -> __m512i { _mm512_shuffle_epi8(bytes, places) }
        fn set_fifth_where(nibbles: __m512i, bytes: __m512i, bits: __m512i) -> __m512i {
            _mm512_mask_add_epi8(nibbles, _mm512_test_epi8_mask(bytes, bits), nibbles, _mm512_set1_epi8(16))
        }

        fn load(floats: &[f32; 16]) -> __m512 { _mm512_loadu_ps(floats.as_ptr()) }
        fn store(floats: &mut [f32; 16], values: __m512) { _mm512_storeu_ps(floats.as_mut_ptr(), values); }
        fn load_halves(halves: &[u16; 16]) -> __m512 { _mm512_cvtph_ps(_mm256_loadu_si256(halves.as_ptr().cast())) }
        fn floats_of_halves(words: __m512i) -> __m512 { _mm512_cvtph_ps(_mm512_cvtepi32_epi16(words)) }
        fn floats_of_words(words: __m512i) -> __m512 { _mm512_cvtepi32_ps(words) }
        fn words_of_floats(floats: __m512) -> __m512i { _mm512_cvtps_epi32(floats) }
        fn store_words_as_bytes(bytes: &mut [[u8; 4]; 4], words: __m512i) {
            _mm_storeu_si128(bytes.as_mut_ptr().cast(), _mm512_cvtsepi32_epi8(words));
        }
        fn bits_of_floats(floats: __m512) -> __m512i { _mm512_castps_si512(floats) }
        fn floats_of_bits(bits: __m512i) -> __m512 { _mm512_castsi512_ps(bits) }

        fn splat(float: f32) -> __m512 { _mm512_set1_ps(float) }
        fn add(a: __m512, b: __m512) -> __m512 { _mm512_add_ps(a, b) }
        fn subtract(a: __m512, b: __m512) -> __m512 { _mm512_sub_ps(a, b) }
        fn multiply(a: __m512, b: __m512) -> __m512 { _mm512_mul_ps(a, b) }
        fn multiply_add(a: __m512, b: __m512, c: __m512) -> __m512 { _mm512_fmadd_ps(a, b, c) }
        fn multiply_subtract(a: __m512, b: __m512, c: __m512) -> __m512 { _mm512_fnmadd_ps(a, b, c) }
        fn magnitude(a: __m512) -> __m512 { _mm512_abs_ps(a) }
        fn max(a: __m512, b: __m512) -> __m512 { _mm512_max_ps(a, b) }
        fn largest(floats: __m512) -> f32 { _mm512_reduce_max_ps(floats) }
        fn sum(floats: __m512) -> f32 { _mm512_reduce_add_ps(floats) }
        fn round(floats: __m512) -> __m512 { _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(floats) }
        fn scale(floats: __m512, power: __m512) -> __m512 { _mm512_scalef_ps(floats, power) }
        fn zero_unless_above(values: __m512, numbers: __m512, limit: f32) -> __m512 {
            _mm512_maskz_mov_ps(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(numbers, _mm512_set1_ps(limit)), values)
        }
        fn even_quarters(a: __m512, b: __m512) -> __m512 { _mm512_shuffle_f32x4::<0x88>(a, b) }
        fn odd_quarters(a: __m512, b: __m512) -> __m512 { _mm512_shuffle_f32x4::<0xdd>(a, b) }

        fn find_others(numbers: &[u16; 64], than: u16) -> u64 {
            let than = _mm512_set1_epi16(than.cast_signed());
            let first = _mm512_cmpneq_epi16_mask(_mm512_loadu_si512(numbers.as_ptr().cast()), than);
            let second = _mm512_cmpneq_epi16_mask(_mm512_loadu_si512(numbers[32..].as_ptr().cast()), than);
            u64::from(first) | u64::from(second) << 32
        }
    }

    #[inline(always)]
    fn begin_sums(self, before: __m512i) -> __m512i {
        before
    }

    #[inline(always)]
    fn end_sums(self, _before: __m512i, sums: __m512i) -> __m512i {
        sums
    }

    #[inline(always)]
    fn repeat_word<const WORD: i32>(self, words: __m512i) -> __m512i {
        // SAFETY: as of the other instructions.
        unsafe { _mm512_shuffle_epi32::<WORD>(words) }
    }

    #[inline(always)]
    fn most_additions(_bits: u32) -> usize {
        usize::MAX
    }

    #[inline(always)]
    fn takes_offset(_bits: u32) -> bool {
        false
    }

    #[inline(always)]
    fn add_products<const BITS: u32>(self, sums: __m512i, weights: __m512i, inputs: __m512i) -> __m512i {
        // SAFETY: as of the other instructions.
        unsafe { _mm512_dpbusd_epi32(sums, weights, inputs) }
    }
}
