//! A home, a project folder and a `moa` of its own for every test.

use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

/// The program, with nothing of the tester's own environment that could change what it does.
pub(crate) fn moa() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moa"));
    let is_foreign = |name: &str| ["MOA_", "HF_", "OTEL_"].iter().any(|prefix| name.starts_with(prefix));
    for (name, _) in std::env::vars().filter(|(name, _)| is_foreign(name)) {
        command.env_remove(name);
    }
    command.env("COLUMNS", "100").env_remove("NO_COLOR").stdin(std::process::Stdio::null());
    command
}

/// A place where not even root can make a folder.
pub(crate) const UNWRITABLE: &str = "/proc/moa";

/// A folder with a home of its own, in which nothing is downloaded.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("home")).unwrap();
        std::fs::create_dir_all(folder.path().join("project")).unwrap();
        Self { folder }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("project").join(name)
    }

    /// Writes a file into the project folder.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// `moa` in this project, offline.
    pub(crate) fn moa(&self, arguments: &[&str]) -> Command {
        let mut command = moa();
        command
            .args(arguments)
            .current_dir(self.folder.path().join("project"))
            .env("HOME", self.home())
            .env("MOA_HOME", self.home().join("moa"))
            .env("MOA_OFFLINE", "1")
            // One compute thread never waits for another one, so that a busy machine does not slow a test down much.
            .env("MOA_CORES", "1");
        command
    }

    /// Runs `moa` and gives its exit code, stdout and stderr with the folder's own path left out.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.outcome(&self.moa(arguments).output().unwrap())
    }

    pub(crate) fn outcome(&self, output: &Output) -> Outcome {
        let clean = |bytes: &[u8]| {
            let folder = self.folder.path().display().to_string();
            String::from_utf8(bytes.to_vec()).unwrap().replace(&folder, "[folder]")
        };
        Outcome { code: output.status.code(), stdout: clean(&output.stdout), stderr: clean(&output.stderr) }
    }
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self.code.map_or_else(|| "signal".to_owned(), |code| code.to_string());
        write!(f, "exit {code}\n--- stdout\n{}--- stderr\n{}", self.stdout, self.stderr)
    }
}

/// The real model that the tests ask.
pub(crate) fn test_model() -> PathBuf {
    std::env::var_os("MOA_TEST_MODEL")
        .map(PathBuf::from)
        .filter(|path| path.is_file())
        .expect("MOA_TEST_MODEL names no file: run the tests with `make test`, which gets the model")
}
