//! Numbers that several threads write to and read.

use std::cell::UnsafeCell;
use std::ops::Range;

/// As much as was asked for at most, of which each thread writes a part of its own before all read it.
#[derive(Debug)]
pub(crate) struct Room<T>(Vec<UnsafeCell<T>>);

// SAFETY: what is written and read is up to who promises that nobody else does meanwhile; see the functions.
unsafe impl<T: Send + Sync> Sync for Room<T> {}

impl<T> Default for Room<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Default> Room<T> {
    /// Makes room for so many, where there is less.
    pub(crate) fn reserve(&mut self, length: usize) {
        if self.0.len() < length {
            self.0.resize_with(length, UnsafeCell::default);
        }
    }

    /// Some of them, to be written.
    ///
    /// # Safety
    /// Nobody else reads or writes them as long as the result is used.
    ///
    /// # Panics
    /// If there is not so much room.
    #[expect(clippy::mut_from_ref, reason = "the caller promises that it is the only one")]
    pub(crate) unsafe fn write(&self, range: Range<usize>) -> &mut [T] {
        let cells = &self.0[range];
        // SAFETY: the cells lie one behind the other, each as its content does; nobody else uses them, as promised.
        unsafe { std::slice::from_raw_parts_mut(UnsafeCell::raw_get(cells.as_ptr()), cells.len()) }
    }

    /// The first ones.
    ///
    /// # Safety
    /// Nobody writes them as long as the result is used.
    ///
    /// # Panics
    /// If there is not so much room.
    pub(crate) unsafe fn read(&self, length: usize) -> &[T] {
        let cells = &self.0[..length];
        // SAFETY: as in `write`.
        unsafe { std::slice::from_raw_parts(UnsafeCell::raw_get(cells.as_ptr()), cells.len()) }
    }
}
