//! Whether programs can be run safely here, proven before the first of them is.

use std::io;

use super::job::{Outcome, Program};
use super::limits::Limits;
use super::python::Python;

/// Raises something unless every promise of the sandbox holds.
const PROOF: &str = include_str!("proof.py");

/// Why no program can be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// There is no sandbox for this system.
    #[error("candidate programs can be run safely on Linux only")]
    Platform,
    /// There is no Python.
    #[error("candidate programs cannot be run: there is no Python 3")]
    NoPython,
    /// A tool is missing or cannot be started.
    #[error("the sandbox cannot be started: {0}")]
    Start(#[source] io::Error),
    /// The system does not let the sandbox be made.
    #[error("the sandbox cannot be made here: {reason}")]
    Refused {
        /// The last words of the tool that failed.
        reason: String,
    },
    /// The sandbox was made and does not keep a promise.
    #[error("the sandbox is not safe here: {reason}")]
    Unsafe {
        /// What a program could have done.
        reason: String,
    },
}

impl SandboxError {
    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(
            match self {
                Self::Platform => "run the scoring in a Linux container or virtual machine",
                Self::NoPython => "install Python 3",
                Self::Start(_) => "install util-linux and coreutils: unshare, setpriv, mount, chroot, timeout",
                Self::Refused { .. } | Self::Unsafe { .. } => {
                    "it needs Linux namespaces: be root, or allow users to make them (sysctl kernel.unprivileged_userns_clone, \
                     user.max_user_namespaces; in a container --cap-add SYS_ADMIN or a permissive seccomp profile)"
                }
            }
            .to_owned(),
        )
    }
}

/// A place where programs can be run.
#[derive(Debug, Clone)]
pub struct Sandbox {
    pub(super) python: Python,
    /// Whether programs become a user of their own, as root can make them; otherwise they stay this one, in a namespace of users.
    pub(super) changes_user: bool,
}

impl Sandbox {
    /// A sandbox that has been tried out.
    ///
    /// # Errors
    /// Where it cannot be made, or does not hold what it promises.
    pub async fn open() -> Result<Self, SandboxError> {
        if !cfg!(target_os = "linux") {
            return Err(SandboxError::Platform);
        }
        let python = Python::find().await.ok_or(SandboxError::NoPython)?;
        let sandbox = Self { python, changes_user: is_root() };
        match sandbox.proven().await {
            // Root of a container may be able to make namespaces and not to become any user.
            Err(SandboxError::Refused { .. }) if sandbox.changes_user => {
                Self { changes_user: false, ..sandbox }.proven().await
            }
            proven => proven,
        }
    }

    async fn proven(&self) -> Result<Self, SandboxError> {
        let proof = Program { code: PROOF.to_owned(), test: String::new(), is_cut_off: false };
        match self.run(&proof, &Limits::default()).await? {
            Outcome::Passed => Ok(self.clone()),
            Outcome::Failed(reason) => Err(SandboxError::Unsafe { reason }),
            Outcome::TimedOut => {
                Err(SandboxError::Unsafe { reason: "its test was not done in time".to_owned() })
            }
            Outcome::Died => Err(SandboxError::Unsafe { reason: "its test came to no end".to_owned() }),
        }
    }
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
