//! Whoever else reads the events of runs.

use std::sync::Arc;

use crate::event::Event;

/// Reads the events of one run, each as it happens. It must not wait: the run would wait with it. It is dropped when nothing more comes.
pub type Watcher = Box<dyn FnMut(&Event) + Send>;

/// Gives each run a watcher of its own.
pub type Watchers = Arc<dyn Fn() -> Watcher + Send + Sync>;
