//! The place that a problem points at, and values that remember theirs.

use std::ops::Range;

use crate::origin::{FileKind, Origin};
use crate::source::SourceFile;

/// Where something was said.
#[derive(Debug, Clone)]
pub(crate) enum Place<'a> {
    /// Bytes of a file.
    File(&'a SourceFile, Range<usize>),
    /// Outside of any file.
    Outside(Origin),
}

impl Place<'_> {
    /// The place in a form that outlives the files.
    pub(crate) fn origin(&self) -> Origin {
        match self {
            Self::File(file, span) => file.origin(span.start),
            Self::Outside(origin) => origin.clone(),
        }
    }

    /// Whether it lies in the file of a project.
    pub(crate) fn is_of_project(&self) -> bool {
        matches!(self, Self::File(file, _) if file.kind == FileKind::Project)
    }

    /// Whether a value of the environment wins over one from here.
    pub(crate) fn yields_to_environment(&self) -> bool {
        match self {
            Self::File(file, _) => file.kind < FileKind::Explicit,
            Self::Outside(origin) => matches!(origin, Origin::Default),
        }
    }
}

/// A value and where it was said.
#[derive(Debug, Clone)]
pub(crate) struct Placed<'a, T> {
    pub(crate) value: T,
    pub(crate) place: Place<'a>,
}

impl<'a, T> Placed<'a, T> {
    /// The same place with another value.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Placed<'a, U> {
        Placed { value: change(self.value), place: self.place }
    }
}
