//! Floats of 16 bits.

use super::Simd;

/// Floats of 16 bits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HalfFloats<'a>(pub(crate) &'a [u16]);

impl HalfFloats<'_> {
    /// Negative infinity.
    pub(crate) const NEGATIVE_INFINITY: u16 = 0xfc00;

    /// A bit for each of them that is not negative infinity, in words of 64.
    #[inline(always)]
    pub(crate) fn find_seen<S: Simd>(self, simd: S, words: &mut Vec<u64>) {
        words.clear();
        let (whole, rest) = self.0.as_chunks::<64>();
        words.extend(whole.iter().map(|numbers| simd.find_others(numbers, Self::NEGATIVE_INFINITY)));
        if !rest.is_empty() {
            let mut padded = [Self::NEGATIVE_INFINITY; 64];
            padded[..rest.len()].copy_from_slice(rest);
            words.push(simd.find_others(&padded, Self::NEGATIVE_INFINITY));
        }
    }
}
