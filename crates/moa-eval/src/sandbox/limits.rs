//! How much a program may use.

use std::time::Duration;

/// How much a program may use. The bounds on memory, time and files go for each process, the one on processes for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From its start to its end.
    pub wall: Duration,
    /// Processor time.
    pub cpu: Duration,
    /// Address space.
    pub memory_bytes: u64,
    /// Processes and threads, itself included.
    pub processes: u32,
    /// Each file.
    pub file_bytes: u64,
    /// The writable folder, in millions of bytes.
    pub folder_megabytes: u32,
}

impl Default for Limits {
    /// What a solution of a few lines needs, with room to spare: 10 s, 512 MB, 8 processes, files of 8 MB, 16 MB in all.
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(10),
            cpu: Duration::from_secs(10),
            memory_bytes: 512 << 20,
            processes: 8,
            file_bytes: 8 << 20,
            folder_megabytes: 16,
        }
    }
}
