//! Attention: nodes of ggml's that `moa_kernels` computes.

use std::ffi::{c_int, c_void};

use llama_cpp_sys_2 as sys;
use moa_kernels::{Attention, Cells, Mask, Output, Queries};

use super::{is_in_host_memory, share};

/// The scale of a node for attention, if nothing else is asked of it: neither biases by distance nor a limit of scores.
pub(super) fn plain_scale(node: &sys::ggml_tensor) -> Option<f32> {
    let [scale, largest_bias, limit] = [0, 1, 2].map(|at| f32::from_bits(node.op_params[at].cast_unsigned()));
    (largest_bias == 0.0 && limit == 0.0).then_some(scale)
}

/// Computes a thread's share of attention. The user data is the scale.
pub(super) unsafe extern "C" fn compute(
    node: *mut sys::ggml_tensor,
    thread: c_int,
    threads: c_int,
    scale: *mut c_void,
) {
    #[expect(clippy::cast_possible_truncation, reason = "the bits of a float, made so by `take_over`")]
    let scale = f32::from_bits(scale.addr() as u32);
    // SAFETY: ggml calls for a node that `take_over` changed, while it and its operands are alive; the threads of a call do nothing else meanwhile.
    let Some((attention, results, length)) =
        (unsafe { node.as_ref().and_then(|node| operands(node, scale)) })
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
pub(super) unsafe fn operands<'a>(
    node: &'a sys::ggml_tensor,
    scale: f32,
) -> Option<(Attention<'a>, *mut f32, usize)> {
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
