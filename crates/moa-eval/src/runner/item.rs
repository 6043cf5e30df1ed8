//! What is to be done, and what came of it.

use std::fmt;

use moa_core::{Failure, Usage};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::EvalError;

/// One thing to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkItem<T> {
    /// Its name, unique in its journal.
    pub id: String,
    /// Names everything that its result depends on.
    pub key: ItemKey,
    /// What whoever does it needs.
    pub input: T,
}

/// A name that is equal where the same is asked of the same under the same settings, in whatever folder.
///
/// # Shape
/// 32 hexadecimal digits: the first half of a SHA-256 sum.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemKey(String);

impl ItemKey {
    /// The name of what `content` says as JSON.
    ///
    /// # Errors
    /// Where the content has keys that are no texts.
    pub fn of(content: &impl Serialize) -> Result<Self, EvalError> {
        let text = serde_json::to_vec(content)
            .map_err(|error| EvalError::invalid_file("the content of an item", None, error))?;
        let sum = Sha256::digest(text);
        let half = sum.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        Ok(Self(format!("{half:032x}")))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A result, and what it took.
#[derive(Debug, Clone, PartialEq)]
pub struct Done<R> {
    /// The result.
    pub result: R,
    /// Tokens and cost.
    pub usage: Usage,
    /// From the question to the answer, in milliseconds. Items that are worked on at the same time share the machine.
    pub wall_ms: f64,
}

/// Why there is no result, and what it took to find out.
#[derive(Debug, Clone, PartialEq)]
pub struct Undone {
    /// Why there is no result.
    pub failure: Failure,
    /// Tokens and cost of what was tried.
    pub usage: Usage,
}

impl Undone {
    /// The same, with what was taken before the failure.
    #[must_use]
    pub fn after(mut self, usage: Usage) -> Self {
        self.usage += usage;
        self
    }
}

impl From<Failure> for Undone {
    /// A failure that took nothing.
    fn from(failure: Failure) -> Self {
        Self { failure, usage: Usage::default() }
    }
}

/// A line of a journal: a result and what it took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record<R> {
    /// The item's name.
    pub item: String,
    /// The item's key.
    pub key: ItemKey,
    /// Tokens and cost.
    pub usage: Usage,
    /// From the question to the answer, in milliseconds.
    pub wall_ms: f64,
    /// The result.
    pub result: R,
}
