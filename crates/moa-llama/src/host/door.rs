//! Where calls enter a loaded model.

use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Mutex, MutexGuard, PoisonError};

use moa_core::{ChatRequest, Failure, FailureKind, Prompt};
use tokio::sync::mpsc;

use crate::error::{ErrorKind, LlamaError};
use crate::request::{Job, Reading, Reply, reply_channel};

/// Calls that may wait for preparation.
pub(super) const MAX_JOBS: usize = 1024;

/// What a loaded model takes calls with.
#[derive(Debug)]
pub(crate) struct Ready {
    /// Nothing once the model takes no more calls. What was sent before is still done.
    jobs: Mutex<Option<SyncSender<Task>>>,
    context_tokens: u32,
}

/// What the preparing thread is given.
#[derive(Debug)]
pub(super) enum Task {
    Prepare(Box<Job>),
    Read(Box<Reading>),
}

/// Why a call was not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The model is leaving. The call can be put again when it is back.
    Leaving(Box<ChatRequest>),
    /// The call has failed.
    Failed(Failure),
}

impl Ready {
    pub(super) fn new(jobs: SyncSender<Task>, context_tokens: u32) -> Self {
        Self { jobs: Mutex::new(Some(jobs)), context_tokens }
    }

    /// Hands a call to the model's threads.
    ///
    /// # Errors
    /// When the model is leaving, too many calls wait already, or the threads are gone.
    pub(crate) fn submit(&self, request: Box<ChatRequest>) -> Result<mpsc::Receiver<Reply>, Refusal> {
        let jobs = self.jobs();
        let Some(jobs) = jobs.as_ref() else { return Err(Refusal::Leaving(request)) };
        let (replies, receiver) = reply_channel(&request, self.context_tokens);
        match jobs.try_send(Task::Prepare(Box::new(Job { request: *request, replies }))) {
            Ok(()) => Ok(receiver),
            Err(TrySendError::Full(_)) => Err(Refusal::Failed(Failure::new(
                FailureKind::ModelUnavailable,
                format!("{MAX_JOBS} calls are waiting for the model already"),
            ))),
            Err(TrySendError::Disconnected(_)) => {
                Err(Refusal::Failed(LlamaError::from(ErrorKind::Stopped).into()))
            }
        }
    }

    /// Lets the model read the beginning of a prompt, as long as the receiver is there. Nothing where the model's threads have no time for that.
    pub(crate) fn read_ahead(&self, prompt: Prompt, max_tokens: u32) -> Option<mpsc::Receiver<Reply>> {
        let (replies, receiver) = mpsc::channel(1);
        let reading = Task::Read(Box::new(Reading { prompt, max_tokens, replies }));
        self.jobs().as_ref()?.try_send(reading).ok().map(|()| receiver)
    }

    /// Takes no more calls. The threads end when they have done what they were given.
    pub(super) fn close(&self) {
        *self.jobs() = None;
    }

    fn jobs(&self) -> MutexGuard<'_, Option<SyncSender<Task>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
