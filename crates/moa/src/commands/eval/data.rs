//! The benchmarks' own files, wherever they come from: fetched, or in a folder that somebody names.

use std::path::{Path, PathBuf};

use super::folder::data_folder;
use super::input::InputFile;
use crate::complaint::Complaint;

/// A file of a benchmark: what it is, and where the folders that people have keep it.
pub(crate) struct BenchmarkFile {
    /// For messages.
    pub(crate) what: &'static str,
    /// Places relative to the folder, the fetched one first.
    pub(crate) places: &'static [&'static str],
}

/// The folder of a benchmark's files.
pub(crate) struct DataFolder {
    benchmark: &'static str,
    path: PathBuf,
}

impl DataFolder {
    /// The folder that was named, or the one that `fetch` fills.
    pub(crate) fn new(benchmark: &'static str, named: Option<&Path>) -> Result<Self, Complaint> {
        let path = named.map_or_else(|| data_folder(benchmark), |path| Ok(path.to_owned()))?;
        Ok(Self { benchmark, path })
    }

    /// Where a file is, if it is there.
    pub(crate) fn find(&self, file: &BenchmarkFile) -> Option<PathBuf> {
        file.places.iter().map(|place| self.path.join(place)).find(|path| path.is_file())
    }

    /// Reads a file.
    pub(crate) fn read(&self, file: &BenchmarkFile) -> Result<InputFile, Complaint> {
        match self.find(file) {
            Some(path) => InputFile::read(&path),
            None => {
                let name = file.places.first().copied().unwrap_or_default();
                let message = format!("{} ({name}) is not in {}", file.what, self.path.display());
                let hint =
                    format!("`moa eval {} fetch` gets it; --data names a folder that has it", self.benchmark);
                Err(Complaint::failed(message).with_hint(Some(hint)))
            }
        }
    }
}

/// Writes a file that appears under its name only whole.
pub(crate) fn write_whole(path: &Path, text: impl AsRef<[u8]>) -> Result<(), Complaint> {
    let failed =
        |error: std::io::Error| Complaint::failed(format!("cannot write {}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    std::fs::write(&partial, text).map_err(failed)?;
    std::fs::rename(&partial, path).map_err(failed)
}
