//! A loaded model: weights, vocabulary, metadata, chat formats.

use std::ffi::{CStr, CString, c_int, c_void};
use std::path::Path;
use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;

use super::uses_amx;
use crate::log;

/// A token of a model's vocabulary.
pub(crate) type Token = i32;

/// The longest metadata value that is read, chat templates included.
const MAX_METADATA_BYTES: usize = 1 << 20;

/// How a model file is opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ModelParameters {
    /// Only the vocabulary and the metadata, no weights.
    pub(crate) vocabulary_only: bool,
    /// Layers kept on a GPU; `None` leaves it to llama.cpp (all that fit where there is a GPU).
    pub(crate) gpu_layers: Option<u32>,
    /// Whether weights may be copied into an order that suits the processor.
    pub(crate) repack: bool,
}

/// A loaded model: weights, vocabulary, metadata. Immutable once loaded.
#[derive(Debug)]
pub(crate) struct Model(pub(super) NonNull<sys::llama_model>);

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
        raw.use_extra_bufts = parameters.repack && !uses_amx();
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

    pub(super) fn vocabulary(&self) -> *const sys::llama_vocab {
        // SAFETY: the model is alive; the vocabulary lives inside it.
        unsafe { sys::llama_model_get_vocab(self.0.as_ptr()) }
    }

    pub(crate) fn vocabulary_size(&self) -> usize {
        // SAFETY: the vocabulary is alive with the model.
        usize::try_from(unsafe { sys::llama_vocab_n_tokens(self.vocabulary()) }).unwrap_or(0)
    }

    pub(crate) fn weight_bytes(&self) -> u64 {
        // SAFETY: the model is alive (this holds for all getters below).
        unsafe { sys::llama_model_size(self.0.as_ptr()) }
    }

    /// Whether the model can only be used whole from the start of a sequence: its state cannot be cut back.
    pub(crate) fn has_recurrent_state(&self) -> bool {
        // SAFETY: see `weight_bytes`.
        unsafe {
            sys::llama_model_is_recurrent(self.0.as_ptr()) || sys::llama_model_is_hybrid(self.0.as_ptr())
        }
    }

    /// Whether the model looks back over a window only, in some of its layers at least.
    pub(crate) fn has_sliding_window(&self) -> bool {
        // SAFETY: see `weight_bytes`.
        unsafe { sys::llama_model_n_swa(self.0.as_ptr()) > 0 }
    }

    /// Whether the model writes text token by token.
    pub(crate) fn is_text_generator(&self) -> bool {
        // SAFETY: see `weight_bytes`.
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
