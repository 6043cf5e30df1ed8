//! Which file of a folder holds what.

use std::path::{Path, PathBuf};

use crate::complaint::Complaint;
use crate::workspace;

/// A folder of results: for each benchmark and contender a journal of answers, and what they were scored.
#[derive(Debug, Clone)]
pub(crate) struct ResultsFolder {
    path: PathBuf,
}

impl ResultsFolder {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The journal of a contender's answers.
    pub(crate) fn answers(&self, benchmark: &str, contender: &str) -> PathBuf {
        self.file(benchmark, contender, "answers.jsonl")
    }

    /// The scores of these answers.
    pub(super) fn scores(&self, benchmark: &str, contender: &str) -> PathBuf {
        self.file(benchmark, contender, "scores.json")
    }

    /// All files of this kind about a benchmark, by name.
    pub(super) fn all(&self, benchmark: &str, kind: &str) -> Result<Vec<PathBuf>, Complaint> {
        self.files(&format!("{}.", file_name(benchmark)), kind)
    }

    /// All files of this kind, by name.
    pub(super) fn all_benchmarks(&self, kind: &str) -> Result<Vec<PathBuf>, Complaint> {
        self.files("", kind)
    }

    fn files(&self, start: &str, kind: &str) -> Result<Vec<PathBuf>, Complaint> {
        let entries = std::fs::read_dir(&self.path).map_err(|error| {
            Complaint::usage(format!("cannot read the folder {}: {error}", self.path.display()))
        })?;
        let end = format!(".{kind}");
        let is_wanted = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            name.starts_with(start) && name.ends_with(&end)
        };
        let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_wanted).collect();
        found.sort();
        Ok(found)
    }

    /// A file of this kind, named after whom it is about.
    pub(super) fn file(&self, benchmark: &str, contender: &str, kind: &str) -> PathBuf {
        self.path.join(format!("{}.{}.{kind}", file_name(benchmark), file_name(contender)))
    }
}

/// The files and folders in a folder, by name; none where there is no folder.
pub(super) fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = found.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// The files in a folder whose names begin and end so.
pub(super) fn named(folder: &Path, start: &str, end: &str) -> Vec<PathBuf> {
    let is_named = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(start) && name.ends_with(end)
    };
    entries(folder).into_iter().filter(is_named).collect()
}

/// A name as part of a file's name: what cannot stand there everywhere becomes a hyphen. Names that differ in nothing else share a file,
/// whose header then refuses the second of them.
pub(crate) fn file_name(name: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "._-".contains(character);
    name.chars().map(|character| if is_plain(character) { character } else { '-' }).collect()
}

/// Where the files of a benchmark are kept once they are fetched.
pub(crate) fn data_folder(benchmark: &str) -> Result<PathBuf, Complaint> {
    Ok(workspace::data_folder()?.join("eval").join(benchmark))
}

/// Where results are found again, whatever folder they were made for.
pub(crate) fn cache_folder() -> Result<PathBuf, Complaint> {
    Ok(workspace::data_folder()?.join("eval").join("results"))
}

/// Reads a file of a benchmark.
pub(crate) fn read(path: &Path, how_to_get_it: &str) -> Result<Vec<u8>, Complaint> {
    std::fs::read(path).map_err(|error| {
        Complaint::usage(format!("cannot read {}: {error}", path.display()))
            .with_hint(Some(how_to_get_it.to_owned()))
    })
}
