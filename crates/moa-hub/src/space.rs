//! How much room a disk has.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Measures the free bytes of the disk that holds a folder.
#[derive(Clone)]
pub(crate) struct FreeSpace(Arc<Measure>);

type Measure = dyn Fn(&Path) -> io::Result<u64> + Send + Sync;

impl FreeSpace {
    /// A measure of one's own.
    pub(crate) fn new(measure: impl Fn(&Path) -> io::Result<u64> + Send + Sync + 'static) -> Self {
        Self(Arc::new(measure))
    }

    /// What this user may still write below `folder`.
    pub(crate) fn bytes(&self, folder: &Path) -> io::Result<u64> {
        (self.0)(folder)
    }
}

impl Default for FreeSpace {
    fn default() -> Self {
        Self::new(|folder| fs4::available_space(folder))
    }
}

impl fmt::Debug for FreeSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FreeSpace")
    }
}
