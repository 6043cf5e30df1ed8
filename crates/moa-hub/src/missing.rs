//! What would have to be fetched, before anything is.

use std::fs;
use std::io;
use std::path::Path;

use crate::catalogue::Licence;
use crate::hub::{Hub, Place};
use crate::partial::partial_bytes;
use crate::reference::ModelReference;

/// A model that is not on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingModel {
    /// The model.
    pub reference: ModelReference,
    /// The size of its file; unknown where only the hub can say.
    pub total_bytes: Option<u64>,
    /// What an earlier pull has left, which a source that knows the file continues.
    pub done_bytes: u64,
    /// What one may do with it, where the catalogue knows.
    pub licence: Option<Licence>,
}

impl MissingModel {
    /// What remains to be fetched; unknown where the size is.
    #[must_use]
    pub fn remaining_bytes(&self) -> Option<u64> {
        self.total_bytes.map(|total| total.saturating_sub(self.done_bytes))
    }
}

impl Hub {
    /// What [`pull`](Self::pull) would have to fetch for the model; `None` where it would fetch nothing: the file is there (verified or
    /// still to be), it is a file of the user's own, or nobody knows the model.
    ///
    /// Looks at names and sizes only.
    #[must_use]
    pub fn missing(&self, reference: &ModelReference) -> Option<MissingModel> {
        if self.locate(reference).is_some() {
            return None;
        }
        let Ok(Place::Kept(target)) = self.target(reference) else { return None };
        let total_bytes = target.expected.map(|expected| expected.bytes);
        let on_disk = fs::metadata(&target.path).ok().filter(fs::Metadata::is_file);
        if on_disk.is_some_and(|file| Some(file.len()) == total_bytes) {
            return None;
        }
        let licence = match reference {
            ModelReference::Catalogue(id) => self.catalogue().find(id).map(|model| model.licence.clone()),
            _ => None,
        };
        Some(MissingModel {
            reference: reference.clone(),
            total_bytes,
            done_bytes: partial_bytes(&target.path).unwrap_or(0),
            licence,
        })
    }

    /// What this user may still write to the disk of the models folder, which need not be there yet.
    ///
    /// # Errors
    /// When the disk cannot be asked.
    pub fn free_bytes(&self) -> io::Result<u64> {
        let folder = &self.options().models_folder;
        let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
        self.free_space().bytes(if there.as_os_str().is_empty() { Path::new(".") } else { there })
    }
}

#[cfg(test)]
#[path = "missing_tests.rs"]
mod tests;
