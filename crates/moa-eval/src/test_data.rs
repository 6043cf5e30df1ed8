//! Where the benchmarks' files are. They are not ours to redistribute, so tests that need them are skipped where they are missing.

use std::path::PathBuf;

/// The folder in `MOA_EVAL_DATA`, or the one that lies beside the repository; a line is printed where there is none.
pub(crate) fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/eval"));
    let folder = std::env::var_os("MOA_EVAL_DATA").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!(
        "skipped: there is no {}; MOA_EVAL_DATA names the folder of the benchmarks' files",
        folder.display()
    );
    None
}

/// The bytes of one of the files.
pub(crate) fn file(path: &str) -> Option<Vec<u8>> {
    let path = folder()?.join(path);
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}
