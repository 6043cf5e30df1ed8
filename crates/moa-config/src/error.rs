//! The error of this crate: one or several problems.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, SourceCode};

use crate::problem::Problem;

/// A configuration that cannot be used as written. Holds at least one problem.
///
/// As a [`miette::Diagnostic`] it shows each problem with its place in the file.
#[derive(Debug, Clone)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

impl ConfigError {
    /// The error for the given problems, each told once, in the order of the files.
    pub(crate) fn of(problems: Vec<Problem>) -> Self {
        let mut distinct: Vec<Problem> = Vec::with_capacity(problems.len());
        for problem in problems {
            if !distinct.iter().any(|known| known.repeats(&problem)) {
                distinct.push(problem);
            }
        }
        distinct.sort_by_key(Problem::position);
        Self { problems: distinct }
    }

    /// The error for the given problems, where there are any.
    pub(crate) fn check(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self::of(problems)) }
    }

    /// Every problem: those outside of files, then file by file from top to bottom.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// What the reader can do about the first problem.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        self.problems.first().and_then(Problem::hint)
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl fmt::Display for ConfigError {
    /// The first problem; the others are for [`ConfigError::problems`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problems.iter().take(1).try_for_each(|problem| problem.fmt(f))
    }
}

impl std::error::Error for ConfigError {}

/// The first problem, with the others as related ones.
impl Diagnostic for ConfigError {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.problems.iter().skip(1).map(|problem| problem as &dyn Diagnostic)))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.problems.first()?.help()
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.problems.first()?.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.problems.first()?.labels()
    }
}
