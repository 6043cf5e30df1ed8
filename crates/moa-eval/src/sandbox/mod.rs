//! Runs programs that nobody has read, such as the answers of models to programming tasks, where they can do no harm.
//!
//! # What a program can do
//! It runs as a process of its own in namespaces of its own: it sees no other process and no network but an unconnected one, and of the
//! file system only the system's programs and Python, all of it read-only, and an empty folder that it can write to and that is gone
//! afterwards. It has no privilege, a bound on memory, processor time, processes, open files and the size of files, and what it prints goes
//! nowhere. When its time is over, when whoever wanted the result no longer waits, or when this process dies, everything that it has
//! started is killed by the kernel, wherever it may have gone (`setup.sh` says how).
//!
//! # Where it runs
//! Linux, with `unshare`, `setpriv`, `mount` and `chroot` (util-linux and coreutils: every distribution has them) and Python 3; as root or, where
//! the kernel lets users make namespaces, as anybody. Elsewhere [`Sandbox::open`] refuses, and nothing is run: it proves each of these
//! promises with a program of its own first.
//!
//! # What it tells
//! Whether a program passes a test (`run`), or what it does with examples (`examine`). The process that says so is the program's own: one that is written
//! to deceive its harness can, at its own expense, as it can know the examples by heart. It cannot do harm.

mod group;
mod job;
mod limits;
mod open;
mod python;

pub use job::{Outcome, Program};
pub use limits::Limits;
pub use open::{Sandbox, SandboxError};

#[cfg(test)]
mod tests;
