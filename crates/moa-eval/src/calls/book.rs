//! The answers to calls, by all that they depend on: what every mixture that is measured is put together from.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use moa_core::{AnswerSource, CallOutcome, ContentKey};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::EvalError;
use crate::runner::{ItemKey, Journal, JournalHeader, Record, ResultCache, RunnerError};

/// An answered call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptCall {
    /// The model's id.
    pub model: String,
    /// The answer and what it consumed.
    pub outcome: CallOutcome,
    /// The call's share of the time in which the machine worked on it and others, in milliseconds.
    pub machine_ms: f64,
}

/// Answered calls: a journal, where there is one, and the cache behind it. A call is asked once, whatever mixture it is part of, and kept the
/// moment that it is answered.
#[derive(Debug)]
pub struct CallBook {
    journal: Option<Mutex<Journal<KeptCall>>>,
    cache: Option<ResultCache>,
}

impl CallBook {
    /// Opens the journal at `path`, to go on with or to begin.
    ///
    /// # Errors
    /// Where it cannot be read or written, is in use or damaged.
    pub fn open(path: impl Into<PathBuf>, cache: Option<ResultCache>) -> Result<Self, RunnerError> {
        let header = JournalHeader {
            benchmark: "calibration".to_owned(),
            contender: "calls".to_owned(),
            settings: json!({ "version": 1 }),
        };
        Ok(Self { journal: Some(Mutex::new(Journal::open(path, &header)?)), cache })
    }

    /// The calls of a cache alone. Without one nothing is known and nothing kept.
    #[must_use]
    pub fn cached(cache: Option<ResultCache>) -> Self {
        Self { journal: None, cache }
    }

    /// The answer to a call, if it is there.
    #[must_use]
    pub fn get(&self, key: &ContentKey) -> Option<KeptCall> {
        let item = item_key(key).ok()?;
        let mut journal = self.journal();
        if let Some(record) = journal.as_ref().and_then(|journal| journal.get(key.as_str(), &item)) {
            return Some(record.result.clone());
        }
        let record: Record<KeptCall> = self.cache.as_ref()?.get(&item)?;
        let result = record.result.clone();
        if let Some(journal) = &mut journal {
            // One that cannot be written here is still in the cache.
            let _ = journal.append(Record { item: key.as_str().to_owned(), ..record });
        }
        Some(result)
    }

    /// Keeps an answer.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep(&self, key: &ContentKey, call: KeptCall) -> Result<(), RunnerError> {
        // A name of digits can always be written as JSON.
        let Ok(item) = item_key(key) else { return Ok(()) };
        let record = Record {
            item: key.as_str().to_owned(),
            key: item,
            usage: call.outcome.usage,
            wall_ms: call.outcome.wall_ms,
            result: call,
        };
        if let Some(cache) = &self.cache {
            // The journal has it: a cache that cannot be written costs time later, nothing else.
            let _ = cache.put(&record);
        }
        self.journal().map_or(Ok(()), |mut journal| journal.append(record))
    }

    /// Makes sure that all is on disk.
    ///
    /// # Errors
    /// Where the disk cannot take it.
    pub fn sync(&self) -> Result<(), RunnerError> {
        self.journal().map_or(Ok(()), |mut journal| journal.sync())
    }

    fn journal(&self) -> Option<MutexGuard<'_, Journal<KeptCall>>> {
        let journal = self.journal.as_ref()?;
        Some(journal.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl AnswerSource for CallBook {
    fn answer(&self, key: &ContentKey) -> Option<CallOutcome> {
        self.get(key).map(|call| call.outcome)
    }
}

fn item_key(key: &ContentKey) -> Result<ItemKey, EvalError> {
    ItemKey::of(&("calibration-call", key))
}
