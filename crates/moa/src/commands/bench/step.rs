//! The sources of speed, switched on one after the other.

use moa_llama::EngineOptions;

/// What each step switches on; it has what those before it have.
pub(super) const STEPS: [&str; 6] = [
    "none",
    "+ models side by side",
    "+ lookup",
    "+ lookup in the answers of others",
    "+ prefix reuse",
    "+ reading ahead",
];

/// Switches the sources of a step on and the others off, whatever the configuration says of them.
pub(super) fn switch(options: &mut EngineOptions, step: usize) {
    options.side_by_side = step > 0;
    options.lookup = step > 1;
    options.peer_lookup = step > 2;
    options.prefix_reuse = step > 3;
    options.read_ahead = step > 4;
}
