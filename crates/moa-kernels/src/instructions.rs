//! What the processor computes with.

#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512, Simd, Work};

/// A set of instructions that the kernels are written for, and that this processor has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instructions(Set);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    #[cfg(target_arch = "x86_64")]
    AvxVnni(Avx2<true>),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2<false>),
}

impl Instructions {
    /// Those that this processor has, the fastest first.
    pub fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let sets = [
            || Avx512::detect().map(Set::Avx512),
            || Avx2::detect().map(Set::AvxVnni),
            || Avx2::detect().map(Set::Avx2),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let sets: [fn() -> Option<Set>; 0] = [];
        sets.into_iter().filter_map(|detect| detect().map(Self))
    }

    /// The fastest that this processor has; `None` where it has none.
    #[must_use]
    pub fn best() -> Option<Self> {
        Self::available().next()
    }

    /// How they are called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Set::Avx512(_) => "AVX-512 VNNI",
            #[cfg(target_arch = "x86_64")]
            Set::AvxVnni(_) => "AVX-VNNI",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2(_) => "AVX2",
        }
    }

    /// Computes with them.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn run<W: Work>(self, work: W) -> W::Output {
        match self.0 {
            Set::Avx512(simd) => simd.run(work),
            Set::AvxVnni(simd) => simd.run(work),
            Set::Avx2(simd) => simd.run(work),
        }
    }
}
