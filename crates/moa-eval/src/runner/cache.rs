//! Results by their keys, whatever folder they were made for.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::item::{ItemKey, Record};

/// A folder of results, one file for each. A cache that cannot be read is one that has nothing; one that cannot be written keeps
/// nothing: neither is worth stopping for.
#[derive(Debug, Clone)]
pub struct ResultCache {
    folder: PathBuf,
}

impl ResultCache {
    /// A cache in this folder, which is made when the first result comes.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The result of this key.
    #[must_use]
    pub fn get<R: DeserializeOwned>(&self, key: &ItemKey) -> Option<Record<R>> {
        let bytes = std::fs::read(self.path(key)?).ok()?;
        let record: Record<R> = serde_json::from_slice(&bytes).ok()?;
        (record.key == *key).then_some(record)
    }

    /// Keeps a result. Says whether it could.
    pub fn put<R: Serialize>(&self, record: &Record<R>) -> bool {
        let Some(path) = self.path(&record.key) else { return false };
        let Ok(bytes) = serde_json::to_vec(record) else { return false };
        write_whole(&path, &bytes).is_ok()
    }

    /// Folders of a 256th each, so that none grows too large. Nothing where the key is none (it comes from a file).
    fn path(&self, key: &ItemKey) -> Option<PathBuf> {
        let digits = key.as_str();
        let is_key = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let folder = digits.get(..2).filter(|_| is_key)?;
        Some(self.folder.join(folder).join(format!("{digits}.json")))
    }
}

/// Writes a file that appears under its name only whole.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    std::fs::write(&partial, bytes)?;
    std::fs::rename(&partial, path)
}
