use std::path::PathBuf;

use super::*;
use crate::native::KvCacheType;

const MB: u64 = 1_000_000;

fn options(context_tokens: Option<u32>, kv_type: KvCacheType) -> HostOptions {
    HostOptions {
        path: PathBuf::from("m.gguf"),
        context_tokens,
        parallel_sequences: 8,
        gpu_layers: None,
        kv_type,
        poll: 0,
        kernels: true,
        lookup: true,
        peer_lookup: true,
        prefix_reuse: true,
        read_ahead: true,
    }
}

/// 100 MB of weights, 10,240 bytes for a token, trained on 4096 tokens.
fn info() -> GgufInfo {
    GgufInfo {
        path: PathBuf::from("m.gguf"),
        file_bytes: 101 * MB,
        architecture: None,
        name: None,
        licence: None,
        parameters: 0,
        tensors: 1,
        weight_bytes: 100 * MB,
        tiled_weight_bytes: 0,
        kernel_weight_bytes: 0,
        training_context_tokens: Some(4096),
        has_chat_template: true,
        kv_bytes_per_token: Some(10_240),
    }
}

fn footprint(context_tokens: Option<u32>, budget_bytes: Option<u64>) -> Result<Footprint, LlamaError> {
    Footprint::of(&options(context_tokens, KvCacheType::F16), &info(), budget_bytes)
}

#[test]
fn a_model_takes_its_weights_and_one_full_context() {
    let whole = footprint(None, None).unwrap();
    assert_eq!((whole.context_tokens, whole.bytes()), (4096, 100 * MB + 4096 * 10_240));
    assert_eq!(footprint(None, Some(200 * MB)).unwrap(), whole);
    assert_eq!(footprint(Some(1000), None).unwrap().bytes(), 100 * MB + 1024 * 10_240);
    assert_eq!(footprint(Some(9000), None).unwrap().context_tokens, 4096);
}

#[test]
fn an_8_bit_cache_takes_34_bytes_in_place_of_64() {
    let quantised = Footprint::of(&options(None, KvCacheType::Q8), &info(), None).unwrap();
    assert_eq!(quantised.kv_bytes_per_token, 10_240 * 34 / 64);
}

#[test]
fn a_small_budget_leaves_a_smaller_context_and_says_so() {
    let small = footprint(None, Some(110 * MB)).unwrap();
    assert_eq!(small.context_tokens, 768);
    assert!(small.bytes() <= 110 * MB);
    assert!(small.warnings[0].contains("768 tokens of context instead of 4096"), "{small:?}");
}

#[test]
fn a_budget_that_cannot_hold_the_model_is_refused_with_what_it_needs() {
    let error = footprint(None, Some(101 * MB)).unwrap_err();
    assert!(error.to_string().contains("m.gguf"), "{error}");
    let needed = (100 * MB + 512 * 10_240).div_ceil(MB);
    assert!(error.hint().unwrap().contains(&format!("{needed} MB")), "{:?}", error.hint());
}
