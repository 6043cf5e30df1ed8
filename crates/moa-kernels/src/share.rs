//! What several threads compute together.

/// Which part of the work a thread does.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// Which part, counted from 0.
    pub index: usize,
    /// How many parts there are, at least one.
    pub of: usize,
}

/// Where results go.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    numbers: *mut f32,
    length: usize,
}

impl Output {
    /// Room for `length` numbers. Threads that share the work write to different ones of them.
    ///
    /// # Safety
    /// While something is computed the numbers are there to be written, and nobody else reads or writes them.
    #[must_use]
    pub const unsafe fn new(numbers: *mut f32, length: usize) -> Self {
        Self { numbers, length }
    }

    pub(crate) fn length(self) -> usize {
        self.length
    }

    /// The `length` numbers from `first` on.
    ///
    /// # Panics
    /// If there is not room for as many.
    pub(crate) fn at(self, first: usize, length: usize) -> *mut f32 {
        assert!(first + length <= self.length, "within the room");
        self.numbers.wrapping_add(first)
    }
}

// SAFETY: whoever makes an output promises that threads may write to it; they write to different numbers of it.
unsafe impl Send for Output {}
