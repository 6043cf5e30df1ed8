//! A model as the rest of the program sees it.

use std::path::PathBuf;
use std::sync::Arc;

use futures::stream::{self, StreamExt};
use moa_core::{
    ChatEvent, ChatModel, ChatRequest, ChatStream, Failure, FailureKind, ModelId, Progress, Prompt, ReadAhead,
};
use tokio::sync::{mpsc, watch};

use crate::error::{ErrorKind, LlamaError};
use crate::host::{Host, Ready, Status};
use crate::request::Reply;
use crate::stats::ModelStats;
use crate::tools;

/// How a model is to be used.
#[derive(Debug, Clone)]
pub struct ModelOptions {
    /// The name under which the configuration knows the model.
    pub id: ModelId,
    /// The GGUF file.
    pub path: PathBuf,
    /// Tokens that a prompt and its answer may have together; the smaller of 8192 and the training context where `None`.
    pub context_tokens: Option<u32>,
    /// Answers that are written at the same time; more calls wait.
    pub parallel_sequences: u32,
    /// Layers kept on a GPU; as many as fit where `None` and there is a GPU.
    pub gpu_layers: Option<u32>,
}

impl ModelOptions {
    /// The usual options for a file.
    pub fn new(id: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            id: ModelId::new(id),
            path: path.into(),
            context_tokens: None,
            parallel_sequences: 8,
            gpu_layers: None,
        }
    }
}

/// A GGUF model in this process.
///
/// It is loaded when it is first needed, and shared by everyone who uses the same file with the same options. Dropping the last
/// handle ends its threads and frees its memory.
#[derive(Debug)]
pub struct LlamaModel {
    id: ModelId,
    host: Arc<Host>,
}

impl LlamaModel {
    pub(crate) fn new(id: ModelId, host: Arc<Host>) -> Self {
        Self { id, host }
    }

    /// Begins to load the model in the background unless that was done before, on cores that nobody else wants. Failures show
    /// when the model is asked.
    pub fn preload(&self) {
        self.host.preload();
    }

    /// Loads the model now, unless that was done before. `progress` hears percents.
    ///
    /// # Errors
    /// `ModelUnavailable` when the file cannot be used.
    ///
    /// # Cancel safety
    /// Dropping the future stops listening, not loading.
    pub async fn load(&self, mut progress: impl FnMut(u8)) -> Result<(), Failure> {
        let mut loading = Loading::new(self.host.start());
        loop {
            match loading.next().await? {
                LoadStep::Percent(percent) => progress(percent),
                LoadStep::Ready(_) => return Ok(()),
            }
        }
    }

    /// What the model has done so far.
    #[must_use]
    pub fn stats(&self) -> ModelStats {
        self.host.stats()
    }

    /// The GGUF file.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        &self.host.options().path
    }
}

impl ChatModel for LlamaModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn endpoint(&self) -> &'static str {
        "local"
    }

    fn identity(&self) -> String {
        self.host.options().identity()
    }

    fn stream(&self, request: ChatRequest) -> ChatStream {
        let offered = tools::asked(&request).ok().flatten();
        let calls = offered.map(|offered| tools::reader(&request, offered));
        let call = Call::New(Arc::clone(&self.host), Box::new(request));
        let replies = stream::unfold(call, Call::next).boxed();
        match calls {
            Some(reader) => reader.read_all(replies),
            None => replies,
        }
    }

    /// Nothing yet where the model is not loaded, and never where it is not to read ahead.
    fn read_ahead(&self, prompt: Prompt, max_tokens: u32) -> ReadAhead {
        if !self.host.options().read_ahead {
            return ReadAhead::Never;
        }
        let ready = match &*self.host.status() {
            Status::Ready(ready) => Arc::clone(ready),
            _ => return ReadAhead::NotNow,
        };
        match ready.read_ahead(prompt, max_tokens) {
            // The model must outlive what it reads.
            Some(listener) => ReadAhead::Reading(Box::new((listener, Arc::clone(&self.host)))),
            None => ReadAhead::NotNow,
        }
    }
}

/// A call, from its first poll to its end.
enum Call {
    New(Arc<Host>, Box<ChatRequest>),
    /// The model is being loaded. The host is kept, so that the model outlives its handle while it is used.
    Loading(Arc<Host>, Box<ChatRequest>, Loading),
    Answering(Arc<Host>, mpsc::Receiver<Reply>),
    Ended,
}

impl Call {
    async fn next(mut self) -> Option<(Reply, Self)> {
        loop {
            self = match self {
                Self::New(host, request) => {
                    let loading = Loading::new(host.start());
                    Self::Loading(host, request, loading)
                }
                Self::Loading(host, request, mut loading) => match loading.next().await {
                    Ok(LoadStep::Percent(percent)) => {
                        let event = ChatEvent::Progress(Progress::Loading { percent });
                        return Some((Ok(event), Self::Loading(host, request, loading)));
                    }
                    Ok(LoadStep::Ready(ready)) => match ready.submit(*request) {
                        Ok(replies) => Self::Answering(host, replies),
                        Err(failure) => return Some((Err(failure), Self::Ended)),
                    },
                    Err(failure) => return Some((Err(failure), Self::Ended)),
                },
                Self::Answering(host, mut replies) => {
                    return Some(match replies.recv().await {
                        Some(last @ (Ok(ChatEvent::Finished { .. }) | Err(_))) => (last, Self::Ended),
                        Some(reply) => (reply, Self::Answering(host, replies)),
                        None => (Err(broken_off(&host)), Self::Ended),
                    });
                }
                Self::Ended => return None,
            }
        }
    }
}

/// Why a call was left without an end: its model's thread is gone.
fn broken_off(host: &Host) -> Failure {
    match &*host.status() {
        Status::Failed(failure) => failure.clone(),
        Status::Stopped => LlamaError::from(ErrorKind::Stopped).into(),
        _ => Failure::new(FailureKind::ModelError, "the model's thread ended in the middle of the answer"),
    }
}

/// Listens to a model being loaded.
struct Loading {
    status: watch::Receiver<Status>,
    told_percent: Option<u8>,
}

enum LoadStep {
    Percent(u8),
    Ready(Arc<Ready>),
}

impl Loading {
    fn new(status: watch::Receiver<Status>) -> Self {
        Self { status, told_percent: None }
    }

    async fn next(&mut self) -> Result<LoadStep, Failure> {
        loop {
            let status = self.status.borrow_and_update().clone();
            match status {
                Status::Ready(ready) => return Ok(LoadStep::Ready(ready)),
                Status::Failed(failure) => return Err(failure),
                Status::Stopped => return Err(LlamaError::from(ErrorKind::Stopped).into()),
                Status::Loading(percent) if self.told_percent != Some(percent) => {
                    self.told_percent = Some(percent);
                    return Ok(LoadStep::Percent(percent));
                }
                Status::Loading(_) | Status::Unloaded => {}
            }
            if self.status.changed().await.is_err() {
                return Err(LlamaError::from(ErrorKind::Stopped).into());
            }
        }
    }
}
