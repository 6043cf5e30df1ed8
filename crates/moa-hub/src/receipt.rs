//! A note beside a model file that says with which sum it was verified, so that starting up need not read a gigabyte.

use std::fs::{self, Metadata};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::checksum::Checksum;
use crate::error::{HubError, storage};

/// That a file of this size, last changed at this time, had this sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Receipt {
    pub(crate) sha256: Checksum,
    bytes: u64,
    modified_unix_ns: u64,
}

impl Receipt {
    /// The receipt of a file that was just found to have that sum.
    pub(crate) fn of(metadata: &Metadata, sha256: Checksum) -> Self {
        Self { sha256, bytes: metadata.len(), modified_unix_ns: modified_unix_ns(metadata) }
    }

    /// The receipt of the model file at `path`, if it has one and has not changed since.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        let receipt = Self::read_unchecked(path)?;
        let metadata = fs::metadata(path).ok().filter(Metadata::is_file)?;
        (receipt == Self::of(&metadata, receipt.sha256)).then_some(receipt)
    }

    /// The receipt of the model file at `path`, whether or not the file has changed since.
    pub(crate) fn read_unchecked(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(receipt_path(path)).ok()?).ok()
    }

    /// Puts the receipt beside the model file at `path`.
    pub(crate) fn write(&self, path: &Path) -> Result<(), HubError> {
        write_json(&receipt_path(path), self)
    }
}

/// Where the receipt of a model file is.
pub(crate) fn receipt_path(path: &Path) -> PathBuf {
    beside(path, "verified")
}

/// A file that belongs to the one at `path`.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// Writes a small file so that readers see the old content or the new, and never half of it.
pub(crate) fn write_json(path: &Path, content: &impl Serialize) -> Result<(), HubError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || {
        let mut builder = tempfile::Builder::new();
        // As open as any other new file: several users may share the models folder.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(&serde_json::to_vec(content)?)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(storage("write", path))
}

fn modified_unix_ns(metadata: &Metadata) -> u64 {
    let since =
        metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or_default()
}
