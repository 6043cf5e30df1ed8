//! Where a value came from.

use std::fmt;
use std::path::PathBuf;

/// The kinds of configuration file, in the order in which they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// The presets and models that come with the program.
    BuiltIn,
    /// The user's own file.
    User,
    /// `moa.toml` of the current folder or of one above it.
    Project,
    /// The file named with `--config`.
    Explicit,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BuiltIn => "default",
            Self::User => "user",
            Self::Project => "project",
            Self::Explicit => "--config",
        })
    }
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// Nobody said anything: what the program does by itself.
    Default,
    /// A line of a file.
    File {
        /// The kind of file.
        kind: FileKind,
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// An environment variable.
    Environment {
        /// The variable.
        variable: String,
    },
    /// A flag of the command line.
    Flag {
        /// The flag, with its dashes.
        flag: String,
    },
}

impl Origin {
    /// A flag of the command line, such as `--layers`.
    pub(crate) fn flag(flag: &str) -> Self {
        Self::Flag { flag: flag.to_owned() }
    }

    /// An environment variable.
    pub(crate) fn variable(variable: &str) -> Self {
        Self::Environment { variable: variable.to_owned() }
    }
}

impl fmt::Display for Origin {
    /// `default`, `user PATH:LINE`, `environment VARIABLE`, `flag --NAME`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default | Self::File { kind: FileKind::BuiltIn, .. } => f.write_str("default"),
            Self::File { kind, path, line } => write!(f, "{kind} {}:{line}", path.display()),
            Self::Environment { variable } => write!(f, "environment {variable}"),
            Self::Flag { flag } => write!(f, "flag {flag}"),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}
