//! Where configuration files lie, and reading them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::environment::Environment;

/// The name of a project's file.
const PROJECT_FILE: &str = "moa.toml";

/// The largest text that is read, so that naming a device or a model by mistake ends at once.
const LARGEST_TEXT_BYTES: u64 = 1 << 20;

/// The user's file, whether it exists or not.
pub(crate) fn user_file(environment: &Environment) -> Option<PathBuf> {
    if let Some(folder) = environment.path("MOA_HOME") {
        return Some(folder.join("config.toml"));
    }
    // A relative XDG_CONFIG_HOME is to be ignored, says the XDG base directory specification.
    let base = environment.path("XDG_CONFIG_HOME").filter(|base| base.is_absolute());
    base.or_else(|| Some(environment.home()?.join(".config")))
        .map(|base| base.join("moa").join("config.toml"))
}

/// The file of the project that `current_folder` belongs to: in it or in a folder above, up to the home folder or the root.
pub(crate) fn project_file(current_folder: &Path, home: Option<&Path>) -> Option<PathBuf> {
    for folder in current_folder.ancestors() {
        let candidate = folder.join(PROJECT_FILE);
        if candidate.is_file() {
            return Some(candidate);
        }
        if home.is_some_and(|home| is_same_file(home, folder)) {
            return None;
        }
    }
    None
}

/// Whether two paths lead to the same file or folder.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// The text of a file.
///
/// # Errors
/// When it cannot be read, is larger than a text of this kind can be, or is not UTF-8.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(path)?.take(LARGEST_TEXT_BYTES + 1).read_to_string(&mut text)?;
    if read as u64 > LARGEST_TEXT_BYTES {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok(text)
}
