//! Where a model belongs on disk, and what is known about it.

use std::path::{Path, PathBuf};

use crate::catalogue::{CatalogueModel, Expected, HubFile, PackageParts};
use crate::receipt::beside;

/// A model that moa keeps in the models folder.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// What people call it.
    pub(crate) name: String,
    /// Its file.
    pub(crate) path: PathBuf,
    /// The models folder.
    pub(crate) folder: PathBuf,
    /// What the file has to be, where that is known beforehand.
    pub(crate) expected: Option<Expected>,
    pub(crate) hub_file: HubFile,
    pub(crate) package: Option<PackageParts>,
}

impl Target {
    pub(crate) fn of_catalogue(model: &CatalogueModel, folder: &Path) -> Self {
        Self {
            name: model.id.clone(),
            path: folder.join(&model.file),
            folder: folder.to_owned(),
            expected: model.expected(),
            hub_file: model.hugging_face.clone(),
            package: model.package_index.clone(),
        }
    }

    /// A file of the hub that the catalogue does not know: `hf/owner/repository/revision/file`.
    pub(crate) fn of_hub_file(name: String, file: &HubFile, folder: &Path) -> Self {
        let revision = file.revision.replace('/', "%2F");
        let path = folder.join("hf").join(&file.repository).join(revision).join(&file.file);
        Self { name, path, folder: folder.to_owned(), expected: None, hub_file: file.clone(), package: None }
    }

    /// The folder of the model's file.
    pub(crate) fn parent(&self) -> &Path {
        self.path.parent().unwrap_or(&self.folder)
    }

    /// The file whose lock a puller holds. It stays when the lock is given up: removing it would let two others hold "the" lock.
    pub(crate) fn lock_path(&self) -> PathBuf {
        let name = self.path.strip_prefix(&self.folder).unwrap_or(&self.path).to_string_lossy();
        self.folder.join(".locks").join(format!("{}.lock", name.replace(['/', '\\'], "--")))
    }

    /// Where wheels are kept for the short time in which they are needed.
    pub(crate) fn parts_folder(&self) -> PathBuf {
        beside(&self.path, "parts")
    }
}
