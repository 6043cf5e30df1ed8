//! A child process and everything that it has started.

use tokio::process::Child;

/// A child in a process group of its own. All of the group is killed when this is dropped; the processes inside of the sandbox, which may
/// have left the group, die with the first process of their namespace, which is in it.
pub(super) struct Group {
    pub(super) child: Child,
}

impl Drop for Group {
    fn drop(&mut self) {
        // The id is gone once the child was waited for, so that no stranger can be hit.
        #[cfg(unix)]
        if let Some(group) =
            self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
