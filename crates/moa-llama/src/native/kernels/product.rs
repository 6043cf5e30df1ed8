//! Products of weights with tokens: nodes of ggml's that `moa_kernels` computes.

use std::ffi::{c_int, c_void};

use llama_cpp_sys_2 as sys;
use moa_kernels::{Format, Inputs, Matrix, Output, Workspace};

use super::super::row_bytes;
use super::{is_in_host_memory, share};

/// Computes a thread's share of a product.
pub(super) unsafe extern "C" fn compute(
    node: *mut sys::ggml_tensor,
    thread: c_int,
    threads: c_int,
    workspace: *mut c_void,
) {
    // SAFETY: ggml calls for a node that `take_over` changed, while it and its operands are alive; the threads of a call do nothing else meanwhile.
    let Some(product) = (unsafe { operands(node) }) else { return };
    // SAFETY: `take_over` made the workspace the node's user data; the context keeps it.
    let Some(workspace) = (unsafe { workspace.cast::<Workspace>().as_ref() }) else { return };
    // SAFETY: ggml's allocator gave weights, inputs and results room for as many numbers as their shapes say, which were checked, and does not
    // let results overlap with operands of the same node. Threads that share the product write to different results.
    let (weights, inputs, output) = unsafe {
        let weights = std::slice::from_raw_parts(
            product.weights,
            product.rows * product.format.row_bytes(product.columns),
        );
        let numbers = (product.tokens - 1) * product.stride + product.columns;
        let inputs = std::slice::from_raw_parts(product.inputs, numbers);
        (weights, inputs, Output::new(product.results, product.rows * product.tokens))
    };
    let matrix = Matrix::new(product.format, product.rows, product.columns, weights);
    let inputs = Inputs::new(inputs, product.columns, product.stride, product.tokens);
    let (Some(matrix), Some(inputs)) = (matrix, inputs) else { return };
    // SAFETY: ggml calls each of its threads once for a node, all at the same time, and has them wait for each other before the next. What they
    // were given is the same for all, and the workspace was prepared for it when llama.cpp showed it; a graph that it computes again has the same shapes.
    unsafe { moa_kernels::multiply(matrix, inputs, output, share(thread, threads), workspace) };
}

/// The operands of a product.
pub(super) struct Product {
    format: Format,
    rows: usize,
    columns: usize,
    tokens: usize,
    weights: *const u8,
    inputs: *const f32,
    /// Numbers from one token's inputs to the next one's.
    stride: usize,
    results: *mut f32,
}

impl Product {
    /// Makes room for its inputs. Nothing may be computed meanwhile.
    pub(super) fn prepare(&self, workspace: &mut Workspace) {
        workspace.prepare(self.format, self.columns, self.tokens);
    }
}

/// The operands of a node, if it is a product for `moa_kernels`.
///
/// # Safety
/// The node and its operands are alive and are not changed meanwhile.
pub(super) unsafe fn operands(node: *const sys::ggml_tensor) -> Option<Product> {
    // SAFETY: as promised.
    unsafe {
        let node = node.as_ref()?;
        let (weights, inputs) = (node.src[0].as_ref()?, node.src[1].as_ref()?);
        let is_flat = |tensor: &sys::ggml_tensor| tensor.ne[2] == 1 && tensor.ne[3] == 1;
        let float = size_of::<f32>();
        let [rows, columns, tokens] =
            [weights.ne[1], weights.ne[0], inputs.ne[1]].map(|size| usize::try_from(size).unwrap_or(0));
        let is_plain = tokens > 0
            && inputs.type_ == sys::GGML_TYPE_F32
            && node.type_ == sys::GGML_TYPE_F32
            && is_flat(weights)
            && is_flat(inputs)
            && inputs.ne[0] == weights.ne[0]
            && inputs.nb[0] == float
            && inputs.nb[1].is_multiple_of(float)
            && inputs.nb[1] >= columns * float
            && node.ne == [weights.ne[1], inputs.ne[1], 1, 1]
            && node.nb[0] == float
            && node.nb[1] == rows * float
            && is_in_host_memory(inputs)
            && is_in_host_memory(node)
            && !weights.data.is_null()
            && !inputs.data.is_null()
            && !node.data.is_null();
        if !is_plain {
            return None;
        }
        let format = format(weights)?;
        let is_whole_row = row_bytes(weights.type_, columns as u64) == Some(weights.nb[1] as u64);
        (is_whole_row && Matrix::is_suitable(format, rows, columns)).then_some(Product {
            format,
            rows,
            columns,
            tokens,
            weights: weights.data.cast(),
            inputs: inputs.data.cast(),
            stride: inputs.nb[1] / float,
            results: node.data.cast(),
        })
    }
}

/// How a tensor's weights lie in the processor's memory; `None` where they lie elsewhere or in a way that `moa_kernels` does not know, such as
/// the orders of ggml's own into which it copies weights.
///
/// # Safety
/// The tensor is alive.
unsafe fn format(weights: &sys::ggml_tensor) -> Option<Format> {
    // SAFETY: as promised. ggml says of its own orders that they are not the host's.
    if !unsafe { is_in_host_memory(weights) } {
        return None;
    }
    format_of(weights.type_)
}

/// Whether `moa_kernels` knows the format of a tensor type.
pub(crate) fn is_known(tensor_type: u32) -> bool {
    format_of(tensor_type).is_some()
}

fn format_of(tensor_type: u32) -> Option<Format> {
    match tensor_type {
        sys::GGML_TYPE_Q4_0 => Some(Format::Q4_0),
        sys::GGML_TYPE_Q4_1 => Some(Format::Q4_1),
        sys::GGML_TYPE_Q5_0 => Some(Format::Q5_0),
        sys::GGML_TYPE_Q5_1 => Some(Format::Q5_1),
        sys::GGML_TYPE_Q8_0 => Some(Format::Q8_0),
        sys::GGML_TYPE_Q4_K => Some(Format::Q4K),
        sys::GGML_TYPE_Q5_K => Some(Format::Q5K),
        sys::GGML_TYPE_Q6_K => Some(Format::Q6K),
        _ => None,
    }
}
