//! What the tests of this crate share.

use std::path::PathBuf;

use miette::{GraphicalReportHandler, GraphicalTheme};

use crate::load::{Found, from_texts};
use crate::{Config, ConfigError, FileKind, KnownModels, LoadOptions};

/// The ids that the tests take for the catalogue.
pub(crate) const KNOWN: [&str; 7] = [
    "smollm2-135m-instruct",
    "qwen2.5-coder-0.5b-instruct",
    "qwen2.5-coder-1.5b-instruct",
    "gemma-3-270m",
    "qwen1.5-0.5b-chat",
    "qwen2.5-0.5b-instruct",
    "llama-3.2-1b-instruct",
];

/// Options of a machine with nothing on it but the catalogue.
pub(crate) fn options() -> LoadOptions {
    LoadOptions {
        environment: [("HOME", "/home/ann")].into_iter().collect(),
        known_models: KNOWN.into_iter().collect::<KnownModels>(),
        ..LoadOptions::default()
    }
}

/// A configuration of the given texts, each in a file of its kind.
pub(crate) fn config_of(texts: &[(FileKind, &str)], options: LoadOptions) -> Result<Config, ConfigError> {
    let path = |kind| match kind {
        FileKind::BuiltIn => "<built-in>",
        FileKind::User => "user/config.toml",
        FileKind::Project => "project/moa.toml",
        FileKind::Explicit => "given.toml",
    };
    let found = texts.iter().map(|(kind, text)| Found {
        kind: *kind,
        path: PathBuf::from(path(*kind)),
        text: (*text).to_owned(),
    });
    from_texts(found.collect(), options)
}

/// A configuration of one text in the user's file.
pub(crate) fn user(text: &str) -> Result<Config, ConfigError> {
    config_of(&[(FileKind::User, text)], options())
}

/// What a plain terminal shows of an error.
pub(crate) fn rendered(error: &ConfigError) -> String {
    let mut shown = String::new();
    let handler =
        GraphicalReportHandler::new_themed(GraphicalTheme::none()).with_width(110).with_links(false);
    handler.render_report(&mut shown, error).unwrap();
    shown.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// What a plain terminal shows of the error of a user's file.
pub(crate) fn refused(text: &str) -> String {
    rendered(&user(text).expect_err("the text is wrong"))
}
