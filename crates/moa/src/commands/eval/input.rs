//! The files of benchmarks, whole, with their names for whoever has to mend them.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use moa_eval::EvalError;

use crate::complaint::Complaint;

/// More than any benchmark's file has; what goes on beyond it is no file of results.
const MOST_BYTES: u64 = 4 << 30;

/// A file that was read.
pub(crate) struct InputFile {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl InputFile {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Complaint> {
        let failed = |reason: &dyn std::fmt::Display| {
            Complaint::failed(format!("cannot read {}: {reason}", path.display()))
        };
        let file = File::open(path).map_err(|error| failed(&error))?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(failed(&"it is a folder").with_hint(Some("name one file in it".to_owned())));
        }
        let mut bytes = Vec::new();
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
        if bytes.len() as u64 > MOST_BYTES {
            let hint =
                "results of one benchmark take some megabytes: check that the file is what it is named";
            return Err(failed(&"it is longer than 4 GiB").with_hint(Some(hint.to_owned())));
        }
        Ok(Self { path: path.to_owned(), bytes })
    }

    /// Reads a file that may not have been named.
    pub(crate) fn read_if_named(path: Option<&PathBuf>) -> Result<Option<Self>, Complaint> {
        path.map(|path| Self::read(path)).transpose()
    }

    /// What is in the file.
    pub(crate) fn parse<T>(&self, parse: impl FnOnce(&[u8]) -> Result<T, EvalError>) -> Result<T, Complaint> {
        if self.bytes.trim_ascii().is_empty() {
            let hint = "check that the file was written to its end";
            return Err(Complaint::failed(format!("{}: it is empty", self.path.display()))
                .with_hint(Some(hint.to_owned())));
        }
        parse(&self.bytes).map_err(|error| {
            Complaint::failed(format!("{}: {error}", self.path.display())).with_hint(error.hint())
        })
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the file can be read as something else.
    pub(crate) fn is<T>(&self, parse: impl FnOnce(&[u8]) -> Result<T, EvalError>) -> bool {
        parse(&self.bytes).is_ok()
    }
}

/// Something that cannot be scored. Wrong options are the caller's mistake.
pub(crate) fn complaint(error: &EvalError) -> Complaint {
    let complaint = match error {
        EvalError::InvalidOption { .. } | EvalError::UnknownEntry { .. } => Complaint::usage(error),
        _ => Complaint::failed(error),
    };
    complaint.with_hint(error.hint())
}

/// Says on stderr what a reader should know before believing a number.
pub(crate) fn warn(warnings: &[String]) {
    for warning in warnings {
        eprint(&format!("warning: {warning}\n"));
    }
}

/// Says something on stderr. Where nobody listens, nothing is lost but this.
pub(crate) fn eprint(text: &str) {
    use std::io::Write as _;

    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
