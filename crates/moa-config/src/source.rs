//! The files that a configuration is made of.

use std::path::{Path, PathBuf};

use crate::origin::{FileKind, Origin};
use crate::place::{Place, Placed};
use crate::raw::RawFile;
use crate::written::Written;

/// One file: its text and what it says.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    pub(crate) kind: FileKind,
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) raw: RawFile,
}

impl SourceFile {
    /// The place of a value of this file.
    pub(crate) fn place<T>(&self, written: &Written<T>) -> Place<'_> {
        Place::File(self, written.span())
    }

    /// A value of this file with its place.
    pub(crate) fn placed<'a, T>(&'a self, written: &'a Written<T>) -> Placed<'a, &'a T> {
        Placed { value: written.value(), place: self.place(written) }
    }

    /// Where the byte at `offset` came from.
    pub(crate) fn origin(&self, offset: usize) -> Origin {
        let before = self.text.as_bytes().iter().take(offset);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        Origin::File { kind: self.kind, path: self.path.clone(), line }
    }
}

/// All files, the strongest last, and the home folder that `~/` stands for.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    pub(crate) files: Vec<SourceFile>,
    pub(crate) home: Option<PathBuf>,
}

impl Sources {
    /// The files, the strongest first.
    pub(crate) fn strongest_first(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().rev()
    }

    /// The strongest definition of something, with the file that holds it.
    pub(crate) fn find<'a, T>(
        &'a self,
        pick: impl Fn(&'a RawFile) -> Option<&'a T>,
    ) -> Option<(&'a SourceFile, &'a T)> {
        self.strongest_first().find_map(|file| pick(&file.raw).map(|found| (file, found)))
    }

    /// A path as written at a place: `~/` is the home folder, and a relative path starts at the file's folder.
    pub(crate) fn path(&self, written: &str, place: &Place<'_>) -> PathBuf {
        if let (Some(rest), Some(home)) = (written.strip_prefix("~/"), &self.home) {
            return home.join(rest);
        }
        match place {
            Place::File(file, _) => file.path.parent().unwrap_or(Path::new("")).join(written),
            Place::Outside(_) => PathBuf::from(written),
        }
    }
}
