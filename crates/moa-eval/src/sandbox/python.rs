//! The Python that programs run under.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;

/// Says where the interpreter and its library really lie: a command may be a script that chooses one of several.
const WHERE: &str =
    "import os, sys; print(os.path.realpath(sys.executable)); print(os.path.realpath(sys.base_prefix))";

/// An interpreter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Python {
    pub(super) executable: PathBuf,
    /// The folder that holds its library.
    pub(super) prefix: PathBuf,
}

impl Python {
    /// The first of the usual commands that is one.
    pub(super) async fn find() -> Option<Self> {
        for command in ["python3", "python"] {
            let output = Command::new(command)
                .args(["-I", "-c", WHERE])
                .stdin(Stdio::null())
                .kill_on_drop(true)
                .output()
                .await;
            let Some(output) = output.ok().filter(|output| output.status.success()) else { continue };
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let mut lines = text.lines().map(PathBuf::from).filter(|path| path.is_absolute());
            if let (Some(executable), Some(prefix)) = (lines.next(), lines.next()) {
                return Some(Self { executable, prefix });
            }
        }
        None
    }
}
