//! One program, from its start to its verdict.

use std::process::Stdio;

use moa_core::{Example, ExampleOutcome, ExampleRun};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{ChildStdout, Command};
use uuid::Uuid;

use super::group::Group;
use super::limits::Limits;
use super::open::{Sandbox, SandboxError};

/// More than this of a verdict is none.
const MOST_VERDICT_BYTES: usize = 256 << 10;
/// How much of what the tools around it complain is kept.
const MOST_COMPLAINT_BYTES: u64 = 16 << 10;

/// The steps by which the file system is made.
const SETUP: &str = include_str!("setup.sh");
/// What runs the program.
const HARNESS: &str = include_str!("harness.py");

/// A program and its test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The program.
    pub code: String,
    /// What follows it: raises something unless the program is right.
    pub test: String,
    /// Whether the end of the program may be missing, so that what is not whole at its end is left out.
    pub is_cut_off: bool,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "detail", rename_all = "snake_case")]
pub enum Outcome {
    /// Its test raised nothing.
    Passed,
    /// It or its test raised an error, which this names.
    Failed(String),
    /// It was not done in time.
    TimedOut,
    /// It ended without a verdict: it was killed for using too much, or it ended its own process.
    Died,
}

/// The harness's job.
#[derive(Serialize)]
struct Job<'a> {
    nonce: &'a str,
    program: &'a str,
    test: &'a str,
    is_cut_off: bool,
    /// What is tried with the program when it has run.
    examples: &'a [Example],
    memory_bytes: u64,
    cpu_seconds: u64,
    file_bytes: u64,
    processes: u32,
}

/// The harness's verdict.
#[derive(Deserialize)]
struct Told {
    nonce: String,
    outcome: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    passes: bool,
}

/// What the harness told until it ended, or its time was over.
struct Report {
    told: Vec<Told>,
    is_late: bool,
    /// The last line of what is complained about.
    complaint: String,
}

impl Sandbox {
    /// Runs a program with its test.
    ///
    /// # Errors
    /// Where it could not be run at all. Whatever the program itself does is an [`Outcome`].
    ///
    /// # Cancel safety
    /// Dropping the future kills the program and all that it has started.
    pub async fn run(&self, program: &Program, limits: &Limits) -> Result<Outcome, SandboxError> {
        let report = self.report(program, &[], limits).await?;
        if report.is_late {
            return Ok(Outcome::TimedOut);
        }
        match report.told.into_iter().next_back() {
            Some(told) if told.outcome == "passed" => Ok(Outcome::Passed),
            Some(told) if told.outcome == "failed" => Ok(Outcome::Failed(told.detail)),
            Some(_) => Ok(Outcome::Died),
            // The tools around the program have not come so far as to start it.
            None => Err(SandboxError::Refused { reason: report.complaint }),
        }
    }

    /// Runs a program and tries examples with it, one after the other in one process; says what it did with each of them, as far as it came in
    /// its time.
    ///
    /// A program that fails by itself does nothing with any of them.
    ///
    /// # Errors
    /// Where it could not be run at all.
    ///
    /// # Cancel safety
    /// Dropping the future kills the program and all that it has started.
    pub async fn examine(
        &self,
        program: &Program,
        examples: &[Example],
        limits: &Limits,
    ) -> Result<Vec<ExampleRun>, SandboxError> {
        let report = self.report(program, examples, limits).await?;
        if report.told.is_empty() && !report.is_late {
            return Err(SandboxError::Refused { reason: report.complaint });
        }
        let run = |told: Told| {
            let outcome = match told.outcome.as_str() {
                "shown" => ExampleOutcome::Shown(told.detail),
                "raised" => ExampleOutcome::Raised(told.detail),
                _ => return None,
            };
            Some(ExampleRun { outcome, passes: told.passes })
        };
        Ok(report.told.into_iter().filter_map(run).take(examples.len()).collect())
    }

    async fn report(
        &self,
        program: &Program,
        examples: &[Example],
        limits: &Limits,
    ) -> Result<Report, SandboxError> {
        let (nonce, user) = (Uuid::new_v4(), some_user());
        let nonce = nonce.to_string();
        let job = Job {
            nonce: &nonce,
            program: &program.code,
            test: &program.test,
            is_cut_off: program.is_cut_off,
            examples,
            memory_bytes: limits.memory_bytes,
            cpu_seconds: limits.cpu.as_secs().max(1),
            file_bytes: limits.file_bytes,
            processes: limits.processes,
        };
        let mut job =
            serde_json::to_vec(&job).map_err(|error| SandboxError::Start(std::io::Error::other(error)))?;
        job.push(b'\n');
        let folder = tempfile::tempdir().map_err(SandboxError::Start)?;
        let mut command = self.command(folder.path(), user, limits);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // A group of its own: Ctrl-C reaches this process alone, which then kills the group.
        #[cfg(unix)]
        command.process_group(0);
        let mut group = Group { child: command.spawn().map_err(SandboxError::Start)? };
        let (stdin, stdout, stderr) =
            (group.child.stdin.take(), group.child.stdout.take(), group.child.stderr.take());
        let feed = async {
            if let Some(mut stdin) = stdin {
                // One that is gone already has its verdict.
                let _ = stdin.write_all(&job).await;
            }
        };
        let (mut told, mut complained) = (Vec::new(), String::new());
        let work = async {
            ((), complained, ()) = tokio::join!(read(stdout, &mut told), complaint(stderr), feed);
        };
        let is_late = tokio::time::timeout(limits.wall, work).await.is_err();
        let lines = told.split(|byte| *byte == b'\n');
        let lines = lines.filter_map(|line| serde_json::from_slice::<Told>(line).ok());
        let told = lines.filter(|told| told.nonce == nonce).collect();
        Ok(Report { told, is_late, complaint: complained })
    }

    /// What starts a program, with an empty folder to build its file system in.
    fn command(&self, folder: &std::path::Path, user: u32, limits: &Limits) -> Command {
        // Should this process be killed, the program is not left to sleep for ever.
        let seconds = limits.wall.as_secs().saturating_add(5).to_string();
        let mut command = Command::new("timeout");
        command.args(["--signal=KILL", &seconds, "unshare"]);
        if !self.changes_user {
            command.args(["--user", "--map-root-user"]);
        }
        command.args(["--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]);
        command.args(["sh", "-c", SETUP, "sandbox"]).arg(folder);
        command.arg(&self.python.prefix).arg(&self.python.executable).arg(HARNESS);
        let user = if self.changes_user { user } else { 0 };
        command.arg(user.to_string()).arg(limits.folder_megabytes.to_string());
        command
    }
}

/// A user whom nobody is, another one each time: the bound on processes is one on a user's processes.
fn some_user() -> u32 {
    const FIRST: u32 = 1 << 30;
    let (_, drawn, _, _) = Uuid::new_v4().as_fields();
    FIRST + u32::from(drawn)
}

/// Reads on to the end, and no more than a verdict may have. What was read is there also where it is given up before.
async fn read(stdout: Option<ChildStdout>, bytes: &mut Vec<u8>) {
    let Some(mut stdout) = stdout else { return };
    while bytes.len() < MOST_VERDICT_BYTES {
        if !matches!(stdout.read_buf(bytes).await, Ok(1..)) {
            return;
        }
    }
}

/// The last line of what is complained about.
async fn complaint(stderr: Option<tokio::process::ChildStderr>) -> String {
    let mut bytes = Vec::new();
    if let Some(stderr) = stderr {
        let _ = stderr.take(MOST_COMPLAINT_BYTES).read_to_end(&mut bytes).await;
    }
    let text = String::from_utf8_lossy(&bytes);
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default().to_owned()
}
