//! A model file's life in this process: its threads, from the first request to the shutdown.
//!
//! Two threads serve a loaded model. One prepares requests (template, tokenizer, fitting), so that a long prompt does not hold
//! up the tokens of others; the other one computes (`worker`). The computing thread also loads the model, and reports how far it
//! is to every call that waits.

mod loading;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use moa_core::{ChatRequest, Failure, FailureKind, Prompt};
use tokio::sync::{mpsc, watch};

use self::loading::load;
use crate::cores::{CoreBudget, Urgency};
use crate::error::{ErrorKind, LlamaError};
use crate::request::{Frame, Job, PreparedRequest, Reading, Reply, reply_channel};
use crate::stats::ModelStats;

/// Calls that may wait for preparation.
const MAX_JOBS: usize = 1024;

/// How a model file is to be used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct HostOptions {
    pub(crate) path: PathBuf,
    pub(crate) context_tokens: Option<u32>,
    pub(crate) parallel_sequences: u32,
    pub(crate) gpu_layers: Option<u32>,
    pub(crate) poll: u32,
    pub(crate) lookup: bool,
    pub(crate) prefix_reuse: bool,
    pub(crate) read_ahead: bool,
}

impl HostOptions {
    /// What tells this model from others wherever it lies: its file's name and size, and how much of a prompt it can read.
    pub(crate) fn identity(&self) -> String {
        let name = self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let bytes = std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        format!("gguf:{name}:{bytes}:{:?}", self.context_tokens)
    }
}

/// How far a model is.
#[derive(Debug, Clone)]
pub(crate) enum Status {
    /// Nobody has asked for it yet.
    Unloaded,
    /// Its weights are being read.
    Loading(u8),
    /// It answers.
    Ready(Arc<Ready>),
    /// It could not be loaded, or its thread failed. The next call tries again.
    Failed(Failure),
    /// The engine was shut down.
    Stopped,
}

/// What a loaded model takes calls with.
#[derive(Debug)]
pub(crate) struct Ready {
    jobs: SyncSender<Task>,
    context_tokens: u32,
}

/// What the preparing thread is given.
#[derive(Debug)]
enum Task {
    Prepare(Box<Job>),
    Read(Box<Reading>),
    Stop,
}

impl Ready {
    /// Hands a call to the model's threads.
    ///
    /// # Errors
    /// When too many calls wait already, or the threads are gone.
    pub(crate) fn submit(&self, request: ChatRequest) -> Result<mpsc::Receiver<Reply>, Failure> {
        let (replies, receiver) = reply_channel(&request, self.context_tokens);
        let job = Task::Prepare(Box::new(Job { request, replies }));
        match self.jobs.try_send(job) {
            Ok(()) => Ok(receiver),
            Err(TrySendError::Full(_)) => Err(Failure::new(
                FailureKind::ModelUnavailable,
                format!("{MAX_JOBS} calls are waiting for the model already"),
            )),
            Err(TrySendError::Disconnected(_)) => Err(LlamaError::from(ErrorKind::Stopped).into()),
        }
    }
}

impl Ready {
    /// Lets the model read the beginning of a prompt, as long as the receiver is there. Nothing where the model's threads have no time for that.
    pub(crate) fn read_ahead(&self, prompt: Prompt, max_tokens: u32) -> Option<mpsc::Receiver<Reply>> {
        let (replies, receiver) = mpsc::channel(1);
        let reading = Task::Read(Box::new(Reading { prompt, max_tokens, replies }));
        self.jobs.try_send(reading).ok().map(|()| receiver)
    }
}

/// A model file in use. Dropping it ends its threads.
#[derive(Debug)]
pub(crate) struct Host {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    options: HostOptions,
    budget: CoreBudget,
    status: watch::Sender<Status>,
    stats: Arc<Mutex<ModelStats>>,
    stop: Arc<AtomicBool>,
}

impl Host {
    pub(crate) fn new(options: HostOptions, budget: CoreBudget) -> Self {
        let shared = Shared {
            options,
            budget,
            status: watch::Sender::new(Status::Unloaded),
            stats: Arc::default(),
            stop: Arc::default(),
        };
        Self { shared: Arc::new(shared), thread: Mutex::new(None) }
    }

    /// Starts loading unless that was done before, and gives a view of how far the model is.
    pub(crate) fn start(&self) -> watch::Receiver<Status> {
        self.start_as(Urgency::First)
    }

    /// Starts loading unless that was done before, on a core that nobody else wants.
    pub(crate) fn preload(&self) {
        drop(self.start_as(Urgency::Later));
    }

    fn start_as(&self, urgency: Urgency) -> watch::Receiver<Status> {
        let mut thread = self.thread();
        let is_at_rest = matches!(&*self.shared.status.borrow(), Status::Unloaded | Status::Failed(_));
        if is_at_rest && !self.shared.stop.load(Ordering::Relaxed) {
            if let Some(finished) = thread.take() {
                // It has failed, so this does not wait.
                let _ = finished.join();
            }
            self.shared.status.send_replace(Status::Loading(0));
            let shared = Arc::clone(&self.shared);
            match std::thread::Builder::new()
                .name("moa-model".to_owned())
                .spawn(move || serve(&shared, urgency))
            {
                Ok(started) => *thread = Some(started),
                Err(error) => {
                    let failure = LlamaError::from(ErrorKind::Thread(error)).into();
                    self.shared.status.send_replace(Status::Failed(failure));
                }
            }
        }
        self.shared.status.subscribe()
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
    }

    /// Ends the threads and waits for them. A decode call under way is broken off.
    pub(crate) fn shut_down(&self) {
        let mut thread = self.thread();
        self.tell_to_stop();
        if let Status::Ready(ready) = self.shared.status.send_replace(Status::Stopped) {
            // Full means that the preparing thread is busy; it looks at the flag between two tasks.
            let _ = ready.jobs.try_send(Task::Stop);
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
fn serve(shared: &Arc<Shared>, urgency: Urgency) {
    let end = catch_unwind(AssertUnwindSafe(|| load_and_serve(shared, urgency)));
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

fn load_and_serve(shared: &Arc<Shared>, urgency: Urgency) -> Result<(), LlamaError> {
    let (worker, ready, preparing) = load(shared, urgency)?;
    let preparing = std::thread::Builder::new()
        .name("moa-prepare".to_owned())
        .spawn(preparing)
        .map_err(ErrorKind::Thread)?;
    let ready = Arc::new(ready);
    // A shutdown that came while loading must not be overwritten.
    shared.status.send_if_modified(|status| {
        let goes_on = !matches!(status, Status::Stopped);
        if goes_on {
            *status = Status::Ready(Arc::clone(&ready));
        }
        goes_on
    });
    if !shared.stop.load(Ordering::Relaxed) {
        worker.run();
    }
    let _ = ready.jobs.try_send(Task::Stop);
    drop(ready);
    let _ = preparing.join();
    Ok(())
}

/// The preparing thread.
fn prepare(frame: &Frame, tasks: &Receiver<Task>, worker: &SyncSender<PreparedRequest>, stop: &AtomicBool) {
    loop {
        let prepared = match tasks.recv() {
            Ok(Task::Prepare(job)) if stop.load(Ordering::Relaxed) => {
                let _ = job.replies.try_send(Err(LlamaError::from(ErrorKind::Stopped).into()));
                continue;
            }
            Ok(Task::Prepare(job)) => frame.prepare(*job),
            Ok(Task::Read(reading)) => frame.prepare_reading(*reading),
            Ok(Task::Stop) | Err(_) => return,
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
