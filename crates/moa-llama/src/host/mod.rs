//! A model file's life in this process: its threads, from the first request to the shutdown.
//!
//! Two threads serve a loaded model. One prepares requests (template, tokenizer, fitting), so that a long prompt does not hold
//! up the tokens of others; the other one computes (`worker`). The computing thread also loads the model, and reports how far it
//! is to every call that waits.
//!
//! A model that nobody uses leaves when the memory budget wants its room (see `scheduler`): it takes no more calls, finishes those that it has, and
//! frees its weights. The next call loads it again.

mod door;
mod footprint;
mod layout;
mod loading;
mod options;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;

use moa_core::Failure;
use tokio::sync::watch;

use self::door::{MAX_JOBS, Task};
pub(crate) use self::door::{Ready, Refusal};
pub(crate) use self::footprint::Footprint;
use self::loading::{Loaded, load};
pub(crate) use self::options::HostOptions;
use crate::error::{ErrorKind, LlamaError};
use crate::gguf::inspect;
use crate::request::{Frame, PreparedRequest};
use crate::scheduler::{CoreBudget, Lease, MemoryBudget, Urgency};
use crate::stats::ModelStats;

/// How far a model is.
#[derive(Debug, Clone)]
pub(crate) enum Status {
    /// Nobody has asked for it yet.
    Unloaded,
    /// Its weights are being read.
    Loading(u8),
    /// It answers.
    Ready(Arc<Ready>),
    /// It takes no more calls, because its memory is needed.
    Leaving,
    /// It could not be loaded, or its thread failed. The next call tries again.
    Failed(Failure),
    /// The engine was shut down.
    Stopped,
}

/// A model file in use. Dropping it ends its threads.
#[derive(Debug)]
pub(crate) struct Host {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    footprint: OnceLock<Footprint>,
    /// Whether the system was told to read the file since the model was last loaded.
    is_paged_in: AtomicBool,
}

#[derive(Debug)]
struct Shared {
    options: HostOptions,
    budget: CoreBudget,
    memory: MemoryBudget,
    lease: Arc<Lease>,
    status: watch::Sender<Status>,
    stats: Arc<Mutex<ModelStats>>,
    stop: Arc<AtomicBool>,
    /// The model's memory is needed.
    leaves: Arc<AtomicBool>,
}

/// Why and when a model is loaded.
#[derive(Debug, Clone, Copy)]
struct Occasion {
    urgency: Urgency,
    /// The layer of the call that waits for it.
    layer: Option<usize>,
}

impl Host {
    pub(crate) fn new(options: HostOptions, budget: CoreBudget, memory: MemoryBudget) -> Self {
        let status = watch::Sender::new(Status::Unloaded);
        let leaves = Arc::new(AtomicBool::new(false));
        let lease = memory.join({
            let (status, leaves) = (status.clone(), Arc::clone(&leaves));
            move || {
                // First the flag: a model that is still being loaded looks at it when it is ready.
                leaves.store(true, Ordering::Relaxed);
                status.send_if_modified(|status| match status {
                    Status::Ready(ready) => {
                        ready.close();
                        *status = Status::Leaving;
                        true
                    }
                    _ => false,
                });
            }
        });
        let shared = Shared {
            options,
            budget,
            memory,
            lease: Arc::new(lease),
            status,
            stats: Arc::default(),
            stop: Arc::default(),
            leaves,
        };
        Self {
            shared: Arc::new(shared),
            thread: Mutex::new(None),
            footprint: OnceLock::new(),
            is_paged_in: AtomicBool::new(false),
        }
    }

    /// Starts loading for a call of `layer` unless that was done before, and gives a view of how far the model is.
    pub(crate) fn start(&self, layer: Option<usize>) -> watch::Receiver<Status> {
        self.start_as(Occasion { urgency: Urgency::First, layer })
    }

    /// Starts loading unless that was done before, on a core that nobody else wants and where there is room in memory.
    pub(crate) fn preload(&self) {
        drop(self.start_as(Occasion { urgency: Urgency::Later, layer: None }));
    }

    fn start_as(&self, occasion: Occasion) -> watch::Receiver<Status> {
        let mut thread = self.thread();
        let is_at_rest = matches!(&*self.shared.status.borrow(), Status::Unloaded | Status::Failed(_));
        if is_at_rest {
            // It takes no room now, so nobody can want it to leave.
            self.shared.leaves.store(false, Ordering::Relaxed);
        }
        if is_at_rest && !self.shared.stop.load(Ordering::Relaxed) && self.may_start(occasion) {
            if let Some(finished) = thread.take() {
                // It has failed or left, so this does not wait.
                let _ = finished.join();
            }
            self.is_paged_in.store(false, Ordering::Relaxed);
            self.shared.status.send_replace(Status::Loading(0));
            let shared = Arc::clone(&self.shared);
            match std::thread::Builder::new()
                .name("moa-model".to_owned())
                .spawn(move || serve(&shared, occasion))
            {
                Ok(started) => *thread = Some(started),
                Err(error) => {
                    self.shared.lease.give_back();
                    let failure = LlamaError::from(ErrorKind::Thread(error)).into();
                    self.shared.status.send_replace(Status::Failed(failure));
                }
            }
        }
        self.shared.status.subscribe()
    }

    /// Whether there is reason to start. What is only wanted later takes its room in memory here and not on its thread, so that of several models
    /// the first to be named is loaded.
    fn may_start(&self, occasion: Occasion) -> bool {
        if occasion.urgency != Urgency::Later || self.shared.memory.bytes().is_none() {
            return true;
        }
        // A file that cannot be read is told by the thread.
        self.footprint().is_ok_and(|footprint| self.shared.lease.take_now(footprint.bytes()))
    }

    /// Lets the system read the file into its memory, where the model is not loaded and will be before long; once for each loading.
    pub(crate) fn page_in(&self) {
        let is_away = matches!(&*self.status(), Status::Unloaded | Status::Leaving);
        if is_away && !self.is_paged_in.swap(true, Ordering::Relaxed) {
            footprint::page_in(&self.shared.options.path);
        }
    }

    /// The model's place in the memory budget.
    pub(crate) fn lease(&self) -> &Lease {
        &self.shared.lease
    }

    /// What the model takes of memory.
    ///
    /// # Errors
    /// When the file cannot be read, or the budget cannot hold the model.
    pub(crate) fn footprint(&self) -> Result<Footprint, LlamaError> {
        if let Some(known) = self.footprint.get() {
            return Ok(known.clone());
        }
        let info = inspect(&self.shared.options.path)?;
        let footprint = Footprint::of(&self.shared.options, &info, self.shared.memory.bytes())?;
        Ok(self.footprint.get_or_init(|| footprint).clone())
    }

    pub(crate) fn stats(&self) -> ModelStats {
        *self.shared.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the model is.
    pub(crate) fn status(&self) -> watch::Ref<'_, Status> {
        self.shared.status.borrow()
    }

    pub(crate) fn options(&self) -> &HostOptions {
        &self.shared.options
    }

    /// Raises the stop flag without waiting, so that several models can end at the same time.
    pub(crate) fn tell_to_stop(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.shared.budget.wake();
        self.shared.memory.wake();
    }

    /// Ends the threads and waits for them. A decode call under way is broken off.
    pub(crate) fn shut_down(&self) {
        let mut thread = self.thread();
        self.tell_to_stop();
        if let Status::Ready(ready) = self.shared.status.send_replace(Status::Stopped) {
            ready.close();
        }
        if let Some(thread) = thread.take() {
            let _ = thread.join();
        }
        self.shared.status.send_replace(Status::Stopped);
    }

    fn thread(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// The computing thread: loads, serves, and says how it ended.
fn serve(shared: &Arc<Shared>, occasion: Occasion) {
    let end = catch_unwind(AssertUnwindSafe(|| load_and_serve(shared, occasion)));
    // Nothing of the model is left.
    shared.lease.give_back();
    let failure = match end {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error),
        Err(panic) => Some(ErrorKind::Panicked(panic_text(panic.as_ref())).into()),
    };
    let status = match failure {
        _ if shared.stop.load(Ordering::Relaxed) => Status::Stopped,
        Some(error) => {
            tracing::warn!(%error, path = %shared.options.path.display(), "the model cannot be used");
            Status::Failed(error.into())
        }
        None => Status::Unloaded,
    };
    shared.status.send_replace(status);
}

fn load_and_serve(shared: &Arc<Shared>, occasion: Occasion) -> Result<(), LlamaError> {
    let Loaded { worker, ready, preparing } = load(shared, occasion)?;
    let preparing = std::thread::Builder::new()
        .name("moa-prepare".to_owned())
        .spawn(preparing)
        .map_err(ErrorKind::Thread)?;
    let ready = Arc::new(ready);
    // A shutdown that came while loading must not be overwritten, and who is to leave takes no call.
    shared.status.send_if_modified(|status| {
        let goes_on = !matches!(status, Status::Stopped);
        if goes_on && shared.leaves.load(Ordering::Relaxed) {
            ready.close();
            *status = Status::Leaving;
        } else if goes_on {
            *status = Status::Ready(Arc::clone(&ready));
        }
        goes_on
    });
    if !shared.stop.load(Ordering::Relaxed) {
        worker.run();
    }
    ready.close();
    drop(ready);
    let _ = preparing.join();
    shared.book(|stats| (stats.kv_cells, stats.kv_bytes) = (0, 0));
    Ok(())
}

impl Shared {
    fn book(&self, change: impl FnOnce(&mut ModelStats)) {
        change(&mut self.stats.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The preparing thread.
fn prepare(frame: &Frame, tasks: &Receiver<Task>, worker: &SyncSender<PreparedRequest>, stop: &AtomicBool) {
    // Until no more can come.
    while let Ok(task) = tasks.recv() {
        let prepared = match task {
            Task::Prepare(job) if stop.load(Ordering::Relaxed) => {
                let _ = job.replies.try_send(Err(LlamaError::from(ErrorKind::Stopped).into()));
                continue;
            }
            Task::Read(_) if stop.load(Ordering::Relaxed) => continue,
            Task::Prepare(job) => frame.prepare(*job),
            Task::Read(reading) => frame.prepare_reading(*reading),
        };
        if let Some(prepared) = prepared
            && worker.send(prepared).is_err()
        {
            // The worker is gone; what it left unanswered is answered by the end of the channels.
            return;
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
#[path = "host_tests.rs"]
mod tests;
