//! Reading every source of the configuration.

use std::path::PathBuf;

use crate::builtin;
use crate::config::Config;
use crate::discovery::{is_same_file, project_file, read_text, user_file};
use crate::environment::Environment;
use crate::error::ConfigError;
use crate::kind::ProblemKind;
use crate::known::KnownModels;
use crate::origin::{FileKind, Origin};
use crate::parse::parse;
use crate::problem::Problem;
use crate::raw::RawFile;
use crate::source::{SourceFile, Sources};

/// Where to look, and what the command line says. Nothing else is looked at.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The environment.
    pub environment: Environment,
    /// The folder, as an absolute path, from which the project's file is searched upwards; without one there is no project.
    pub current_folder: Option<PathBuf>,
    /// The file named with `--config`. It must exist.
    pub explicit_file: Option<PathBuf>,
    /// The models of the catalogue.
    pub known_models: KnownModels,
    /// Values given on the command line.
    pub flags: Flags,
}

/// Values given on the command line that are about no preset in particular.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--preset`. Not checked here: the caller may also take it for a model's name.
    pub preset: Option<String>,
    /// `--cores`.
    pub cores: Option<u32>,
    /// `--memory`, in bytes.
    pub memory_bytes: Option<u64>,
    /// `--models-dir`.
    pub models_folder: Option<PathBuf>,
}

/// A file that was found and is to be read.
pub(crate) struct Found {
    pub(crate) kind: FileKind,
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// Reads and checks the configuration. Every preset is resolved once, so that a mistake in any of them is found now.
///
/// # Errors
/// Everything that is wrong: first what cannot be read, else what is wrong in shape, else what is wrong in meaning.
pub fn load(options: LoadOptions) -> Result<Config, ConfigError> {
    let mut problems = Vec::new();
    let mut found = Vec::new();
    for (kind, path) in paths(&options) {
        match read_text(&path) {
            Ok(text) => found.push(Found { kind, path, text }),
            Err(error) => {
                let origin = match kind {
                    FileKind::Explicit => Origin::flag("--config"),
                    _ => Origin::Default,
                };
                let (path, reason) = (path.display().to_string(), error.to_string());
                problems.push(Problem::outside(origin, ProblemKind::Unreadable { path, reason }));
            }
        }
    }
    ConfigError::check(problems)?;
    from_texts(found, options)
}

/// The configuration that the given texts make.
pub(crate) fn from_texts(found: Vec<Found>, options: LoadOptions) -> Result<Config, ConfigError> {
    let mut problems = Vec::new();
    let mut files = Vec::new();
    for Found { kind, path, text } in std::iter::once(builtin::found()).chain(found) {
        match parse(SourceFile { kind, path, text, raw: RawFile::default() }) {
            Ok(file) => files.push(file),
            Err(mistakes) => problems.extend(mistakes),
        }
    }
    ConfigError::check(problems)?;
    let sources = Sources { files, home: options.environment.home() };
    Config::new(sources, options)
}

/// The files that there are, the strongest last.
fn paths(options: &LoadOptions) -> Vec<(FileKind, PathBuf)> {
    // One that cannot be looked at is kept, so that reading it says why.
    let user = user_file(&options.environment).filter(|path| path.try_exists().unwrap_or(true));
    let home = options.environment.home();
    let project = options.current_folder.as_deref().and_then(|folder| project_file(folder, home.as_deref()));
    let explicit = options.explicit_file.clone();
    let all = [(FileKind::User, user), (FileKind::Project, project), (FileKind::Explicit, explicit)];
    let mut paths: Vec<(FileKind, PathBuf)> = Vec::new();
    for (kind, path) in all.into_iter().filter_map(|(kind, path)| path.map(|path| (kind, path))) {
        // A file that is named on purpose is not also taken for one that was merely found.
        paths.retain(|(_, earlier)| !is_same_file(earlier, &path));
        paths.push((kind, path));
    }
    paths
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
