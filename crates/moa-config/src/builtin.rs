//! What comes with the program, in the same format as everybody's own files.

use std::path::PathBuf;

use crate::load::Found;
use crate::origin::FileKind;

/// The built-in models and presets.
const TEXT: &str = include_str!("builtin.toml");

/// The built-in file.
pub(crate) fn found() -> Found {
    Found { kind: FileKind::BuiltIn, path: PathBuf::from("<built-in>"), text: TEXT.to_owned() }
}

#[cfg(test)]
#[path = "builtin_tests.rs"]
mod tests;
