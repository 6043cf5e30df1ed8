//! The exponential function.

use super::Simd;

/// The exponentials of numbers below this are taken to be zero.
const LOWEST: f32 = -87.0;

/// The exponentials of numbers that are not above zero; those of numbers below -87 are zero.
///
/// # Source
/// The usual way: 2 to a whole power, times a polynomial on half an octave to either side (Taylor's, to the sixth power: 1 in 10 million off).
#[inline(always)]
pub(crate) fn exponential<S: Simd>(simd: S, numbers: S::Floats) -> S::Floats {
    let within = simd.max(numbers, simd.splat(LOWEST));
    let octaves = simd.round(simd.multiply(within, simd.splat(std::f32::consts::LOG2_E)));
    // ln 2 in two parts, the first of which times a small whole number is exact.
    let rest = simd.multiply_subtract(octaves, simd.splat(0.693_359_4), within);
    let rest = simd.multiply_subtract(octaves, simd.splat(-2.121_944_4e-4), rest);
    let mut sum = simd.splat(1.0 / 720.0);
    for coefficient in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = simd.multiply_add(sum, rest, simd.splat(coefficient));
    }
    simd.zero_unless_above(simd.scale(sum, octaves), numbers, LOWEST)
}
