//! The sources of speed, switched on one after the other.

use moa_llama::EngineOptions;

/// What each step switches on; it has what those before it have.
pub(super) const STEPS: [&str; 7] = [
    "none",
    "+ kernels",
    "+ models side by side",
    "+ lookup",
    "+ lookup in the answers of others",
    "+ prefix reuse",
    "+ reading ahead",
];

/// Switches the sources of a step on and the others off, whatever the configuration says of them.
pub(super) fn switch(options: &mut EngineOptions, step: usize) {
    options.kernels = step > 0;
    options.side_by_side = step > 1;
    options.lookup = step > 2;
    options.peer_lookup = step > 3;
    options.prefix_reuse = step > 4;
    options.read_ahead = step > 5;
}
