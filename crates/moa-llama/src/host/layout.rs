//! How a model's weights lie in memory.
//!
//! ggml can compute with weights as they lie in the file, mapped, or copy them into an order of its own first (repacking). For one answer at a time the
//! copy is faster. But products of K and i quants with eight tokens or more it computes in tiles where the weights are as they are, and with the 512-bit VNNI
//! instructions tiles read prompts half as fast again, and write many answers at once faster. So it is asked how many answers the model is to write at once.
//! `examples/throughput.rs` measures it: Qwen2.5-Coder 1.5B (`Q4_K_M`), two cores of an AMD EPYC, eleven answers at once, repacked: 141 tokens read and 85 written a
//! second; twelve, as they are: 188 and 87.
//!
//! The kernels of `moa_kernels` take weights as they lie in the file, and are as fast with them as with the copy (within 4 %, Intel Xeon, two cores), which is saved then:
//! 0.4 s of loading and 0.7 GB of that model.

use crate::gguf::GgufInfo;

/// The instruction set with which tiles are known to be faster.
const NEEDED_FEATURE: &str = "AVX512_VNNI";

/// From so many answers at once on, weights are left as they are.
const MANY_SEQUENCES: u32 = 12;

/// Whether ggml may copy a model's weights into an order of its own. `features` are those of the processor that ggml uses, `sequences` the answers that are
/// written at once; `kernels` says whether ours compute.
pub(super) fn repacks(info: &GgufInfo, features: &[String], sequences: u32, kernels: bool) -> bool {
    let has_feature = features.iter().any(|feature| feature == NEEDED_FEATURE);
    let is_mostly_tiled = info.tiled_weight_bytes > info.weight_bytes / 2;
    let is_mostly_ours = kernels && info.kernel_weight_bytes > info.weight_bytes / 2;
    let is_tiled_fast = sequences >= MANY_SEQUENCES && has_feature && is_mostly_tiled;
    !(is_mostly_ours || is_tiled_fast)
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
