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
    /// How many threads have done their part of this product, and how many products all have done theirs of.
    done: AtomicUsize,
    products: AtomicUsize,
}

impl Workspace {
    /// Makes room for products with inputs of so many columns and tokens. While nothing is computed; it stays until the end.
    pub fn prepare(&mut self, format: Format, columns: usize, tokens: usize) {
        #[cfg(target_arch = "x86_64")]
        self.inputs.reserve(format, columns, tokens);
    }

    /// Waits until all threads have done their part of this product. The next one may have another number of threads: nothing of this one is left.
    pub(crate) fn wait(&self, share: Share) {
        // Before this thread is counted nobody can be through.
        let product = self.products.load(Ordering::Acquire);
        if self.done.fetch_add(1, Ordering::AcqRel) + 1 == share.of {
            self.done.store(0, Ordering::Relaxed);
            self.products.store(product.wrapping_add(1), Ordering::Release);
            return;
        }
        let mut looks = 0;
        while self.products.load(Ordering::Acquire) == product {
            looks = LOOKS.min(looks + 1);
            if looks < LOOKS { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
    }
}
