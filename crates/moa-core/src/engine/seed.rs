//! One seed per call out of the run's seed, so that equal agents of a layer write different samples and a run can be repeated.

use crate::layer::CallId;

/// The seed of `call`: well mixed, and the same for the same run seed and place.
pub(super) fn seed_of_call(run_seed: u64, call: CallId) -> u64 {
    let place = (u64::from(call.layer.0) << 32) | u64::from(call.agent);
    mix(mix(run_seed) ^ place)
}

/// `items` in an order that `seed` decides.
pub(super) fn shuffled<T>(mut items: Vec<T>, seed: u64) -> Vec<T> {
    // Fisher and Yates, with the next number of the sequence for each place.
    for place in (1..items.len()).rev() {
        let drawn = mix(seed.wrapping_add(place as u64));
        let other = usize::try_from(drawn % (place as u64 + 1)).unwrap_or(place);
        items.swap(place, other);
    }
    items
}

/// The finaliser of `SplitMix64` (Steele, Lea, Flood 2014): every input bit moves about half of the output bits.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}
