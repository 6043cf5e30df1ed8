//! What the threads that compute a product have in common.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Format;
#[cfg(target_arch = "x86_64")]
use super::inputs::Rounded;
use crate::Share;

/// How often a thread looks for the others before it lets the system run somebody else: far longer than they take where each has a core.
const LOOKS: u32 = 10_000;

/// What the threads that compute products one after the other have in common: the inputs, of which each rounds a part for all.
#[derive(Debug, Default)]
pub struct Workspace {
    #[cfg(target_arch = "x86_64")]
    pub(crate) inputs: Rounded,
    /// How many threads have done their part, of all products since the last that was prepared.
    done: AtomicUsize,
}

impl Workspace {
    /// Makes room for a product with inputs of so many columns and tokens. Must be called before it is computed, and while nothing is.
    pub fn prepare(&mut self, format: Format, columns: usize, tokens: usize) {
        #[cfg(target_arch = "x86_64")]
        self.inputs.reserve(format, columns, tokens);
        *self.done.get_mut() = 0;
    }

    /// Waits until all threads have done their part of this product. They must be as many for all products since the last that was prepared.
    pub(crate) fn wait(&self, share: Share) {
        let place = self.done.fetch_add(1, Ordering::AcqRel);
        let all = (place / share.of + 1) * share.of;
        let mut looks = 0;
        while self.done.load(Ordering::Acquire) < all {
            looks += 1;
            if looks < LOOKS { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
    }
}
