//! Every run of this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use moa_core::{Models, RunId, RunRequest, TraceContext, Watchers};
use moa_store::Store;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::active::ActiveRun;
use super::driver::Driver;
use super::recent::Recent;
use crate::access::Place;
use crate::metrics::Metrics;

/// Every run of this process: those that go on, each in a task of its own, and those that ended a moment ago.
pub(crate) struct Runs {
    state: Arc<Mutex<State>>,
    store: Option<Arc<Store>>,
    metrics: Arc<Metrics>,
    watchers: Option<Watchers>,
    tasks: TaskTracker,
    cut: CancellationToken,
    most_run_bytes: usize,
}

/// What runs are kept with.
pub(crate) struct RunsOptions {
    pub(crate) store: Option<Arc<Store>>,
    pub(crate) metrics: Arc<Metrics>,
    /// Who else reads their events.
    pub(crate) watchers: Option<Watchers>,
    /// A run whose events take more is ended.
    pub(crate) most_run_bytes: usize,
    /// Runs that have ended are kept as far as this goes.
    pub(crate) most_kept_bytes: usize,
}

struct State {
    active: HashMap<RunId, Arc<ActiveRun>>,
    recent: Recent,
}

/// A run that is to be started.
pub(crate) struct Launch {
    pub(crate) request: RunRequest,
    pub(crate) models: Models,
    /// Its place among the runs that may go on at the same time; given back at its end.
    pub(crate) place: Option<Arc<Place>>,
    /// Where it belongs in the client's trace.
    pub(crate) trace_context: Option<TraceContext>,
}

impl Runs {
    pub(crate) fn new(options: RunsOptions) -> Self {
        let RunsOptions { store, metrics, watchers, most_run_bytes, most_kept_bytes } = options;
        let state = State { active: HashMap::new(), recent: Recent::new(most_kept_bytes) };
        Self {
            state: Arc::new(Mutex::new(state)),
            most_run_bytes,
            store,
            metrics,
            watchers,
            tasks: TaskTracker::new(),
            cut: CancellationToken::new(),
        }
    }

    /// Starts a run in a task of its own. Nobody need read it.
    pub(crate) fn start(&self, launch: Launch) -> Arc<ActiveRun> {
        let Launch { request, models, place, trace_context } = launch;
        let run = Arc::new(ActiveRun::new(request.id, request.cancel.clone()));
        lock(&self.state).active.insert(run.id(), Arc::clone(&run));
        let driver = Driver {
            feed: Arc::clone(run.feed()),
            store: self.store.clone(),
            metrics: Arc::clone(&self.metrics),
            watcher: self.watchers.as_ref().map(|watchers| watchers(trace_context.as_ref())),
            cut: self.cut.clone(),
            most_bytes: self.most_run_bytes,
        };
        let (state, ended) = (Arc::clone(&self.state), Arc::clone(&run));
        self.tasks.spawn(async move {
            driver.drive(request, models).await;
            let bytes = ended.feed().settle();
            {
                let mut state = lock(&state);
                state.active.remove(&ended.id());
                state.recent.push(Arc::clone(&ended), bytes);
            }
            drop(place);
            // Last, so that whoever learns of the end finds everything as it is after it.
            ended.feed().close();
        });
        run
    }

    /// A run of this process that goes on or ended a moment ago.
    pub(crate) fn find(&self, id: RunId) -> Option<Arc<ActiveRun>> {
        let state = lock(&self.state);
        state.active.get(&id).or_else(|| state.recent.find(id)).cloned()
    }

    /// All of them, the newest first.
    pub(crate) fn all(&self) -> Vec<Arc<ActiveRun>> {
        let state = lock(&self.state);
        let mut runs: Vec<Arc<ActiveRun>> =
            state.active.values().chain(state.recent.iter()).cloned().collect();
        // Ids sort by the time of the start.
        runs.sort_by_key(|run| std::cmp::Reverse(run.id()));
        runs
    }

    /// Forgets a run that has ended.
    pub(crate) fn forget(&self, id: RunId) -> bool {
        lock(&self.state).recent.forget(id)
    }

    /// How many go on.
    pub(crate) fn active(&self) -> usize {
        lock(&self.state).active.len()
    }

    /// Waits until none goes on. None may be started meanwhile.
    pub(crate) async fn drained(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Ends every run where it stands.
    pub(crate) fn cut(&self) {
        self.cut.cancel();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
