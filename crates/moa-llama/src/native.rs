//! The border to llama.cpp: every `unsafe` block of the workspace is in this file, with its argument.
//!
//! The safe API of `llama-cpp-2` gives no access to a context's thread count, thread pool and abort flag, on which the core
//! budget rests, nor to the pointer with which to reach them; so model and context are wrapped here from `llama-cpp-sys-2`. What
//! lives here is a thin translation without decisions of its own.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use llama_cpp_sys_2 as sys;

use crate::batch::{Batch, DecodeError};
use crate::log;

/// A token of a model's vocabulary.
pub(crate) type Token = i32;

/// The longest metadata value that is read, chat templates included.
const MAX_METADATA_BYTES: usize = 1 << 20;

/// Sends llama.cpp's and ggml's log lines to `tracing` instead of stderr. May be called any number of times.
pub(crate) fn route_logs() {
    unsafe extern "C" fn receive(level: sys::ggml_log_level, text: *const c_char, _: *mut c_void) {
        if text.is_null() {
            return;
        }
        // SAFETY: llama.cpp passes a NUL-terminated string that lives for the duration of the call.
        let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
        let level = match level {
            sys::GGML_LOG_LEVEL_ERROR => log::Level::Error,
            sys::GGML_LOG_LEVEL_WARN => log::Level::Warn,
            sys::GGML_LOG_LEVEL_INFO => log::Level::Info,
            sys::GGML_LOG_LEVEL_CONT => log::Level::Continued,
            _ => log::Level::Debug,
        };
        log::receive(level, &text);
    }
    // SAFETY: the callback is a plain function without user data, valid for the life of the process.
    unsafe {
        sys::llama_log_set(Some(receive), std::ptr::null_mut());
        sys::ggml_log_set(Some(receive), std::ptr::null_mut());
    }
}

/// What llama.cpp says about the processor features in use.
pub(crate) fn system_description() -> String {
    // SAFETY: the function returns a pointer to a static NUL-terminated buffer; nobody writes to it while the caller holds the
    // engine's system lock (see `system.rs`).
    unsafe { CStr::from_ptr(sys::llama_print_system_info()) }.to_string_lossy().into_owned()
}

/// Whether ggml would put weights into its AMX format.
fn uses_amx() -> bool {
    let Some(list) = cpu_function(c"ggml_backend_dev_get_extra_bufts") else { return false };
    // SAFETY: the CPU backend exports this function under this name with this signature (ggml-backend.h); the list ends with null
    // and, like the names, lives as long as the process.
    unsafe {
        let list: unsafe extern "C" fn(sys::ggml_backend_dev_t) -> *mut sys::ggml_backend_buffer_type_t =
            std::mem::transmute(list.as_ptr());
        let mut types = list(sys::ggml_backend_dev_by_type(sys::GGML_BACKEND_DEVICE_TYPE_CPU));
        while !types.is_null() && !(*types).is_null() {
            if CStr::from_ptr(sys::ggml_backend_buft_name(*types)) == c"AMX" {
                return true;
            }
            types = types.add(1);
        }
    }
    false
}

/// The bytes of a row of `elements` elements of a tensor type; `None` for a type that ggml does not know or a length that is no
/// multiple of the type's block.
pub(crate) fn row_bytes(tensor_type: u32, elements: u64) -> Option<u64> {
    if tensor_type >= sys::GGML_TYPE_COUNT {
        return None;
    }
    // SAFETY: the type was checked against the table's length; both functions only read that table.
    let (block, bytes) = unsafe { (sys::ggml_blck_size(tensor_type), sys::ggml_type_size(tensor_type)) };
    let block = u64::try_from(block).ok().filter(|block| *block > 0)?;
    let bytes = u64::try_from(bytes).ok().filter(|bytes| *bytes > 0)?;
    if !elements.is_multiple_of(block) {
        return None;
    }
    (elements / block).checked_mul(bytes)
}

/// How a model file is opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ModelParameters {
    /// Only the vocabulary and the metadata, no weights.
    pub(crate) vocabulary_only: bool,
    /// Layers kept on a GPU; `None` leaves it to llama.cpp (all that fit where there is a GPU).
    pub(crate) gpu_layers: Option<u32>,
}

/// A loaded model: weights, vocabulary, metadata. Immutable once loaded.
#[derive(Debug)]
pub(crate) struct Model(NonNull<sys::llama_model>);

// SAFETY: llama.cpp's model is not bound to a thread.
unsafe impl Send for Model {}
// SAFETY: after loading a model is only read; tokenizer, metadata and vocabulary functions are documented as thread-safe. Contexts
// are only made by the model's own thread (`Context::new` takes an `Arc<Model>`, and only `worker` calls it).
unsafe impl Sync for Model {}

impl Model {
    /// Loads a file. `progress` hears a share from 0 to 1 and stops the loading by returning `false`.
    ///
    /// # Errors
    /// What llama.cpp logged as the reason.
    pub(crate) fn load<F: FnMut(f32) -> bool>(
        path: &Path,
        parameters: ModelParameters,
        mut progress: F,
    ) -> Result<Self, String> {
        unsafe extern "C" fn trampoline<F: FnMut(f32) -> bool>(share: f32, data: *mut c_void) -> bool {
            // SAFETY: `data` is the `&mut F` below, which outlives the load call, and llama.cpp calls from the loading thread only.
            let progress = unsafe { &mut *data.cast::<F>() };
            progress(share)
        }
        let path = path.to_str().ok_or("the path is not valid UTF-8")?;
        let path = CString::new(path).map_err(|_| "the path contains a NUL byte")?;
        // SAFETY: plain data by value.
        let mut raw = unsafe { sys::llama_model_default_params() };
        raw.vocab_only = parameters.vocabulary_only;
        // GCC before version 14 compiles ggml's AMX code wrongly (its `_tile_loadconfig` reads 8 of the 64 bytes of the tile
        // configuration, so that the rest is never stored) and the first matrix product kills the process. AMX lives among
        // the extra buffer types, which also hold the repacked weights: without AMX in the build both are well.
        raw.use_extra_bufts = !uses_amx();
        if let Some(layers) = parameters.gpu_layers {
            raw.n_gpu_layers = i32::try_from(layers).unwrap_or(i32::MAX);
        }
        raw.progress_callback = Some(trampoline::<F>);
        raw.progress_callback_user_data = (&raw mut progress).cast();
        log::forget_errors();
        // SAFETY: the path is NUL-terminated, the parameters are the defaults with valid changes, and callback and data outlive
        // the call. llama.cpp answers bad files with a null pointer.
        let model = unsafe { sys::llama_model_load_from_file(path.as_ptr(), raw) };
        NonNull::new(model)
            .map(Self)
            .ok_or_else(|| log::last_errors().unwrap_or_else(|| "llama.cpp gave no reason".to_owned()))
    }

    fn vocabulary(&self) -> *const sys::llama_vocab {
        // SAFETY: the model is alive; the vocabulary lives inside it.
        unsafe { sys::llama_model_get_vocab(self.0.as_ptr()) }
    }

    pub(crate) fn training_context_tokens(&self) -> u32 {
        // SAFETY: the model is alive (this holds for all getters below).
        u32::try_from(unsafe { sys::llama_model_n_ctx_train(self.0.as_ptr()) }).unwrap_or(0)
    }

    pub(crate) fn vocabulary_size(&self) -> usize {
        // SAFETY: the vocabulary is alive with the model.
        usize::try_from(unsafe { sys::llama_vocab_n_tokens(self.vocabulary()) }).unwrap_or(0)
    }

    pub(crate) fn weight_bytes(&self) -> u64 {
        // SAFETY: see `training_context_tokens`.
        unsafe { sys::llama_model_size(self.0.as_ptr()) }
    }

    /// Whether the model can only be used whole from the start of a sequence: its state cannot be cut back.
    pub(crate) fn has_recurrent_state(&self) -> bool {
        // SAFETY: see `training_context_tokens`.
        unsafe {
            sys::llama_model_is_recurrent(self.0.as_ptr()) || sys::llama_model_is_hybrid(self.0.as_ptr())
        }
    }

    /// Whether the model writes text token by token.
    pub(crate) fn is_text_generator(&self) -> bool {
        // SAFETY: see `training_context_tokens`.
        unsafe {
            sys::llama_model_has_decoder(self.0.as_ptr())
                && !sys::llama_model_has_encoder(self.0.as_ptr())
                && !sys::llama_model_is_diffusion(self.0.as_ptr())
                && sys::llama_vocab_type(self.vocabulary()) != sys::LLAMA_VOCAB_TYPE_NONE
        }
    }

    pub(crate) fn metadata(&self, key: &str) -> Option<String> {
        let key = CString::new(key).ok()?;
        let mut buffer = vec![0_u8; 256];
        loop {
            // SAFETY: the buffer is writable for the length given; the key is NUL-terminated.
            let length = unsafe {
                sys::llama_model_meta_val_str(
                    self.0.as_ptr(),
                    key.as_ptr(),
                    buffer.as_mut_ptr().cast(),
                    buffer.len(),
                )
            };
            let length = usize::try_from(length).ok()?;
            if length < buffer.len() {
                return Some(String::from_utf8_lossy(&buffer[..length]).into_owned());
            }
            if length > MAX_METADATA_BYTES {
                return None;
            }
            buffer.resize(length + 1, 0);
        }
    }

    /// The model's own chat template. Only the default one: asking by name reads freed memory in llama-cpp-2.
    pub(crate) fn chat_template(&self) -> Option<String> {
        // SAFETY: a null name asks for the default template; the result is null or NUL-terminated and lives with the model.
        let template = unsafe {
            let text = sys::llama_model_chat_template(self.0.as_ptr(), std::ptr::null());
            if text.is_null() { None } else { Some(CStr::from_ptr(text)) }
        };
        template.map(|text| text.to_string_lossy().into_owned()).filter(|text| !text.trim().is_empty())
    }

    pub(crate) fn adds_bos(&self) -> bool {
        // SAFETY: the vocabulary is alive with the model.
        unsafe { sys::llama_vocab_get_add_bos(self.vocabulary()) }
    }

    pub(crate) fn bos(&self) -> Option<Token> {
        // SAFETY: the vocabulary is alive with the model.
        Some(unsafe { sys::llama_vocab_bos(self.vocabulary()) }).filter(|token| *token >= 0)
    }

    pub(crate) fn eos(&self) -> Option<Token> {
        // SAFETY: the vocabulary is alive with the model.
        Some(unsafe { sys::llama_vocab_eos(self.vocabulary()) }).filter(|token| *token >= 0)
    }

    fn knows(&self, token: Token) -> bool {
        usize::try_from(token).is_ok_and(|token| token < self.vocabulary_size())
    }

    pub(crate) fn ends_generation(&self, token: Token) -> bool {
        // SAFETY: the token is in the vocabulary, which is alive with the model.
        self.knows(token) && unsafe { sys::llama_vocab_is_eog(self.vocabulary(), token) }
    }

    /// The attribute bits of a token (`LLAMA_TOKEN_ATTR_*`).
    pub(crate) fn attributes(&self, token: Token) -> u32 {
        if !self.knows(token) {
            return 0;
        }
        // SAFETY: the token is in the vocabulary, which is alive with the model.
        let bits = unsafe { sys::llama_vocab_get_attr(self.vocabulary(), token) };
        #[allow(
            clippy::unnecessary_cast,
            clippy::cast_sign_loss,
            reason = "the enum's type differs by platform"
        )]
        let bits = bits as u32;
        bits
    }

    /// The text by which the vocabulary lists a token.
    pub(crate) fn token_text(&self, token: Token) -> Option<String> {
        if !self.knows(token) {
            return None;
        }
        // SAFETY: the token is in the vocabulary; the text is null or NUL-terminated and lives with the model.
        unsafe {
            let text = sys::llama_vocab_get_text(self.vocabulary(), token);
            if text.is_null() { None } else { Some(CStr::from_ptr(text).to_string_lossy().into_owned()) }
        }
    }

    /// Appends the bytes that a token stands for, which may end inside a character. Control tokens stand for nothing.
    pub(crate) fn append_piece(&self, token: Token, bytes: &mut Vec<u8>) {
        if !self.knows(token) {
            return;
        }
        let start = bytes.len();
        let mut room = 32_usize;
        loop {
            bytes.resize(start + room, 0);
            let length = c_int::try_from(room).unwrap_or(c_int::MAX);
            // SAFETY: `room` writable bytes follow `start`; the token is in the vocabulary.
            let written = unsafe {
                sys::llama_token_to_piece(
                    self.vocabulary(),
                    token,
                    bytes.as_mut_ptr().add(start).cast(),
                    length,
                    0,
                    false,
                )
            };
            match usize::try_from(written) {
                Ok(written) => {
                    bytes.truncate(start + written.min(room));
                    return;
                }
                Err(_) => room = usize::try_from(written.unsigned_abs()).unwrap_or(room * 2).max(room + 1),
            }
        }
    }

    /// The tokens of a text. With `parse_special`, names of control tokens in it become those tokens.
    pub(crate) fn tokenize(&self, text: &str, parse_special: bool) -> Vec<Token> {
        if text.is_empty() {
            return Vec::new();
        }
        let Ok(text_length) = i32::try_from(text.len()) else { return Vec::new() };
        let mut tokens: Vec<Token> = vec![0; text.len() / 3 + 16];
        loop {
            let room = i32::try_from(tokens.len()).unwrap_or(i32::MAX);
            // SAFETY: text and token buffer are valid for the lengths given; the function is documented as thread-safe.
            let count = unsafe {
                sys::llama_tokenize(
                    self.vocabulary(),
                    text.as_ptr().cast(),
                    text_length,
                    tokens.as_mut_ptr(),
                    room,
                    false,
                    parse_special,
                )
            };
            if let Ok(count) = usize::try_from(count) {
                tokens.truncate(count);
                return tokens;
            }
            let needed = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
            if needed <= tokens.len() || count == i32::MIN {
                return Vec::new();
            }
            tokens.resize(needed, 0);
        }
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: the pointer came from llama.cpp, is freed once, and every context holds an `Arc` of this.
        unsafe { sys::llama_model_free(self.0.as_ptr()) }
    }
}

/// Renders messages (role and content) with the format that llama.cpp recognises in `template`; `None` when it knows none.
pub(crate) fn apply_known_template(template: &str, messages: &[(&str, &str)]) -> Option<String> {
    let template = CString::new(template).ok()?;
    let owned: Vec<(CString, CString)> = messages
        .iter()
        .map(|(role, content)| Some((CString::new(*role).ok()?, CString::new(*content).ok()?)))
        .collect::<Option<_>>()?;
    let raw: Vec<sys::llama_chat_message> = owned
        .iter()
        .map(|(role, content)| sys::llama_chat_message { role: role.as_ptr(), content: content.as_ptr() })
        .collect();
    let size: usize = messages.iter().map(|(role, content)| role.len() + content.len()).sum();
    let mut buffer = vec![0_u8; size * 2 + 1024];
    for _ in 0..2 {
        let room = c_int::try_from(buffer.len()).ok()?;
        // SAFETY: strings and message array outlive the call; the buffer is writable for the length given.
        let length = unsafe {
            sys::llama_chat_apply_template(
                template.as_ptr(),
                raw.as_ptr(),
                raw.len(),
                true,
                buffer.as_mut_ptr().cast(),
                room,
            )
        };
        let length = usize::try_from(length).ok()?;
        if length <= buffer.len() {
            buffer.truncate(length);
            return String::from_utf8(buffer).ok();
        }
        buffer.resize(length, 0);
    }
    None
}

/// Compute threads that sleep when there is nothing to compute.
#[derive(Debug)]
struct ThreadPool(NonNull<sys::ggml_threadpool>);

impl ThreadPool {
    fn new(threads: usize, polling: u32) -> Option<Self> {
        let new = cpu_function(c"ggml_threadpool_new")?;
        let threads = c_int::try_from(threads).ok()?;
        // SAFETY: the CPU backend exports this function under this name with this signature (ggml-cpu.h).
        let new: unsafe extern "C" fn(*mut sys::ggml_threadpool_params) -> *mut sys::ggml_threadpool =
            unsafe { std::mem::transmute(new.as_ptr()) };
        // SAFETY: the parameters are plain data, read during the call only.
        let pool = unsafe {
            let mut parameters = sys::ggml_threadpool_params_default(threads);
            parameters.poll = polling;
            new(&raw mut parameters)
        };
        NonNull::new(pool).map(Self)
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        let Some(free) = cpu_function(c"ggml_threadpool_free") else { return };
        // SAFETY: the CPU backend exports this function under this name with this signature (ggml-cpu.h).
        let free: unsafe extern "C" fn(*mut sys::ggml_threadpool) =
            unsafe { std::mem::transmute(free.as_ptr()) };
        // SAFETY: the pool was made by the function's counterpart and no context uses it any more (`Context` drops its own first).
        unsafe { free(self.0.as_ptr()) }
    }
}

/// A function of the CPU backend by name. With `dynamic-backends` it lives in a module that is opened at run time, so linking
/// against it is not possible.
fn cpu_function(name: &CStr) -> Option<NonNull<c_void>> {
    // SAFETY: the registry functions take and return pointers that live as long as the process; null is checked at each step.
    unsafe {
        let device = sys::ggml_backend_dev_by_type(sys::GGML_BACKEND_DEVICE_TYPE_CPU);
        if device.is_null() {
            return None;
        }
        let registry = sys::ggml_backend_dev_backend_reg(device);
        if registry.is_null() {
            return None;
        }
        NonNull::new(sys::ggml_backend_reg_get_proc_address(registry, name.as_ptr()))
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
    /// Compute threads at most.
    pub(crate) threads: usize,
    /// How long idle compute threads spin before they sleep, 0 to 100.
    pub(crate) poll: u32,
}

/// The state of a model's sequences, and the means to compute on.
///
/// Belongs to one thread: it is neither `Send` nor `Sync`.
#[derive(Debug)]
pub(crate) struct Context {
    raw: NonNull<sys::llama_context>,
    memory: sys::llama_memory_t,
    vocabulary_size: usize,
    /// For one thread, so that the others need not be woken only to find that they are not needed.
    single: Option<ThreadPool>,
    /// For several threads.
    many: Option<ThreadPool>,
    threads: usize,
    /// Kept so that flag and model outlive the context.
    _stop: Arc<AtomicBool>,
    _model: Arc<Model>,
}

impl Context {
    /// Makes a context. Raising `stop` ends a running decode call within milliseconds (on the CPU).
    ///
    /// # Errors
    /// What llama.cpp logged as the reason, such as too little memory.
    pub(crate) fn new(
        model: Arc<Model>,
        parameters: ContextParameters,
        stop: Arc<AtomicBool>,
    ) -> Result<Self, String> {
        unsafe extern "C" fn is_stopped(data: *mut c_void) -> bool {
            // SAFETY: `data` points into the `Arc<AtomicBool>` that the context keeps.
            unsafe { &*data.cast::<AtomicBool>() }.load(Ordering::Relaxed)
        }
        let threads = parameters.threads.max(1);
        // SAFETY: plain data by value.
        let mut raw = unsafe { sys::llama_context_default_params() };
        raw.n_ctx = parameters.cells;
        raw.n_batch = parameters.batch_tokens;
        raw.n_ubatch = parameters.batch_tokens;
        raw.n_seq_max = parameters.sequences;
        raw.n_outputs_max = parameters.sequences;
        raw.n_threads = 1;
        raw.n_threads_batch = 1;
        raw.kv_unified = true;
        // A window that is cut off could not be reused as a prefix.
        raw.swa_full = true;
        raw.no_perf = true;
        raw.abort_callback = Some(is_stopped);
        raw.abort_callback_data = Arc::as_ptr(&stop).cast_mut().cast();
        log::forget_errors();
        // SAFETY: the model is alive and kept by the result; the stop flag as well; only this thread makes contexts of the model.
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
            single: ThreadPool::new(1, 0),
            many: if threads > 1 { ThreadPool::new(threads, parameters.poll) } else { None },
            threads: 0,
            _stop: stop,
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
    /// See [`DecodeError`]. After `Aborted` and `Failed` the cells of the batch's sequences are not to be relied on.
    pub(crate) fn decode(&mut self, batch: &mut Batch) -> Result<(), DecodeError> {
        let raw = batch.as_raw();
        // SAFETY: all arrays of the batch have `n_tokens` entries and outlive the call.
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
