//! A script that cannot be used, with the place in it.

use std::ops::Range;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

/// How alike two names must be, in [0, 1], before one is suggested for the other.
const LEAST_SIMILARITY: f64 = 0.5;

/// A script that cannot be used. As a [`miette::Diagnostic`] it shows the place.
#[derive(Debug, Error, Diagnostic)]
#[error(transparent)]
#[diagnostic(transparent)]
pub struct ScriptError(Box<Inner>);

#[derive(Debug, Error, Diagnostic)]
#[error("{message}")]
struct Inner {
    message: String,
    #[help]
    hint: Option<String>,
    #[source_code]
    text: Option<NamedSource<String>>,
    #[label("here")]
    place: Option<SourceSpan>,
    #[source]
    cause: Option<std::io::Error>,
}

impl ScriptError {
    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The bytes of the script that are to blame, where the error has a place.
    #[must_use]
    pub fn place(&self) -> Option<Range<usize>> {
        self.0.place.map(|span| span.offset()..span.offset() + span.len())
    }

    /// The file cannot be read.
    pub(crate) fn unreadable(name: &str, cause: std::io::Error) -> Self {
        Self(Box::new(Inner {
            message: format!("cannot read {name}: {cause}"),
            hint: Some("`moa-mock --print-example` writes a script to begin with".to_owned()),
            text: None,
            place: None,
            cause: Some(cause),
        }))
    }

    /// The text is no TOML, or not ours.
    pub(crate) fn syntax(name: &str, text: &str, error: &toml::de::Error) -> Self {
        Self::at(name, text, error.span(), error.message().to_owned(), did_you_mean(error.message()))
    }

    /// Something at a place.
    pub(crate) fn at(
        name: &str,
        text: &str,
        place: Option<Range<usize>>,
        message: String,
        hint: Option<String>,
    ) -> Self {
        let text = NamedSource::new(name, text.to_owned());
        Self(Box::new(Inner {
            message,
            hint,
            text: Some(text),
            place: place.map(SourceSpan::from),
            cause: None,
        }))
    }
}

/// A suggestion for an unknown field, drawn from what serde says of it.
fn did_you_mean(message: &str) -> Option<String> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if !message.starts_with("unknown ") {
        return None;
    }
    let name = quoted.next()?;
    let known: Vec<&str> = quoted.collect();
    let alike = |candidate: &&str| strsim::normalized_damerau_levenshtein(name, candidate);
    let nearest = known.iter().copied().max_by(|a, b| alike(a).total_cmp(&alike(b)))?;
    if alike(&nearest) >= LEAST_SIMILARITY || nearest.starts_with(name) {
        return Some(format!("did you mean `{nearest}`?"));
    }
    Some(format!("what can stand here: {}", known.join(", ")))
}
