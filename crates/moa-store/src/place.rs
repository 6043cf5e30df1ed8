//! Where the store lies: folders and files that only their owner may read, because prompts are private.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// Makes the folder `path` and those above it, where they are missing, for the owner alone.
pub(crate) fn create_private_folder(path: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| StoreError::io(path, "create the folder", error))
}

/// Opens the file `path` for writing, and makes it for the owner alone if it is missing.
///
/// SQLite gives the files that it adds beside the database the permissions of the database.
pub(crate) fn open_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The folder that holds the file `path`.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The one name of the existing file `path`, under which every process looks for what lies beside it, whatever links led to it
/// and wherever the process works.
pub(crate) fn settled(path: &Path) -> Result<PathBuf, StoreError> {
    // Elsewhere the settled form is one that not every library understands.
    let settled = if cfg!(unix) { fs::canonicalize(path) } else { std::path::absolute(path) };
    settled.map_err(|error| StoreError::io(path, "find", error))
}

/// A path beside the database at `path`, with `suffix` appended to its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Tells a file from another one that has since taken its name.
///
/// On Unix a database can be deleted while it is open, and SQLite then goes on writing where nobody will ever look. Elsewhere
/// an open file cannot be deleted, so there is nothing to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileIdentity {
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    inode: u64,
}

impl FileIdentity {
    /// The identity of the file that has the name `path` now.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Ok(Self { device: metadata.dev(), inode: metadata.ino() })
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            Ok(Self {})
        }
    }
}
