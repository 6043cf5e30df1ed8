//! Products of weights with tokens, and attention, computed by `moa_kernels` in place of ggml.
//!
//! llama.cpp shows every node of a graph to a callback before it computes it. One that `moa_kernels` computes faster becomes a node of ggml's
//! kind for functions of others ("custom"), which ggml's threads call as they would compute the node. Nothing else about it changes: its operands, its
//! result and where that lies.

use std::ffi::{c_int, c_void};

use llama_cpp_sys_2 as sys;
use moa_kernels::{Attention, Cells, Format, Inputs, Mask, Matrix, Output, Queries, Share};

use super::row_bytes;

/// `GGML_N_TASKS_MAX` in `ggml.h`: as many threads as there are.
const ALL_THREADS: c_int = -1;

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
pub(super) unsafe extern "C" fn take_over(
    node: *mut sys::ggml_tensor,
    is_question: bool,
    _: *mut c_void,
) -> bool {
    if !is_question {
        return true;
    }
    // SAFETY: llama.cpp passes a node of the graph that it is about to compute, on the thread that called `llama_decode`, before any thread
    // computes it. It and its operands are alive, and nobody else looks at them.
    unsafe {
        let Some(node) = node.as_mut() else { return false };
        if node.op == sys::GGML_OP_MUL_MAT && product(node).is_some() {
            make_custom(node, compute_product, std::ptr::null_mut());
        } else if node.op == sys::GGML_OP_FLASH_ATTN_EXT
            && let Some(scale) = plain_scale(node)
            && attention(node, scale).is_some()
        {
            // The scale lies where the parameters of a custom node go; so it goes along with them.
            make_custom(node, compute_attention, std::ptr::without_provenance_mut(scale.to_bits() as usize));
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

/// Computes a thread's share of a product.
unsafe extern "C" fn compute_product(
    node: *mut sys::ggml_tensor,
    thread: c_int,
    threads: c_int,
    _: *mut c_void,
) {
    // SAFETY: ggml calls for a node that `take_over` changed, while it and its operands are alive; the threads of a call do nothing else meanwhile.
    let Some(product) = (unsafe { product(node) }) else { return };
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
    moa_kernels::multiply(matrix, inputs, output, share(thread, threads));
}

/// The operands of a product.
struct Product {
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

/// The operands of a node, if it is a product for `moa_kernels`.
///
/// # Safety
/// The node and its operands are alive and are not changed meanwhile.
unsafe fn product(node: *const sys::ggml_tensor) -> Option<Product> {
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

/// The scale of a node for attention, if nothing else is asked of it: neither biases by distance nor a limit of scores.
fn plain_scale(node: &sys::ggml_tensor) -> Option<f32> {
    let [scale, largest_bias, limit] = [0, 1, 2].map(|at| f32::from_bits(node.op_params[at].cast_unsigned()));
    (largest_bias == 0.0 && limit == 0.0).then_some(scale)
}

/// Computes a thread's share of attention. The user data is the scale.
unsafe extern "C" fn compute_attention(
    node: *mut sys::ggml_tensor,
    thread: c_int,
    threads: c_int,
    scale: *mut c_void,
) {
    #[expect(clippy::cast_possible_truncation, reason = "the bits of a float, made so by `take_over`")]
    let scale = f32::from_bits(scale.addr() as u32);
    // SAFETY: ggml calls for a node that `take_over` changed, while it and its operands are alive; the threads of a call do nothing else meanwhile.
    let Some((attention, results, length)) =
        (unsafe { node.as_ref().and_then(|node| attention(node, scale)) })
    else {
        return;
    };
    // SAFETY: ggml's allocator gave the results room for as many numbers as their shape says, apart from the operands. Threads that
    // share the work write to different results.
    let output = unsafe { Output::new(results, length) };
    moa_kernels::attend(&attention, output, share(thread, threads));
}

/// The operands of a node, if it is attention for `moa_kernels`, and where its results go.
///
/// # Safety
/// The node and its operands are alive and are not changed while the result is used.
unsafe fn attention<'a>(node: &'a sys::ggml_tensor, scale: f32) -> Option<(Attention<'a>, *mut f32, usize)> {
    // SAFETY: as promised.
    let [queries, keys, values, mask] = unsafe {
        [node.src[0].as_ref()?, node.src[1].as_ref()?, node.src[2].as_ref()?, node.src[3].as_ref()?]
    };
    let size = |tensor: &sys::ggml_tensor, at: usize| usize::try_from(tensor.ne[at]).unwrap_or(0);
    let [dimensions, tokens, heads] = [0, 1, 2].map(|at| size(queries, at));
    let (cells, cell_heads) = (size(keys, 1), size(keys, 2));
    let tensors = [node, queries, keys, values, mask];
    let (float, half) = (size_of::<f32>(), size_of::<u16>());
    let is_plain = tokens > 0
        && node.type_ == sys::GGML_TYPE_F32
        && queries.type_ == sys::GGML_TYPE_F32
        && [keys, values, mask].iter().all(|tensor| tensor.type_ == sys::GGML_TYPE_F16)
        && node.src[4].is_null()
        && tensors.iter().all(|tensor| tensor.ne[3] == 1 && !tensor.data.is_null())
        && keys.ne == values.ne
        && size(keys, 0) == dimensions
        && size(mask, 0) == cells
        && size(mask, 1) >= tokens
        && mask.ne[2] == 1
        && node.ne == [queries.ne[0], queries.ne[2], queries.ne[1], 1]
        && node.nb[..3] == [float, dimensions * float, dimensions * heads * float]
        && queries.nb[0] == float
        && queries.nb[..3].iter().all(|bytes| bytes.is_multiple_of(float))
        && [keys, values, mask].iter().all(|tensor| {
            tensor.nb[0] == half && tensor.nb[..3].iter().all(|bytes| bytes.is_multiple_of(half))
        });
    if !is_plain || !Attention::is_suitable(dimensions, heads, cell_heads) {
        return None;
    }
    // SAFETY: as promised; what the strides and sizes of a tensor reach lies in its buffer, and nobody writes to operands while they are used.
    unsafe {
        if !tensors.iter().all(|tensor| is_in_host_memory(tensor)) {
            return None;
        }
        let end = |tensor: &sys::ggml_tensor, counts: [usize; 2], length: usize, unit: usize| {
            (counts[0] - 1) * (tensor.nb[1] / unit) + (counts[1] - 1) * (tensor.nb[2] / unit) + length
        };
        let of_cells = |tensor: &'a sys::ggml_tensor| Cells {
            numbers: std::slice::from_raw_parts(
                tensor.data.cast(),
                end(tensor, [cells.max(1), cell_heads], dimensions, half),
            ),
            head_stride: tensor.nb[2] / half,
            cell_stride: tensor.nb[1] / half,
        };
        let queries = Queries {
            numbers: std::slice::from_raw_parts(
                queries.data.cast(),
                end(queries, [tokens, heads], dimensions, float),
            ),
            dimensions,
            heads,
            tokens,
            head_stride: queries.nb[2] / float,
            token_stride: queries.nb[1] / float,
        };
        let mask = Mask {
            numbers: std::slice::from_raw_parts(mask.data.cast(), end(mask, [tokens, 1], cells, half)),
            token_stride: mask.nb[1] / half,
        };
        let attention =
            Attention::new(queries, [of_cells(keys), of_cells(values)], mask, (cells, cell_heads), scale)?;
        Some((attention, node.data.cast(), dimensions * heads * tokens))
    }
}

#[cfg(test)]
#[path = "kernels_tests.rs"]
mod tests;
