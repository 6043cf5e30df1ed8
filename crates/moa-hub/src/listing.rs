//! What there is: the catalogue, and whatever else lies in the models folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::catalogue::{CatalogueModel, HubFile};
use crate::error::{HubError, storage};
use crate::hub::Hub;
use crate::partial::partial_bytes;
use crate::reference::ModelReference;
use crate::target::Target;

/// A model as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedModel {
    /// How to name it.
    pub reference: ModelReference,
    /// Its file, or where that would be.
    pub path: PathBuf,
    /// Its size, as far as it is known.
    pub bytes: Option<u64>,
    /// What the catalogue says about it, if it is in there: title, licence, weights, sources.
    pub catalogue: Option<CatalogueModel>,
    /// Whether it can be used.
    pub state: ModelState,
}

/// Whether a model can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelState {
    /// On disk and verified.
    Verified,
    /// On disk, but not verified, or changed since. The next pull looks at it.
    Unverified,
    /// Being fetched, or left half done; the next pull continues.
    Partial {
        /// What has arrived.
        done_bytes: u64,
    },
    /// Not on disk.
    Absent,
}

pub(crate) fn list_models(hub: &Hub) -> Result<Vec<ListedModel>, HubError> {
    let folder = &hub.options().models_folder;
    let mut models: Vec<ListedModel> = hub
        .catalogue()
        .models()
        .iter()
        .map(|model| {
            let target = Target::of_catalogue(model, folder);
            let reference = ModelReference::Catalogue(model.id.clone());
            let listed = describe(hub, reference, target.path);
            ListedModel { bytes: model.bytes.or(listed.bytes), catalogue: Some(model.clone()), ..listed }
        })
        .collect();
    let mut others = Vec::new();
    find_files(folder, 0, &mut others).map_err(storage("read the folder", folder))?;
    others.retain(|path| models.iter().all(|model| model.path != *path));
    others.sort();
    models.extend(others.into_iter().map(|path| describe(hub, reference_of(&path, folder), path)));
    Ok(models)
}

fn describe(hub: &Hub, reference: ModelReference, path: PathBuf) -> ListedModel {
    let on_disk = fs::metadata(&path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len());
    let is_kept = !matches!(reference, ModelReference::File(_));
    let state = match (on_disk, partial_bytes(&path)) {
        (Some(_), _) if is_kept && hub.locate(&reference).is_some() => ModelState::Verified,
        (Some(_), _) => ModelState::Unverified,
        (None, Some(done_bytes)) => ModelState::Partial { done_bytes },
        (None, None) => ModelState::Absent,
    };
    ListedModel { reference, path, bytes: on_disk, catalogue: None, state }
}

/// How a file in the models folder is named: `hf:...` where a pull has put it there, else by its path.
fn reference_of(path: &Path, folder: &Path) -> ModelReference {
    let own = || ModelReference::File(path.to_owned());
    let Ok(inside) = path.strip_prefix(folder.join("hf")) else { return own() };
    let segments: Option<Vec<&str>> = inside.iter().map(|segment| segment.to_str()).collect();
    match segments.as_deref() {
        Some([owner, name, revision, file @ ..]) if !file.is_empty() => {
            ModelReference::HuggingFace(HubFile {
                repository: format!("{owner}/{name}"),
                file: file.join("/"),
                revision: revision.replace("%2F", "/"),
            })
        }
        _ => own(),
    }
}

/// Collects the model files below a folder, also those of which only a part has arrived.
fn find_files(folder: &Path, depth: u32, found: &mut Vec<PathBuf>) -> io::Result<()> {
    /// A link that leads back into the folder must not be followed for ever.
    const DEEPEST: u32 = 16;
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            let is_ours = entry.file_name().to_string_lossy().ends_with(".parts");
            if depth < DEEPEST && !is_ours {
                find_files(&path, depth + 1, found)?;
            }
            continue;
        }
        let complete = match path.extension() {
            Some(ending) if ending.eq_ignore_ascii_case("partial") => path.with_extension(""),
            _ => path,
        };
        let is_model = complete.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gguf"));
        if is_model && !found.contains(&complete) {
            found.push(complete);
        }
    }
    Ok(())
}
