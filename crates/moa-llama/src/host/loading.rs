//! Loading a model: from the file to the work of its two threads.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Instant;

use super::layout::repacks;
use super::{Footprint, HostOptions, MAX_JOBS, Occasion, Ready, Shared, Status, footprint, prepare};
use crate::error::{ErrorKind, LlamaError};
use crate::gguf::{Head, describe, read_head};
use crate::native::{Model, ModelParameters};
use crate::prompter::Prompter;
use crate::request::{Frame, PreparedRequest};
use crate::sampler::SamplingDefaults;
use crate::scheduler::{Limits, Urgency};
use crate::system::system_info;
use crate::worker::{KvLimits, KvRoom, MOST_DRAFT_TOKENS, Worker, WorkerSetup};

/// Tokens of one decode call. Cancelling takes effect between calls, and more tokens make a call longer, not faster.
pub(super) const BATCH_TOKENS: u32 = 256;
/// Tokens of a call that reads prompts while other models have cores, too.
const SHARED_BATCH_TOKENS: usize = 64;
/// Tokens of prompts in a call that also decodes.
const MIXED_PROMPT_TOKENS: usize = 64;
/// llama.cpp's own bound on sequences.
const MAX_SEQUENCES: u32 = 256;

/// What a loaded model's threads are to do.
pub(super) struct Loaded<Preparing> {
    pub(super) worker: Worker,
    pub(super) ready: Ready,
    pub(super) preparing: Preparing,
}

/// Reads the file and sets up both threads' work.
pub(super) fn load(
    shared: &Arc<Shared>,
    occasion: Occasion,
) -> Result<Loaded<impl FnOnce() + Send + use<>>, LlamaError> {
    let options = &shared.options;
    let Occasion { urgency, layer } = occasion;
    let head = read_head(&options.path)?;
    let info = describe(&options.path, &head);
    check_kind(options, &head)?;
    let footprint = Footprint::of(options, &info, shared.memory.bytes())?;
    // Memory first: who waits for it must not hold a core. What is only wanted later has its part of the budget already.
    let waits = || footprint::page_in(&options.path);
    let has_room = urgency == Urgency::Later && shared.memory.bytes().is_some();
    if !has_room && !shared.lease.take(footprint.bytes(), layer, waits, &shared.stop) {
        return Err(ErrorKind::Stopped.into());
    }
    let member = shared.budget.join();
    let core = member.acquire(1, urgency, &shared.stop).ok_or(ErrorKind::Stopped)?;
    let started = Instant::now();
    let kernels = options.kernels && moa_kernels::is_supported();
    let repack = repacks(&info, &system_info().features, options.parallel_sequences, kernels);
    tracing::debug!(repack, path = %options.path.display(), "loading");
    let parameters = ModelParameters { vocabulary_only: false, gpu_layers: options.gpu_layers, repack };
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
    let frame = frame(&model, &footprint, options);
    let context_tokens = footprint.context_tokens;
    let (to_worker, inbox) = sync_channel(MAX_JOBS);
    let (jobs, tasks) = sync_channel(MAX_JOBS);
    let worker = Worker::new(worker_setup(shared, &model, inbox, &footprint));
    let stop = Arc::clone(&shared.stop);
    let preparing = move || prepare(&frame, &tasks, &to_worker, &stop);
    shared.book(|stats| {
        stats.loads += 1;
        stats.load_time = started.elapsed();
        stats.file_bytes = info.file_bytes;
        stats.weight_bytes = model.weight_bytes();
    });
    drop(core);
    Ok(Loaded { worker, ready: Ready::new(jobs, context_tokens), preparing })
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
fn frame(model: &Arc<Model>, footprint: &Footprint, options: &HostOptions) -> Frame {
    let prompter = Arc::new(Prompter::new(Arc::clone(model)));
    let warnings =
        prompter.warning().map(str::to_owned).into_iter().chain(footprint.warnings.iter().cloned());
    Frame {
        warnings: warnings.collect(),
        context_tokens: footprint.context_tokens,
        sampling_defaults: sampling_defaults(model),
        peer_lookup: options.peer_lookup,
        prompter,
    }
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
    footprint: &Footprint,
) -> WorkerSetup {
    let active_sequences = shared.options.parallel_sequences.clamp(1, MAX_SEQUENCES / 2);
    let most_draft_tokens =
        if shared.options.lookup { u32::try_from(MOST_DRAFT_TOKENS).unwrap_or(0) } else { 0 };
    WorkerSetup {
        model: Arc::clone(model),
        inbox,
        budget: shared.budget.clone(),
        stats: Arc::clone(&shared.stats),
        stop: Arc::clone(&shared.stop),
        leaves: Arc::clone(&shared.leaves),
        kv_room: KvRoom::new(Arc::clone(&shared.lease), Arc::clone(&shared.stop), footprint),
        kv_limits: KvLimits {
            context_tokens: footprint.context_tokens,
            kv_type: shared.options.kv_type,
            active_sequences,
            reuses_prefixes: shared.options.prefix_reuse,
            // As many again stay behind for their prefixes.
            sequences: active_sequences * 2,
            batch_tokens: BATCH_TOKENS.max(active_sequences),
            // llama.cpp wants room for one of each sequence, active or not.
            outputs: active_sequences * 2 + most_draft_tokens,
            threads: shared.budget.cores(),
            poll: shared.options.poll,
            kernels: shared.options.kernels,
        },
        batch_limits: Limits {
            batch_tokens: BATCH_TOKENS.max(active_sequences) as usize,
            shared_batch_tokens: SHARED_BATCH_TOKENS,
            mixed_prompt_tokens: MIXED_PROMPT_TOKENS,
        },
        kv_bytes_per_token: footprint.kv_bytes_per_token,
        lookup: shared.options.lookup,
    }
}
