//! What was found in a folder of results.

use std::path::Path;

use moa_eval::EvalError;
use moa_eval::exact::Scores;
use moa_report::{AlpacaInput, AnswerSet, FlaskFile, MtBenchInput};

use crate::commands::eval::folder::file_name;
use crate::commands::eval::input::InputFile;

/// Everything that belongs into a report. A file that cannot be read is left out, and a remark says so: the report of the others should not
/// fail for it.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) answers: Vec<AnswerSet>,
    pub(crate) alpaca: AlpacaInput,
    pub(crate) mt_bench: MtBenchInput,
    pub(crate) flask: Vec<FlaskFile>,
    pub(crate) exact: Vec<Scores>,
    pub(crate) remarks: Vec<String>,
    /// The files, by name.
    pub(crate) read: Vec<String>,
    /// The contenders' own names, out of the journals.
    names: Vec<String>,
}

impl Found {
    /// Whether there is nothing to report.
    pub(crate) fn is_empty(&self) -> bool {
        self.answers.is_empty()
            && self.exact.is_empty()
            && self.flask.is_empty()
            && self.alpaca.files.is_empty()
            && self.mt_bench.judgments.is_empty()
    }

    /// Adds a contender's answers.
    pub(crate) fn add_answers(&mut self, answers: AnswerSet) {
        self.names.push(answers.contender.clone());
        self.answers.push(answers);
    }

    /// The name that a contender has in its journal, of which names of files hold only a part.
    pub(crate) fn name_of(&self, in_file: &str) -> String {
        let found = self.names.iter().find(|name| name.as_str() == in_file || file_name(name) == in_file);
        found.cloned().unwrap_or_else(|| in_file.to_owned())
    }

    /// Reads one file of results.
    pub(crate) fn file<T>(
        &mut self,
        path: &Path,
        parse: impl FnOnce(&[u8]) -> Result<T, EvalError>,
    ) -> Option<T> {
        match InputFile::read(path).and_then(|file| file.parse(parse)) {
            Ok(content) => {
                self.note(path);
                Some(content)
            }
            Err(complaint) => {
                self.remarks.push(format!("left out: {complaint}"));
                None
            }
        }
    }

    /// Keeps the name of a file that was read.
    pub(crate) fn note(&mut self, path: &Path) {
        self.read.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
    }
}
