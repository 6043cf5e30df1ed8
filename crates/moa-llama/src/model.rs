//! A model as the rest of the program sees it.

use std::path::PathBuf;
use std::sync::Arc;

use futures::stream::{self, StreamExt};
use moa_core::{
    ChatEvent, ChatModel, ChatRequest, ChatStream, Failure, FailureKind, ModelId, Progress, Prompt, ReadAhead,
};
use tokio::sync::{mpsc, watch};

use crate::engine::EngineOptions;
use crate::error::{ErrorKind, LlamaError};
use crate::gguf::inspect;
use crate::host::{Footprint, Host, HostOptions, Ready, Refusal, Status};
use crate::native::KvCacheType;
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
    /// How exactly the KV cache keeps numbers.
    pub kv_cache: KvCacheType,
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
            kv_cache: KvCacheType::default(),
        }
    }

    /// The bytes that the model takes of a memory budget once it is loaded: its weights and one full context.
    ///
    /// # Errors
    /// When the file cannot be read, or the budget cannot hold the model.
    pub fn memory_bytes(&self, budget_bytes: Option<u64>) -> Result<u64, LlamaError> {
        let footprint = Footprint::of(
            &HostOptions::of(self, &EngineOptions::default()),
            &inspect(&self.path)?,
            budget_bytes,
        )?;
        Ok(footprint.bytes())
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

    /// Begins to load the model in the background unless that was done before, on cores that nobody else wants and where memory has room.
    /// Failures show when the model is asked.
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
        let mut loading = Loading::new(InUse::new(Arc::clone(&self.host)), None);
        loop {
            match loading.next().await? {
                LoadStep::Percent(percent) => progress(percent),
                LoadStep::Ready(_) => return Ok(()),
            }
        }
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
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

    /// Not now where the model is not loaded yet, but the system reads its file meanwhile; never where it is not to read ahead.
    fn read_ahead(&self, prompt: Prompt, max_tokens: u32) -> ReadAhead {
        if !self.host.options().read_ahead {
            return ReadAhead::Never;
        }
        let ready = match &*self.host.status() {
            Status::Ready(ready) => Some(Arc::clone(ready)),
            _ => None,
        };
        let Some(ready) = ready else {
            self.host.page_in();
            return ReadAhead::NotNow;
        };
        match ready.read_ahead(prompt, max_tokens) {
            // The model must outlive what it reads.
            Some(listener) => ReadAhead::Reading(Box::new((listener, Arc::clone(&self.host)))),
            None => ReadAhead::NotNow,
        }
    }
}

/// A model that is needed: it does not leave memory for others as long as this lives.
#[derive(Debug)]
struct InUse(Arc<Host>);

impl InUse {
    fn new(host: Arc<Host>) -> Self {
        host.lease().begin_use();
        Self(host)
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.lease().end_use();
    }
}

/// A call, from its first poll to its end.
enum Call {
    New(Arc<Host>, Box<ChatRequest>),
    /// The model is being loaded. The host is kept, so that the model outlives its handle while it is used.
    Loading(Box<ChatRequest>, Loading),
    Answering(InUse, mpsc::Receiver<Reply>),
    Ended,
}

impl Call {
    async fn next(mut self) -> Option<(Reply, Self)> {
        loop {
            self = match self {
                Self::New(host, request) => {
                    let layer = usize::try_from(request.call.layer.0).ok();
                    Self::Loading(request, Loading::new(InUse::new(host), layer))
                }
                Self::Loading(request, mut loading) => match loading.next().await {
                    Ok(LoadStep::Percent(percent)) => {
                        let event = ChatEvent::Progress(Progress::Loading { percent });
                        return Some((Ok(event), Self::Loading(request, loading)));
                    }
                    Ok(LoadStep::Ready(ready)) => match ready.submit(request) {
                        Ok(replies) => Self::Answering(loading.in_use, replies),
                        Err(Refusal::Leaving(request)) => Self::Loading(request, loading),
                        Err(Refusal::Failed(failure)) => return Some((Err(failure), Self::Ended)),
                    },
                    Err(failure) => return Some((Err(failure), Self::Ended)),
                },
                Self::Answering(in_use, mut replies) => {
                    return Some(match replies.recv().await {
                        Some(last @ (Ok(ChatEvent::Finished { .. }) | Err(_))) => (last, Self::Ended),
                        Some(reply) => (reply, Self::Answering(in_use, replies)),
                        None => (Err(broken_off(&in_use.0)), Self::Ended),
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

/// Listens to a model being loaded, for a call of `layer`.
struct Loading {
    in_use: InUse,
    layer: Option<usize>,
    status: watch::Receiver<Status>,
    told_percent: Option<u8>,
}

enum LoadStep {
    Percent(u8),
    Ready(Arc<Ready>),
}

impl Loading {
    fn new(in_use: InUse, layer: Option<usize>) -> Self {
        let status = in_use.0.start(layer);
        Self { in_use, layer, status, told_percent: None }
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
                // It has left memory, or was only to be loaded where there was room; now it is needed.
                Status::Unloaded => {
                    self.status = self.in_use.0.start(self.layer);
                    if !matches!(&*self.status.borrow(), Status::Unloaded) {
                        continue;
                    }
                    // The engine is being shut down.
                }
                Status::Loading(_) | Status::Leaving => {}
            }
            if self.status.changed().await.is_err() {
                return Err(LlamaError::from(ErrorKind::Stopped).into());
            }
        }
    }
}
