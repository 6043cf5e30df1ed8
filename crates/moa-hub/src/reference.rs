//! What people write where a model is named.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::catalogue::{Catalogue, HubFile};
use crate::error::HubError;

/// A model as somebody named it: an id of the catalogue, a file on the Hugging Face hub, or a file on disk.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ModelReference {
    /// A model of the catalogue, by its id.
    Catalogue(String),
    /// `hf:owner/repository/file.gguf`, optionally with `@revision`.
    HuggingFace(HubFile),
    /// A file of the user's own, which is read and never written.
    File(PathBuf),
}

impl ModelReference {
    /// Reads what somebody wrote.
    ///
    /// A hub file that the catalogue knows becomes the catalogue's model, so that it is kept once and checked against the known sum.
    ///
    /// # Errors
    /// When it is neither an id of the catalogue, nor `hf:...`, nor a path; with the ids that were probably meant.
    pub fn parse(text: &str, catalogue: &Catalogue) -> Result<Self, HubError> {
        let text = text.trim();
        if catalogue.find(text).is_some() {
            return Ok(Self::Catalogue(text.to_owned()));
        }
        if let Some(rest) = text.strip_prefix("hf:") {
            let file = hub_file(rest).map_err(|reason| invalid(text, reason))?;
            let known = catalogue.models().iter().find(|model| model.hugging_face == file);
            return Ok(match known {
                Some(model) => Self::Catalogue(model.id.clone()),
                None => Self::HuggingFace(file),
            });
        }
        if text.contains("://") {
            return Err(invalid(text, "a web address is not a model; a file of the hub is named like this"));
        }
        if is_path(text) {
            return Ok(Self::File(expand_home(text)));
        }
        if text.contains(['/', '\\']) {
            return Err(invalid(
                text,
                "it is no path to a .gguf file, and a file of the hub is named differently",
            ));
        }
        if text.is_empty() {
            return Err(invalid(text, "nothing was named"));
        }
        Err(HubError::UnknownModel { id: text.to_owned(), nearest: catalogue.nearest(text) })
    }
}

impl fmt::Display for ModelReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalogue(id) => f.write_str(id),
            Self::HuggingFace(HubFile { repository, file, revision }) if revision == "main" => {
                write!(f, "hf:{repository}/{file}")
            }
            Self::HuggingFace(HubFile { repository, file, revision }) => {
                write!(f, "hf:{repository}/{file}@{revision}")
            }
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Reads `owner/repository/path/file.gguf[@revision]`.
fn hub_file(text: &str) -> Result<HubFile, &'static str> {
    let (path, revision) = text.split_once('@').unwrap_or((text, "main"));
    let mut segments = path.split('/');
    let (Some(owner), Some(name)) = (segments.next(), segments.next()) else {
        return Err("owner, repository and file are needed");
    };
    let file: Vec<&str> = segments.collect();
    if file.is_empty() {
        return Err("owner, repository and file are needed");
    }
    let sound = |segment: &str| {
        !segment.is_empty()
            && !segment.starts_with('.')
            && !segment.contains(|c: char| c.is_control() || "\\:*?\"<>|#%@".contains(c))
    };
    if ![owner, name].into_iter().chain(file.iter().copied()).all(sound) {
        return Err(
            "a part of the path is empty, begins with a dot or has a character that no file name has",
        );
    }
    if revision.is_empty() || !revision.split('/').all(sound) {
        return Err("the revision after @ has to be a branch, a tag or a full commit hash");
    }
    let file = file.join("/");
    if !has_gguf_ending(&file) {
        return Err("only .gguf files can be used");
    }
    if is_split(&file) {
        return Err("it is one piece of a split model; only models in one file can be used");
    }
    Ok(HubFile { repository: format!("{owner}/{name}"), file, revision: revision.to_owned() })
}

fn invalid(text: &str, reason: &'static str) -> HubError {
    HubError::InvalidReference { text: crate::redaction::redact(text), reason }
}

/// Whether the text can only be meant as a path.
fn is_path(text: &str) -> bool {
    let explicit = ["./", "../", "~/", ".\\", "..\\", "~\\"].iter().any(|start| text.starts_with(start));
    explicit || Path::new(text).is_absolute() || has_gguf_ending(text)
}

/// Whether the name ends like a model file's.
pub(crate) fn has_gguf_ending(text: &str) -> bool {
    Path::new(text).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gguf"))
}

/// Whether the name ends like `-00001-of-00003.gguf`.
fn is_split(file: &str) -> bool {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    stem.rsplit_once("-of-").is_some_and(|(start, count)| {
        is_number(count) && start.rsplit_once('-').is_some_and(|(_, number)| is_number(number))
    })
}

fn expand_home(text: &str) -> PathBuf {
    let rest = text.strip_prefix("~/").or_else(|| text.strip_prefix("~\\"));
    match (rest, directories::BaseDirs::new()) {
        (Some(rest), Some(folders)) => folders.home_dir().join(rest),
        _ => PathBuf::from(text),
    }
}

#[cfg(test)]
#[path = "reference_tests.rs"]
mod tests;
