//! Checking the values of one endpoint, and gathering everything that is wrong with them.

use std::time::Duration;

use crate::check;
use crate::duration::duration;
use crate::place::Placed;
use crate::problem::Problem;
use crate::source::SourceFile;
use crate::written::Written;

/// The checks of one table.
pub(crate) struct Checks<'a> {
    pub(crate) file: &'a SourceFile,
    pub(crate) problems: Vec<Problem>,
}

impl<'a> Checks<'a> {
    /// No problem yet.
    pub(crate) fn new(file: &'a SourceFile) -> Self {
        Self { file, problems: Vec::new() }
    }

    /// The value, or nothing and a problem more.
    pub(crate) fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// A value with its place.
    pub(crate) fn placed<T>(&self, written: &'a Written<T>) -> Placed<'a, &'a T> {
        self.file.placed(written)
    }

    /// A duration above zero.
    pub(crate) fn duration(&mut self, written: Option<&'a Written<String>>) -> Option<Duration> {
        let placed = self.file.placed(written?);
        self.keep(duration(&placed))
    }

    /// A number from 0 to `most`.
    pub(crate) fn at_most(
        &mut self,
        key: &str,
        written: Option<&'a Written<u32>>,
        most: u32,
        words: &'static str,
    ) -> Option<u32> {
        let placed = self.file.placed(written?);
        self.keep(check::at_most(key, &placed, most, words))
    }

    /// A number above zero.
    pub(crate) fn positive(&mut self, key: &str, written: Option<&'a Written<u32>>) -> Option<u32> {
        let placed = self.file.placed(written?);
        self.keep(check::positive(key, &placed))
    }
}
