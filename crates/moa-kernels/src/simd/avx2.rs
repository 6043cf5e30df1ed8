//! AVX2, with AVX-VNNI or without: two registers of eight numbers are taken for one of sixteen.

#![allow(clippy::wildcard_imports, reason = "each instruction is named once, where it is used")]

use std::arch::x86_64::*;

use super::{Simd, Work};

/// Exists only where the processor has the instructions; with `VNNI` also those that add up products of bytes as words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx2<const VNNI: bool>(());

impl<const VNNI: bool> Avx2<VNNI> {
    /// If the processor has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        let is_there = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && is_x86_feature_detected!("f16c")
            && (!VNNI || is_x86_feature_detected!("avxvnni"));
        is_there.then_some(Self(()))
    }
}

type Integers = [__m256i; 2];
type Floats = [__m256; 2];

/// Methods that are some instructions each.
macro_rules! instructions {
    ($(fn $name:ident($($argument:ident: $kind:ty),*) $(-> $result:ty)? { $($body:tt)* })*) => {
        $(
            #[inline(always)]
            fn $name(self, $($argument: $kind),*) $(-> $result)? {
                // SAFETY: there is an `Avx2`, so the processor has the instructions; loads and stores take any alignment and as many bytes
                // as the arrays have.
                unsafe { $($body)* }
            }
        )*
    };
}

/// An instruction on both registers.
macro_rules! both {
    ($instruction:path, $a:expr) => {{
        let a = $a;
        [$instruction(a[0]), $instruction(a[1])]
    }};
    ($instruction:path, $a:expr, $b:expr) => {{
        let (a, b) = ($a, $b);
        [$instruction(a[0], b[0]), $instruction(a[1], b[1])]
    }};
    ($instruction:path, $a:expr, $b:expr, $c:expr) => {{
        let (a, b, c) = ($a, $b, $c);
        [$instruction(a[0], b[0], c[0]), $instruction(a[1], b[1], c[1])]
    }};
}

/// Packing works within the halves of registers; this brings the quarters into their order.
const IN_ORDER: i32 = 0b11_01_10_00;

impl<const VNNI: bool> Simd for Avx2<VNNI> {
    type Integers = Integers;
    type Floats = Floats;

    const IS_WIDE: bool = false;

    #[inline(always)]
    fn run<W: Work>(self, work: W) -> W::Output {
        #[target_feature(enable = "avx2,fma,f16c")]
        fn with_avx2<const VNNI: bool, W: Work>(simd: Avx2<VNNI>, work: W) -> W::Output {
            work.on(simd)
        }
        #[target_feature(enable = "avx2,fma,f16c,avxvnni")]
        fn with_avx_vnni<const VNNI: bool, W: Work>(simd: Avx2<VNNI>, work: W) -> W::Output {
            work.on(simd)
        }
        // SAFETY: there is an `Avx2`, so the processor has the instructions.
        unsafe { if VNNI { with_avx_vnni(self, work) } else { with_avx2(self, work) } }
    }

    instructions! {
        fn load_bytes(bytes: &[u8; 64]) -> Integers {
            let [first, second] = bytes.as_chunks::<32>().0 else { unreachable!("two of 32") };
            [_mm256_loadu_si256(first.as_ptr().cast()), _mm256_loadu_si256(second.as_ptr().cast())]
        }
        fn store_bytes(bytes: &mut [u8; 64], values: Integers) {
            let [first, second] = bytes.as_chunks_mut::<32>().0 else { unreachable!("two of 32") };
            _mm256_storeu_si256(first.as_mut_ptr().cast(), values[0]);
            _mm256_storeu_si256(second.as_mut_ptr().cast(), values[1]);
        }
        fn load_quarters(rows: [&[u8; 16]; 4]) -> Integers {
            let [a, b, c, d] = rows;
            let first = _mm256_castsi128_si256(_mm_loadu_si128(a.as_ptr().cast()));
            let second = _mm256_castsi128_si256(_mm_loadu_si128(c.as_ptr().cast()));
            [
                _mm256_inserti128_si256::<1>(first, _mm_loadu_si128(b.as_ptr().cast())),
                _mm256_inserti128_si256::<1>(second, _mm_loadu_si128(d.as_ptr().cast())),
            ]
        }
        fn repeat(bytes: [u8; 16]) -> Integers { [_mm256_broadcastsi128_si256(_mm_loadu_si128(bytes.as_ptr().cast())); 2] }
        fn splat_bytes(byte: u8) -> Integers { [_mm256_set1_epi8(byte.cast_signed()); 2] }
        fn splat_words(word: i32) -> Integers { [_mm256_set1_epi32(word); 2] }

        fn and(a: Integers, b: Integers) -> Integers { both!(_mm256_and_si256, a, b) }
        fn or(a: Integers, b: Integers) -> Integers { both!(_mm256_or_si256, a, b) }
        fn xor(a: Integers, b: Integers) -> Integers { both!(_mm256_xor_si256, a, b) }
        fn add_words(a: Integers, b: Integers) -> Integers { both!(_mm256_add_epi32, a, b) }
        fn sum_words(words: Integers) -> i32 {
            let eight = _mm256_add_epi32(words[0], words[1]);
            let four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256::<1>(eight));
            let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
            _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<0b00_00_00_01>(two)))
        }
        fn shift_left(words: Integers, bits: i32) -> Integers { both!(_mm256_sll_epi32, words, [_mm_cvtsi32_si128(bits); 2]) }
        fn shift_right(words: Integers, bits: i32) -> Integers { both!(_mm256_srl_epi32, words, [_mm_cvtsi32_si128(bits); 2]) }
        fn shift_right_signed(words: Integers, bits: i32) -> Integers { both!(_mm256_sra_epi32, words, [_mm_cvtsi32_si128(bits); 2]) }
        fn interleave_words(a: Integers, b: Integers) -> [Integers; 2] {
            [both!(_mm256_unpacklo_epi32, a, b), both!(_mm256_unpackhi_epi32, a, b)]
        }
        fn interleave_pairs(a: Integers, b: Integers) -> [Integers; 2] {
            [both!(_mm256_unpacklo_epi64, a, b), both!(_mm256_unpackhi_epi64, a, b)]
        }
        fn pick_bytes(bytes: Integers, places: Integers) -> Integers { both!(_mm256_shuffle_epi8, bytes, places) }
        fn set_fifth_where(nibbles: Integers, bytes: Integers, bits: Integers) -> Integers {
            let found = both!(_mm256_cmpeq_epi8, both!(_mm256_and_si256, bytes, bits), bits);
            both!(_mm256_or_si256, nibbles, both!(_mm256_and_si256, found, [_mm256_set1_epi8(16); 2]))
        }

        fn load(floats: &[f32; 16]) -> Floats {
            let [first, second] = floats.as_chunks::<8>().0 else { unreachable!("two of 8") };
            [_mm256_loadu_ps(first.as_ptr()), _mm256_loadu_ps(second.as_ptr())]
        }
        fn store(floats: &mut [f32; 16], values: Floats) {
            let [first, second] = floats.as_chunks_mut::<8>().0 else { unreachable!("two of 8") };
            _mm256_storeu_ps(first.as_mut_ptr(), values[0]);
            _mm256_storeu_ps(second.as_mut_ptr(), values[1]);
        }
        fn load_halves(halves: &[u16; 16]) -> Floats {
            let [first, second] = halves.as_chunks::<8>().0 else { unreachable!("two of 8") };
            [_mm256_cvtph_ps(_mm_loadu_si128(first.as_ptr().cast())), _mm256_cvtph_ps(_mm_loadu_si128(second.as_ptr().cast()))]
        }
        fn floats_of_halves(words: Integers) -> Floats {
            let lower = both!(_mm256_and_si256, words, [_mm256_set1_epi32(0xffff); 2]);
            let halves = _mm256_permute4x64_epi64::<IN_ORDER>(_mm256_packus_epi32(lower[0], lower[1]));
            [_mm256_cvtph_ps(_mm256_castsi256_si128(halves)), _mm256_cvtph_ps(_mm256_extracti128_si256::<1>(halves))]
        }
        fn floats_of_words(words: Integers) -> Floats { both!(_mm256_cvtepi32_ps, words) }
        fn words_of_floats(floats: Floats) -> Integers { both!(_mm256_cvtps_epi32, floats) }
        fn store_words_as_bytes(bytes: &mut [[u8; 4]; 4], words: Integers) {
            let halves = _mm256_permute4x64_epi64::<IN_ORDER>(_mm256_packs_epi32(words[0], words[1]));
            let packed = _mm_packs_epi16(_mm256_castsi256_si128(halves), _mm256_extracti128_si256::<1>(halves));
            _mm_storeu_si128(bytes.as_mut_ptr().cast(), packed);
        }
        fn bits_of_floats(floats: Floats) -> Integers { both!(_mm256_castps_si256, floats) }
        fn floats_of_bits(bits: Integers) -> Floats { both!(_mm256_castsi256_ps, bits) }

        fn splat(float: f32) -> Floats { [_mm256_set1_ps(float); 2] }
        fn add(a: Floats, b: Floats) -> Floats { both!(_mm256_add_ps, a, b) }
        fn subtract(a: Floats, b: Floats) -> Floats { both!(_mm256_sub_ps, a, b) }
        fn multiply(a: Floats, b: Floats) -> Floats { both!(_mm256_mul_ps, a, b) }
        fn multiply_add(a: Floats, b: Floats, c: Floats) -> Floats { both!(_mm256_fmadd_ps, a, b, c) }
        fn multiply_subtract(a: Floats, b: Floats, c: Floats) -> Floats { both!(_mm256_fnmadd_ps, a, b, c) }
        fn magnitude(a: Floats) -> Floats { both!(_mm256_andnot_ps, [_mm256_set1_ps(-0.0); 2], a) }
        fn max(a: Floats, b: Floats) -> Floats { both!(_mm256_max_ps, a, b) }
        fn largest(floats: Floats) -> f32 {
            let eight = _mm256_max_ps(floats[0], floats[1]);
            let four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)))
        }
        fn sum(floats: Floats) -> f32 {
            let eight = _mm256_add_ps(floats[0], floats[1]);
            let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
        fn round(floats: Floats) -> Floats {
            both!(_mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>, floats)
        }
        fn scale(floats: Floats, power: Floats) -> Floats {
            let exponents = both!(_mm256_add_epi32, both!(_mm256_cvtps_epi32, power), [_mm256_set1_epi32(127); 2]);
            both!(_mm256_mul_ps, floats, both!(_mm256_castsi256_ps, both!(_mm256_slli_epi32::<23>, exponents)))
        }
        fn zero_unless_above(values: Floats, numbers: Floats, limit: f32) -> Floats {
            let is_above = both!(_mm256_cmp_ps::<_CMP_GT_OQ>, numbers, [_mm256_set1_ps(limit); 2]);
            both!(_mm256_and_ps, values, is_above)
        }
        fn even_quarters(a: Floats, b: Floats) -> Floats {
            [_mm256_permute2f128_ps::<0x20>(a[0], a[1]), _mm256_permute2f128_ps::<0x20>(b[0], b[1])]
        }
        fn odd_quarters(a: Floats, b: Floats) -> Floats {
            [_mm256_permute2f128_ps::<0x31>(a[0], a[1]), _mm256_permute2f128_ps::<0x31>(b[0], b[1])]
        }

        fn find_others(numbers: &[u16; 64], than: u16) -> u64 {
            let than = _mm256_set1_epi16(than.cast_signed());
            let mut equal = 0;
            for (at, numbers) in numbers.as_chunks::<32>().0.iter().enumerate() {
                let first = _mm256_cmpeq_epi16(_mm256_loadu_si256(numbers.as_ptr().cast()), than);
                let second = _mm256_cmpeq_epi16(_mm256_loadu_si256(numbers[16..].as_ptr().cast()), than);
                let bytes = _mm256_permute4x64_epi64::<IN_ORDER>(_mm256_packs_epi16(first, second));
                equal |= u64::from(_mm256_movemask_epi8(bytes).cast_unsigned()) << (32 * at);
            }
            !equal
        }

        fn begin_sums(before: Integers) -> Integers { if VNNI { before } else { [_mm256_setzero_si256(); 2] } }
        fn end_sums(before: Integers, sums: Integers) -> Integers {
            if VNNI {
                sums
            } else {
                both!(_mm256_add_epi32, before, both!(_mm256_madd_epi16, sums, [_mm256_set1_epi16(1); 2]))
            }
        }
    }

    #[inline(always)]
    fn repeat_word<const WORD: i32>(self, words: Integers) -> Integers {
        // SAFETY: as of the other instructions.
        unsafe { both!(_mm256_shuffle_epi32::<WORD>, words) }
    }

    /// Without VNNI sums have 16 bits: each addition is of two products with a number of seven bits and a sign.
    #[inline(always)]
    fn most_additions(bits: u32) -> usize {
        match bits {
            _ if VNNI => usize::MAX,
            ..=4 => 8,
            5 => 4,
            6 => 2,
            _ => 1,
        }
    }

    /// Two products of eight bits without sign have no room in 16 bits; with sign they have.
    #[inline(always)]
    fn takes_offset(bits: u32) -> bool {
        !VNNI && bits == 8
    }

    #[inline(always)]
    fn add_products<const BITS: u32>(self, sums: Integers, weights: Integers, inputs: Integers) -> Integers {
        // SAFETY: as of the other instructions; those of VNNI are used only with it.
        unsafe {
            if VNNI {
                return both!(_mm256_dpbusd_avx_epi32, sums, weights, inputs);
            }
            let products = if Self::takes_offset(BITS) {
                let weights = both!(_mm256_xor_si256, weights, [_mm256_set1_epi8(i8::MIN); 2]);
                let inputs = both!(_mm256_sign_epi8, inputs, weights);
                both!(_mm256_maddubs_epi16, both!(_mm256_abs_epi8, weights), inputs)
            } else {
                both!(_mm256_maddubs_epi16, weights, inputs)
            };
            both!(_mm256_add_epi16, sums, products)
        }
    }
}
