//! The state of sequences, and decoding.

use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;

use llama_cpp_sys_2 as sys;

use super::batch::{Batch, DecodeError};
use super::kernels::{self, CommonRoom};
use super::model::Model;
use super::row_bytes;
use super::threads::ThreadPool;
use crate::abort::Abort;
use crate::log;

/// How exactly the KV cache keeps numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum KvCacheType {
    /// 16 bits each.
    #[default]
    F16,
    /// 8 bits each, and a scale for every 32 of them: about half the memory for small differences in what is computed.
    Q8,
}

impl KvCacheType {
    /// The bytes of what takes `f16_bytes` in 16 bits.
    pub(crate) fn bytes(self, f16_bytes: u64) -> u64 {
        match self {
            Self::F16 => f16_bytes,
            // llama.cpp refuses rows that are no multiple of its blocks.
            Self::Q8 => row_bytes(self.raw(), f16_bytes / 2).unwrap_or(f16_bytes),
        }
    }

    fn raw(self) -> sys::ggml_type {
        match self {
            Self::F16 => sys::GGML_TYPE_F16,
            Self::Q8 => sys::GGML_TYPE_Q8_0,
        }
    }
}

/// How a context is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContextParameters {
    /// Cells of the KV cache, shared by all sequences.
    pub(crate) cells: u32,
    /// Sequences that may hold cells.
    pub(crate) sequences: u32,
    /// Tokens of one decode call.
    pub(crate) batch_tokens: u32,
    /// Tokens of one decode call whose logits are asked for, at most.
    pub(crate) outputs: u32,
    /// How the cells keep numbers.
    pub(crate) kv_type: KvCacheType,
    /// Compute threads at most.
    pub(crate) threads: usize,
    /// How long idle compute threads spin before they sleep, 0 to 100.
    pub(crate) poll: u32,
    /// Whether `moa_kernels` computes what it can.
    pub(crate) kernels: bool,
}

/// The state of a model's sequences, and the means to compute on.
///
/// Belongs to one thread: it is neither `Send` nor `Sync`.
#[derive(Debug)]
pub(crate) struct Context {
    raw: NonNull<sys::llama_context>,
    memory: sys::llama_memory_t,
    vocabulary_size: usize,
    batch_tokens: usize,
    outputs: usize,
    /// For one thread, so that the others need not be woken only to find that they are not needed.
    single: Option<ThreadPool>,
    /// For several threads.
    many: Option<ThreadPool>,
    threads: usize,
    /// Kept so that all of them outlive the context.
    _room: CommonRoom,
    _abort: Arc<Abort>,
    _model: Arc<Model>,
}

impl Context {
    /// Makes a context. When `abort` is due, a running decode call ends within milliseconds (on the CPU).
    ///
    /// # Errors
    /// What llama.cpp logged as the reason, such as too little memory.
    pub(crate) fn new(
        model: Arc<Model>,
        parameters: ContextParameters,
        abort: Arc<Abort>,
    ) -> Result<Self, String> {
        unsafe extern "C" fn is_due(data: *mut c_void) -> bool {
            // SAFETY: `data` points into the `Arc<Abort>` that the context keeps; `Abort` may be used from any thread.
            unsafe { &*data.cast::<Abort>() }.is_due()
        }
        let threads = parameters.threads.max(1);
        // SAFETY: plain data by value.
        let mut raw = unsafe { sys::llama_context_default_params() };
        raw.n_ctx = parameters.cells;
        raw.n_batch = parameters.batch_tokens;
        raw.n_ubatch = parameters.batch_tokens;
        raw.n_seq_max = parameters.sequences;
        raw.n_outputs_max = parameters.outputs;
        raw.n_threads = 1;
        raw.n_threads_batch = 1;
        raw.kv_unified = true;
        (raw.type_k, raw.type_v) = (parameters.kv_type.raw(), parameters.kv_type.raw());
        if parameters.kv_type != KvCacheType::F16 {
            // llama.cpp reads quantised values with flash attention only.
            raw.flash_attn_type = sys::LLAMA_FLASH_ATTN_TYPE_ENABLED;
        }
        // A window that is cut off could not be reused as a prefix.
        raw.swa_full = true;
        raw.no_perf = true;
        let room = CommonRoom::new();
        if parameters.kernels && moa_kernels::is_supported() {
            raw.cb_eval = Some(kernels::take_over);
            raw.cb_eval_user_data = room.as_user_data();
        }
        raw.abort_callback = Some(is_due);
        raw.abort_callback_data = Arc::as_ptr(&abort).cast_mut().cast();
        log::forget_errors();
        // SAFETY: the model is alive and kept by the result; so is `abort`; only this thread makes contexts of the model.
        let context = unsafe { sys::llama_init_from_model(model.0.as_ptr(), raw) };
        let Some(context) = NonNull::new(context) else {
            return Err(log::last_errors().unwrap_or_else(|| "llama.cpp gave no reason".to_owned()));
        };
        // SAFETY: the context was just made.
        let memory = unsafe { sys::llama_get_memory(context.as_ptr()) };
        let vocabulary_size = model.vocabulary_size();
        let mut this = Self {
            raw: context,
            memory,
            vocabulary_size,
            batch_tokens: parameters.batch_tokens as usize,
            outputs: parameters.outputs as usize,
            single: ThreadPool::new(1, 0),
            many: if threads > 1 { ThreadPool::new(threads, parameters.poll) } else { None },
            threads: 0,
            _room: room,
            _abort: abort,
            _model: model,
        };
        this.set_threads(1);
        Ok(this)
    }

    /// Sets how many threads the next decode calls compute with.
    pub(crate) fn set_threads(&mut self, threads: usize) {
        let threads = threads.max(1);
        if threads == self.threads {
            return;
        }
        let count = i32::try_from(threads).unwrap_or(1);
        let pool = if threads == 1 { self.single.as_ref() } else { self.many.as_ref() };
        // SAFETY: context and pools are alive, and no decode call is running: `&mut self` on the one thread that has it.
        unsafe {
            match pool {
                Some(pool) => {
                    sys::llama_attach_threadpool(self.raw.as_ptr(), pool.0.as_ptr(), pool.0.as_ptr());
                }
                None => sys::llama_detach_threadpool(self.raw.as_ptr()),
            }
            sys::llama_set_n_threads(self.raw.as_ptr(), count, count);
        }
        self.threads = threads;
    }

    /// Computes a batch.
    ///
    /// # Errors
    /// See [`DecodeError`]. After `Aborted` and `Failed` cells of the batch's tokens may be left; cut its sequences back.
    pub(crate) fn decode(&mut self, batch: &mut Batch) -> Result<(), DecodeError> {
        if batch.len() > self.batch_tokens || batch.outputs() > self.outputs {
            // llama.cpp would end the process.
            return Err(DecodeError::TooLarge(batch.len()));
        }
        let raw = batch.as_raw();
        // SAFETY: all arrays of the batch have `n_tokens` entries and outlive the call, which only reads them and keeps none. llama.cpp itself
        // refuses tokens that are not in the vocabulary and sequences that the context does not have; the size was checked.
        match unsafe { sys::llama_decode(self.raw.as_ptr(), raw) } {
            0 => Ok(()),
            1 => Err(DecodeError::CacheFull),
            2 => Err(DecodeError::Aborted),
            code => Err(DecodeError::Failed(code)),
        }
    }

    /// The logits of the token at `index` of the last batch; `None` where none were asked for. They may be changed in place.
    pub(crate) fn logits(&mut self, index: usize) -> Option<&mut [f32]> {
        let index = i32::try_from(index).ok()?;
        // SAFETY: the result is null or points to one row of `vocabulary_size` floats that stays valid until the next decode call,
        // which needs `&mut self`; rows of different tokens do not overlap.
        unsafe {
            let row = sys::llama_get_logits_ith(self.raw.as_ptr(), index);
            if row.is_null() { None } else { Some(std::slice::from_raw_parts_mut(row, self.vocabulary_size)) }
        }
    }

    /// Lets `to` share the first `length` cells of `from`. `to` must hold none.
    pub(crate) fn share_cells(&mut self, from: i32, to: i32, length: usize) {
        let end = i32::try_from(length).unwrap_or(i32::MAX);
        // SAFETY: the memory belongs to this context; sequence numbers are below the number given at its making.
        unsafe { sys::llama_memory_seq_cp(self.memory, from, to, 0, end) }
    }

    /// Gives up the cells of `sequence` from position `length` on. `false` where the model cannot cut a sequence back.
    pub(crate) fn truncate(&mut self, sequence: i32, length: usize) -> bool {
        let start = i32::try_from(length).unwrap_or(i32::MAX);
        // SAFETY: see `share_cells`.
        unsafe { sys::llama_memory_seq_rm(self.memory, sequence, start, -1) }
    }

    /// All cells as bytes, for a larger context of the same model to take over.
    pub(crate) fn save(&mut self) -> Vec<u8> {
        // SAFETY: the buffer is writable for the length given, which is what the context asked for.
        unsafe {
            let mut bytes = vec![0_u8; sys::llama_state_get_size(self.raw.as_ptr())];
            let written = sys::llama_state_get_data(self.raw.as_ptr(), bytes.as_mut_ptr(), bytes.len());
            bytes.truncate(written);
            bytes
        }
    }

    /// The cells of one sequence as bytes, for [`Self::restore_sequence`].
    pub(crate) fn save_sequence(&mut self, sequence: i32) -> Vec<u8> {
        // SAFETY: the buffer is writable for the length given, which is what the context asked for; a sequence that holds nothing is no error.
        unsafe {
            let mut bytes = vec![0_u8; sys::llama_state_seq_get_size(self.raw.as_ptr(), sequence)];
            let written =
                sys::llama_state_seq_get_data(self.raw.as_ptr(), bytes.as_mut_ptr(), bytes.len(), sequence);
            bytes.truncate(written);
            bytes
        }
    }

    /// Replaces what `sequence` holds by cells that [`Self::save_sequence`] gave, of this context or another one of the model. `false` where there
    /// are too few free cells; what the sequence holds is not to be relied on then.
    pub(crate) fn restore_sequence(&mut self, sequence: i32, bytes: &[u8]) -> bool {
        // SAFETY: the buffer is readable for the length given; llama.cpp checks the contents and returns 0 on a mismatch.
        unsafe { sys::llama_state_seq_set_data(self.raw.as_ptr(), bytes.as_ptr(), bytes.len(), sequence) > 0 }
    }

    /// Takes over cells that [`Self::save`] gave. `false` where they do not fit.
    pub(crate) fn restore(&mut self, bytes: &[u8]) -> bool {
        // SAFETY: the buffer is readable for the length given; llama.cpp checks the contents and returns 0 on a mismatch.
        unsafe { sys::llama_state_set_data(self.raw.as_ptr(), bytes.as_ptr(), bytes.len()) > 0 }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the pointer came from llama.cpp and is freed once; the pools are freed afterwards, as fields of this.
        unsafe {
            sys::llama_detach_threadpool(self.raw.as_ptr());
            sys::llama_free(self.raw.as_ptr());
        }
    }
}
