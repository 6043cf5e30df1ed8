//! Python's and `NumPy`'s Mersenne Twister, seeded as they seed it.

use rand_mt::Mt;
use sha2::{Digest as _, Sha512};

/// Python's `random.Random`.
pub(crate) struct Random(Mt);

impl Random {
    /// `random.Random(seed)` of a string (version 2 seeding): the bytes followed by their SHA-512, read as one big number.
    pub(crate) fn from_text(seed: &str) -> Self {
        let mut bytes = seed.as_bytes().to_vec();
        bytes.extend_from_slice(&Sha512::digest(seed.as_bytes()));
        let mut words: Vec<u32> = bytes
            .rchunks(4)
            .map(|chunk| chunk.iter().fold(0, |word, byte| (word << 8) | u32::from(*byte)))
            .collect();
        let significant = words.iter().rposition(|word| *word != 0).map_or(1, |last| last + 1);
        words.truncate(significant);
        Self(Mt::new_with_key(words))
    }

    /// `random()`: a number in [0, 1) with 53 bits.
    pub(crate) fn next(&mut self) -> f64 {
        let high = f64::from(self.0.next_u32() >> 5);
        let low = f64::from(self.0.next_u32() >> 6);
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }

    /// `choices([False, True])[0]`.
    pub(crate) fn coin(&mut self) -> bool {
        self.next() >= 0.5
    }
}

/// The order in which `DataFrame.sample(frac=1, random_state=seed)` puts rows: `NumPy`'s legacy `RandomState(seed).permutation(rows)`.
pub(crate) fn permutation(rows: usize, seed: u32) -> Vec<usize> {
    let mut generator = Mt::new(seed);
    let mut order: Vec<usize> = (0..rows).collect();
    for last in (1..rows).rev() {
        order.swap(last, interval(&mut generator, last));
    }
    order
}

/// `NumPy`'s legacy `random_interval`: a number up to and including `most`, drawn until it fits under the mask.
fn interval(generator: &mut Mt, most: usize) -> usize {
    let mask = u64::MAX >> (most as u64).leading_zeros();
    loop {
        let bits = if u32::try_from(mask).is_ok() {
            u64::from(generator.next_u32())
        } else {
            (u64::from(generator.next_u32()) << 32) | u64::from(generator.next_u32())
        };
        match usize::try_from(bits & mask) {
            Ok(value) if value <= most => return value,
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "random_tests.rs"]
mod tests;
