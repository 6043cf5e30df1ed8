//! An example that a prompt gives, and what came of it.

use serde::{Deserialize, Serialize};

/// An example that a prompt gives: what to do with a program, and what must come of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Example {
    /// Statements that come first, such as the ones that give values to names. What they raise decides nothing.
    pub setup: String,
    /// What is tried: an expression, or statements of which the last may be one.
    pub source: String,
    /// What must come of it.
    pub expected: Expected,
}

/// What must come of an example.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "text", rename_all = "snake_case")]
pub enum Expected {
    /// It raises nothing.
    Success,
    /// Its value is equal to this literal.
    Value(String),
    /// Python's prompt would show this text, or its value is equal to it as a literal.
    Shown(String),
    /// It raises an error of this name.
    Error(String),
}

/// What one program did with one example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleRun {
    /// What came of it.
    pub outcome: ExampleOutcome,
    /// Whether that is what the prompt says.
    pub passes: bool,
}

/// What came of an example.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ExampleOutcome {
    /// A value, or what was printed, in a form that is the same for equal values.
    Shown(String),
    /// An error of this name.
    Raised(String),
    /// Nothing: the program came to no end before, or could not be read at all.
    Nothing,
}
