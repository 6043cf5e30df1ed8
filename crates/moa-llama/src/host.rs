//! A model file's life in this process: its threads, from the first request to the shutdown.
//!
//! Two threads serve a loaded model. One prepares requests (template, tokenizer, fitting), so that a long prompt does not hold
//! up the tokens of others; the other one computes (`worker`). The computing thread also loads the model, and reports how far it
//! is to every call that waits.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use moa_core::{ChatRequest, Failure, FailureKind};
use tokio::sync::{mpsc, watch};

use crate::cores::CoreBudget;
use crate::error::{ErrorKind, LlamaError};
use crate::gguf::{GgufInfo, Head, describe, read_head};
use crate::native::{Model, ModelParameters};
use crate::plan::Limits;
use crate::prompter::Prompter;
use crate::request::{Frame, Job, PreparedRequest, Reply, reply_channel};
use crate::sampler::SamplingDefaults;
use crate::stats::ModelStats;
use crate::worker::{KvLimits, Worker, WorkerSetup};

/// The context of a sequence where the options name none and the model allows it.
const DEFAULT_CONTEXT_TOKENS: u32 = 8192;
/// Where a file does not say how long its training context was.
const UNKNOWN_TRAINING_CONTEXT_TOKENS: u32 = 2048;
/// Tokens of one decode call. Cancelling takes effect between calls, and more tokens make a call longer, not faster.
const BATCH_TOKENS: u32 = 256;
/// Tokens of prompts in a call that also decodes.
const MIXED_PROMPT_TOKENS: usize = 64;
/// Calls that may wait for preparation.
const MAX_JOBS: usize = 1024;
/// llama.cpp's own bound on sequences.
const MAX_SEQUENCES: u32 = 256;

/// How a model file is to be used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct HostOptions {
    pub(crate) path: PathBuf,
    pub(crate) context_tokens: Option<u32>,
    pub(crate) parallel_sequences: u32,
    pub(crate) gpu_layers: Option<u32>,
    pub(crate) poll: u32,
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
    Stop,
}

impl Ready {
    /// Hands a call to the model's threads.
    ///
    /// # Errors
    /// When too many calls wait already, or the threads are gone.
    pub(crate) fn submit(&self, request: ChatRequest) -> Result<mpsc::Receiver<Reply>, Failure> {
        let (replies, receiver) = reply_channel(request.max_tokens, self.context_tokens);
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
        let mut thread = self.thread();
        let is_at_rest = matches!(&*self.shared.status.borrow(), Status::Unloaded | Status::Failed(_));
        if is_at_rest && !self.shared.stop.load(Ordering::Relaxed) {
            if let Some(finished) = thread.take() {
                // It has failed, so this does not wait.
                let _ = finished.join();
            }
            self.shared.status.send_replace(Status::Loading(0));
            let shared = Arc::clone(&self.shared);
            match std::thread::Builder::new().name("moa-model".to_owned()).spawn(move || serve(&shared)) {
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

    /// Ends the threads and waits for them. A decode call under way is broken off.
    pub(crate) fn shut_down(&self) {
        let mut thread = self.thread();
        self.shared.stop.store(true, Ordering::Relaxed);
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
fn serve(shared: &Arc<Shared>) {
    let end = catch_unwind(AssertUnwindSafe(|| load_and_serve(shared)));
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

fn load_and_serve(shared: &Arc<Shared>) -> Result<(), LlamaError> {
    let (worker, ready, preparing) = load(shared)?;
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

/// Reads the file and sets up both threads' work.
fn load(shared: &Arc<Shared>) -> Result<(Worker, Ready, impl FnOnce() + Send + use<>), LlamaError> {
    let started = Instant::now();
    let options = &shared.options;
    let head = read_head(&options.path)?;
    let info = describe(&options.path, &head);
    check_kind(options, &head)?;
    let parameters = ModelParameters { vocabulary_only: false, gpu_layers: options.gpu_layers };
    let model = Model::load(&options.path, parameters, |share| {
        report_loading(shared, share);
        !shared.stop.load(Ordering::Relaxed)
    });
    let model = Arc::new(model.map_err(|reason| {
        if shared.stop.load(Ordering::Relaxed) {
            return ErrorKind::Stopped.into();
        }
        LlamaError::from(ErrorKind::Unsupported { path: options.path.clone(), reason })
    })?);
    if !model.is_text_generator() {
        let reason = "it is an encoder or has no vocabulary".to_owned();
        return Err(ErrorKind::NoGenerator { path: options.path.clone(), reason }.into());
    }
    let frame = frame(options, &model);
    let context_tokens = frame.context_tokens;
    let (to_worker, inbox) = sync_channel(MAX_JOBS);
    let (jobs, tasks) = sync_channel(MAX_JOBS);
    let worker = Worker::new(worker_setup(shared, &model, inbox, &info, context_tokens));
    let stop = Arc::clone(&shared.stop);
    let preparing = move || prepare(&frame, &tasks, &to_worker, &stop);
    let mut stats = shared.stats.lock().unwrap_or_else(PoisonError::into_inner);
    *stats = ModelStats {
        load_time: started.elapsed(),
        file_bytes: info.file_bytes,
        weight_bytes: model.weight_bytes(),
        ..ModelStats::default()
    };
    Ok((worker, Ready { jobs, context_tokens }, preparing))
}

/// The preparing thread.
fn prepare(frame: &Frame, tasks: &Receiver<Task>, worker: &SyncSender<PreparedRequest>, stop: &AtomicBool) {
    while let Ok(Task::Prepare(job)) = tasks.recv() {
        if stop.load(Ordering::Relaxed) {
            let _ = job.replies.try_send(Err(LlamaError::from(ErrorKind::Stopped).into()));
            continue;
        }
        if let Some(prepared) = frame.prepare(*job)
            && worker.send(prepared).is_err()
        {
            // The worker is gone; what it left unanswered is answered by the end of the channels.
            return;
        }
    }
}

fn report_loading(shared: &Shared, share: f32) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 100")]
    let percent = (share * 100.0).clamp(0.0, 100.0) as u8;
    shared.status.send_if_modified(|status| match status {
        Status::Loading(before) if *before != percent => {
            *before = percent;
            true
        }
        _ => false,
    });
}

/// Refuses files that llama.cpp would load, but that cannot chat.
fn check_kind(options: &HostOptions, head: &Head) -> Result<(), LlamaError> {
    let reason = match head.string("general.type") {
        Some(kind @ ("adapter" | "mmproj" | "vocab" | "imatrix")) => Some(format!("its type is '{kind}'")),
        _ if head.tensors == 0 => Some("it has no weights".to_owned()),
        _ => None,
    };
    match reason {
        Some(reason) => Err(ErrorKind::NoGenerator { path: options.path.clone(), reason }.into()),
        None => Ok(()),
    }
}

/// What all requests of the model have in common.
fn frame(options: &HostOptions, model: &Arc<Model>) -> Frame {
    let prompter = Arc::new(Prompter::new(Arc::clone(model)));
    let mut warnings: Vec<String> = prompter.warning().map(str::to_owned).into_iter().collect();
    let trained = match model.training_context_tokens() {
        0 => UNKNOWN_TRAINING_CONTEXT_TOKENS,
        tokens => tokens,
    };
    let context_tokens = match options.context_tokens {
        Some(wanted) if wanted > trained => {
            warnings.push(format!(
                "the model was trained on {trained} tokens of context: {trained} are used instead of {wanted}"
            ));
            trained
        }
        Some(wanted) => wanted.max(2),
        None => trained.min(DEFAULT_CONTEXT_TOKENS),
    };
    let sampling_defaults = sampling_defaults(model);
    Frame { prompter, context_tokens, sampling_defaults, warnings }
}

/// What the model's makers recommend, as far as the file says it.
fn sampling_defaults(model: &Model) -> SamplingDefaults {
    let number = |key: &str| -> Option<f32> {
        model.metadata(&format!("general.sampling.{key}")).and_then(|text| text.parse().ok())
    };
    let defaults = SamplingDefaults::default();
    SamplingDefaults {
        top_k: model
            .metadata("general.sampling.top_k")
            .and_then(|text| text.parse().ok())
            .unwrap_or(defaults.top_k),
        top_p: number("top_p").filter(|p| *p > 0.0 && *p <= 1.0).unwrap_or(defaults.top_p),
        min_p: number("min_p").filter(|p| (0.0..=1.0).contains(p)).unwrap_or(defaults.min_p),
        repeat_penalty: number("penalty_repeat").filter(|p| *p > 0.0).unwrap_or(defaults.repeat_penalty),
    }
}

fn worker_setup(
    shared: &Shared,
    model: &Arc<Model>,
    inbox: Receiver<PreparedRequest>,
    info: &GgufInfo,
    context_tokens: u32,
) -> WorkerSetup {
    let active_sequences = shared.options.parallel_sequences.clamp(1, MAX_SEQUENCES / 2);
    WorkerSetup {
        model: Arc::clone(model),
        inbox,
        budget: shared.budget.clone(),
        stats: Arc::clone(&shared.stats),
        stop: Arc::clone(&shared.stop),
        kv_limits: KvLimits {
            context_tokens,
            active_sequences,
            // As many again stay behind for their prefixes.
            sequences: active_sequences * 2,
            batch_tokens: BATCH_TOKENS.max(active_sequences),
            threads: shared.budget.cores(),
            poll: shared.options.poll,
        },
        batch_limits: Limits {
            batch_tokens: BATCH_TOKENS.max(active_sequences) as usize,
            mixed_prompt_tokens: MIXED_PROMPT_TOKENS,
        },
        kv_bytes_per_token: info.kv_bytes_per_token.unwrap_or(0),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
