//! Products of weights with tokens, and attention, computed by `moa_kernels` in place of ggml.
//!
//! llama.cpp shows every node of a graph to a callback before it computes it. One that `moa_kernels` computes faster becomes a node of ggml's
//! kind for functions of others ("custom"), which ggml's threads call as they would compute the node. Nothing else about it changes: its operands, its
//! result and where that lies.

mod attention;
mod product;

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;
use moa_kernels::{Share, Workspace};

pub(crate) use self::product::is_known;

/// `GGML_N_TASKS_MAX` in `ggml.h`: as many threads as there are.
const ALL_THREADS: c_int = -1;

/// What the threads of a context have in common while they compute products. Outlives the context that has its pointer.
#[derive(Debug)]
pub(super) struct CommonRoom(NonNull<Workspace>);

impl CommonRoom {
    pub(super) fn new() -> Self {
        Self(NonNull::from(Box::leak(Box::default())))
    }

    /// For `take_over`.
    pub(super) fn as_user_data(&self) -> *mut c_void {
        self.0.as_ptr().cast()
    }
}

impl Drop for CommonRoom {
    fn drop(&mut self) {
        // SAFETY: made out of a box, freed once; the context that used it is gone.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

/// What a custom node holds as its parameters.
///
/// # Source
/// `ggml_custom_op_params` in ggml's `ggml-impl.h`; `ggml_custom_4d` in `ggml.c` writes it.
#[repr(C)]
struct CustomParameters {
    function: sys::ggml_custom_op_t,
    tasks: c_int,
    user_data: *mut c_void,
}

/// Looks at a node before it is computed. Never asks to see the result.
///
/// # Safety
/// For llama.cpp to call, of a context whose `workspace` is a [`Workspace`] that lives as long and that nobody else uses.
pub(super) unsafe extern "C" fn take_over(
    node: *mut sys::ggml_tensor,
    is_question: bool,
    workspace: *mut c_void,
) -> bool {
    if !is_question {
        return true;
    }
    // SAFETY: llama.cpp passes a node of the graph that it is about to compute, on the thread that called `llama_decode`, before any thread
    // computes it. It and its operands are alive, and nobody else looks at them. Nothing is computed meanwhile, so nobody uses the workspace.
    unsafe {
        let Some(node) = node.as_mut() else { return false };
        if node.op == sys::GGML_OP_MUL_MAT
            && let Some(product) = product::operands(node)
            && let Some(room) = workspace.cast::<Workspace>().as_mut()
        {
            product.prepare(room);
            make_custom(node, product::compute, workspace);
        } else if node.op == sys::GGML_OP_FLASH_ATTN_EXT
            && let Some(scale) = attention::plain_scale(node)
            && attention::operands(node, scale).is_some()
        {
            // The scale lies where the parameters of a custom node go; so it goes along with them.
            make_custom(node, attention::compute, std::ptr::without_provenance_mut(scale.to_bits() as usize));
        }
    }
    false
}

fn make_custom(
    node: &mut sys::ggml_tensor,
    function: unsafe extern "C" fn(*mut sys::ggml_tensor, c_int, c_int, *mut c_void),
    user_data: *mut c_void,
) {
    const {
        assert!(
            size_of::<CustomParameters>() <= size_of::<[i32; 16]>(),
            "the parameters of a node have 64 bytes"
        );
    };
    let parameters = CustomParameters { function: Some(function), tasks: ALL_THREADS, user_data };
    // SAFETY: there is room, as was just checked; the place is aligned for numbers of four bytes only.
    unsafe { (&raw mut node.op_params).cast::<CustomParameters>().write_unaligned(parameters) };
    node.op = sys::GGML_OP_CUSTOM;
}

fn share(thread: c_int, threads: c_int) -> Share {
    let [index, of] = [thread, threads].map(|number| usize::try_from(number).unwrap_or(0));
    Share { index, of: of.max(1) }
}

/// Whether the processor can read a tensor as it is.
///
/// # Safety
/// The tensor is alive.
unsafe fn is_in_host_memory(tensor: &sys::ggml_tensor) -> bool {
    // SAFETY: what a tensor is a view of, and their buffers, are alive with it; the type of a buffer lives as long as the process.
    unsafe {
        let buffer = tensor.view_src.as_ref().map_or(tensor.buffer, |source| source.buffer);
        !buffer.is_null() && sys::ggml_backend_buft_is_host(sys::ggml_backend_buffer_get_type(buffer))
    }
}

#[cfg(test)]
#[path = "kernels_tests.rs"]
mod tests;
