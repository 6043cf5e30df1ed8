//! The border to llama.cpp: every `unsafe` block of this crate is in this folder, with its argument.
//!
//! The safe API of `llama-cpp-2` gives no access to a context's thread count, thread pool and abort flag, on which the core
//! budget rests, nor to the pointer with which to reach them; so model and context are wrapped here from `llama-cpp-sys-2`. What
//! lives here is a thin translation without decisions of its own.

mod batch;
mod context;
mod grammar;
mod kernels;
mod model;
mod threads;

use std::ffi::{CStr, c_char, c_void};

use llama_cpp_sys_2 as sys;

pub(crate) use self::batch::{Batch, DecodeError};
pub use self::context::KvCacheType;
pub(crate) use self::context::{Context, ContextParameters};
pub(crate) use self::grammar::Grammar;
pub(crate) use self::kernels::is_known as is_known_to_kernels;
pub(crate) use self::model::{Model, ModelParameters, Token, apply_known_template};
use self::threads::cpu_function;
use crate::log;

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

/// Whether ggml computes products of a tensor type with several tokens in tiles, as long as the tensor lies as in the file.
///
/// # Source
/// `ggml_tiled_supported` in ggml's `ggml-cpu/tiled/tiled.cpp`.
pub(crate) fn is_tiled(tensor_type: u32) -> bool {
    matches!(
        tensor_type,
        sys::GGML_TYPE_Q2_K
            | sys::GGML_TYPE_Q3_K
            | sys::GGML_TYPE_Q4_K
            | sys::GGML_TYPE_Q5_K
            | sys::GGML_TYPE_Q6_K
            | sys::GGML_TYPE_IQ4_XS
            | sys::GGML_TYPE_IQ2_XXS
            | sys::GGML_TYPE_IQ2_XS
            | sys::GGML_TYPE_IQ2_S
            | sys::GGML_TYPE_IQ3_XXS
            | sys::GGML_TYPE_IQ3_S
            | sys::GGML_TYPE_IQ1_S
            | sys::GGML_TYPE_IQ1_M
    )
}

#[cfg(test)]
#[path = "life_tests.rs"]
mod tests;
