//! How quantised weights lie in memory.

/// A way of keeping weights.
///
/// # Source
/// The names and layouts are those of ggml: `block_q4_0` and the like in `ggml-common.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// 32 columns: a scale, and 4 bits each.
    Q4_0,
    /// 32 columns: a scale, a minimum, and 4 bits each.
    Q4_1,
    /// 32 columns: a scale, and 5 bits each.
    Q5_0,
    /// 32 columns: a scale, a minimum, and 5 bits each.
    Q5_1,
    /// 32 columns: a scale, and 8 bits each.
    Q8_0,
    /// 256 columns: scales and minima for every 32, and 4 bits each.
    Q4K,
    /// 256 columns: scales and minima for every 32, and 5 bits each.
    Q5K,
    /// 256 columns: scales for every 16, and 6 bits each.
    Q6K,
}

impl Format {
    /// The columns of the smallest unit.
    #[must_use]
    pub const fn unit_columns(self) -> usize {
        if self.is_k() { 256 } else { 32 }
    }

    /// The bytes of the smallest unit.
    #[must_use]
    pub const fn unit_bytes(self) -> usize {
        match self {
            Self::Q4_0 => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q8_0 => 34,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
        }
    }

    /// The bytes of a row of so many columns.
    #[must_use]
    pub const fn row_bytes(self, columns: usize) -> usize {
        columns / self.unit_columns() * self.unit_bytes()
    }

    /// The columns that share a scale.
    pub(crate) const fn block_columns(self) -> usize {
        if matches!(self, Self::Q6K) { 16 } else { 32 }
    }

    /// The columns whose inputs share a scale: as many as in ggml's products of this format.
    pub(crate) const fn group_columns(self) -> usize {
        self.unit_columns()
    }

    /// What an unpacked weight has to be lowered by before it is scaled; `None` where each block has a minimum of its own instead.
    pub(crate) const fn offset(self) -> Option<i32> {
        match self {
            Self::Q4_0 => Some(8),
            Self::Q5_0 => Some(16),
            Self::Q8_0 => Some(128),
            Self::Q6K => Some(32),
            Self::Q4_1 | Self::Q5_1 | Self::Q4K | Self::Q5K => None,
        }
    }

    const fn is_k(self) -> bool {
        matches!(self, Self::Q4K | Self::Q5K | Self::Q6K)
    }
}
