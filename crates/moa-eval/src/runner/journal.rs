//! The journal: a file to which each result is appended the moment that it is there.
//!
//! # Shape
//! JSON lines. The first line is the [`JournalHeader`], each other one a [`Record`]; a later record of an item replaces an earlier one. A
//! record is written with one call and so survives the death of the process; it is synced at most a second later, or with the next
//! record after that, and so nearly always survives the death of the machine too. A last line that was cut off is cut away.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{RunnerError, storage};
use super::item::{ItemKey, Record};

/// The longest that a record waits for the disk while more of them come.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// What the results of a journal have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JournalHeader {
    /// What the items are: `gsm8k`, `mt-bench-judgments` and so on.
    pub benchmark: String,
    /// Whose results they are.
    pub contender: String,
    /// All settings on which the results depend.
    pub settings: Value,
}

/// A journal that was read: what is in it, by item.
#[derive(Debug)]
pub struct Stored<R> {
    /// The first line.
    pub header: JournalHeader,
    /// The last record of each item, in the order in which the items came first.
    pub records: Vec<Record<R>>,
}

/// A journal that is open for writing; no other process can open it meanwhile.
#[derive(Debug)]
pub struct Journal<R> {
    path: PathBuf,
    file: File,
    records: HashMap<String, Record<R>>,
    synced: Instant,
    is_synced: bool,
}

impl<R: Serialize + DeserializeOwned> Journal<R> {
    /// Opens a journal to go on with, or begins one.
    ///
    /// # Errors
    /// Where it cannot be read or written, is in use, is damaged, or holds results of other settings than `header` says.
    pub fn open(path: impl Into<PathBuf>, header: &JournalHeader) -> Result<Self, RunnerError> {
        let path = path.into();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(storage("make the folder", folder))?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(storage("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(RunnerError::Busy { path }),
            Err(TryLockError::Error(error)) => return Err(storage("lock", &path)(error)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(storage("read", &path))?;
        let whole = whole_lines(&bytes);
        if whole.len() < bytes.len() {
            file.set_len(whole.len() as u64).map_err(storage("cut", &path))?;
        }
        let mut journal =
            Self { path, file, records: HashMap::new(), synced: Instant::now(), is_synced: true };
        if whole.is_empty() {
            journal.write_line(header)?;
            journal.sync()?;
            return Ok(journal);
        }
        let stored = parse(&journal.path, whole)?;
        if let Some(difference) = difference(&stored.header, header) {
            return Err(RunnerError::OtherSettings { path: journal.path, difference });
        }
        journal.records = stored.records.into_iter().map(|record| (record.item.clone(), record)).collect();
        Ok(journal)
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The result of an item, if it was made from the same content.
    #[must_use]
    pub fn get(&self, item: &str, key: &ItemKey) -> Option<&Record<R>> {
        self.records.get(item).filter(|record| record.key == *key)
    }

    /// Keeps a result.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn append(&mut self, record: Record<R>) -> Result<(), RunnerError> {
        self.write_line(&record)?;
        self.records.insert(record.item.clone(), record);
        if self.synced.elapsed() >= SYNC_INTERVAL { self.sync() } else { Ok(()) }
    }

    /// Makes sure that all is on disk.
    ///
    /// # Errors
    /// Where the disk cannot take it.
    pub fn sync(&mut self) -> Result<(), RunnerError> {
        if !self.is_synced {
            self.file.sync_data().map_err(storage("write", &self.path))?;
            self.is_synced = true;
        }
        self.synced = Instant::now();
        Ok(())
    }

    fn write_line(&mut self, value: &impl Serialize) -> Result<(), RunnerError> {
        let mut line = serde_json::to_vec(value)
            .map_err(|error| storage("write", &self.path)(std::io::Error::other(error)))?;
        line.push(b'\n');
        // One call, so that a kill leaves the whole line or, where the disk is full, a part that the next reader cuts away.
        self.file.write_all(&line).map_err(storage("write", &self.path))?;
        self.is_synced = false;
        Ok(())
    }
}

/// Reads a journal that somebody may be writing.
///
/// # Errors
/// Where it cannot be read or is damaged.
pub fn read_journal<R: DeserializeOwned>(path: &Path) -> Result<Stored<R>, RunnerError> {
    let bytes = std::fs::read(path).map_err(storage("read", path))?;
    parse(path, whole_lines(&bytes))
}

/// The text up to its last line end.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    bytes.get(..end).unwrap_or_default()
}

fn parse<R: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<Stored<R>, RunnerError> {
    let damaged = |line: usize, reason: String| RunnerError::Damaged { path: path.to_owned(), line, reason };
    let mut lines = bytes.split(|byte| *byte == b'\n').zip(1..).filter(|(line, _)| !line.is_empty());
    let Some((first, number)) = lines.next() else {
        return Err(damaged(1, "it is empty".to_owned()));
    };
    let header = serde_json::from_slice(first).map_err(|error| damaged(number, error.to_string()))?;
    let mut records: Vec<Record<R>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (line, number) in lines {
        let record: Record<R> =
            serde_json::from_slice(line).map_err(|error| damaged(number, error.to_string()))?;
        match places.get(&record.item) {
            Some(place) => {
                if let Some(earlier) = records.get_mut(*place) {
                    *earlier = record;
                }
            }
            None => {
                places.insert(record.item.clone(), records.len());
                records.push(record);
            }
        }
    }
    Ok(Stored { header, records })
}

/// What differs between the header that is there and the one that is wanted.
fn difference(there: &JournalHeader, wanted: &JournalHeader) -> Option<String> {
    let differs = |name: &str, there: &dyn std::fmt::Display, wanted: &dyn std::fmt::Display| {
        Some(format!("{name} was {there} and is {wanted}"))
    };
    if there.benchmark != wanted.benchmark {
        return differs("the benchmark", &there.benchmark, &wanted.benchmark);
    }
    if there.contender != wanted.contender {
        return differs("the contender", &there.contender, &wanted.contender);
    }
    let (name, before, now) = differing(&there.settings, &wanted.settings, "")?;
    differs(&name, &before, &now)
}

/// The first place in which two values differ, and what stands there in each.
fn differing(before: &Value, now: &Value, place: &str) -> Option<(String, String, String)> {
    if before == now {
        return None;
    }
    let at = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    if let (Value::Object(before), Value::Object(now)) = (before, now) {
        let mut names = before.keys().chain(now.keys());
        return names.find_map(|name| {
            let (before, now) =
                (before.get(name).unwrap_or(&Value::Null), now.get(name).unwrap_or(&Value::Null));
            differing(before, now, &at(name))
        });
    }
    let place = if place.is_empty() { "the settings" } else { place };
    Some((place.to_owned(), before.to_string(), now.to_string()))
}
