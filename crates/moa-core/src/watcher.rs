//! Whoever else reads the events of runs.

use std::sync::Arc;

use crate::event::Event;

/// Reads the events of one run, each as it happens. It must not wait: the run would wait with it. It is dropped when nothing more comes.
pub type Watcher = Box<dyn FnMut(&Event) + Send>;

/// Gives each run a watcher of its own. Where a run answers a request that belongs to somebody else's trace, the place there is told.
pub type Watchers = Arc<dyn Fn(Option<&TraceContext>) -> Watcher + Send + Sync>;

/// A place in somebody else's trace: the headers of a request, as they came and unchecked.
///
/// # Source
/// W3C Trace Context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    /// The header of this name.
    pub traceparent: String,
    /// The header of this name.
    pub tracestate: Option<String>,
}
