//! Files that are no models: an answer in words, and the process lives on.

use std::fs;
use std::path::Path;

use moa_core::{Failure, FailureKind, Sampling};
use moa_llama::{EngineOptions, LlamaEngine, ModelOptions, TokenCounter, inspect};

use crate::harness::{ask, model_path, request, turn};

fn failure_of(path: &Path) -> Failure {
    let engine = LlamaEngine::new(EngineOptions::default());
    let model = engine.model(ModelOptions::new("bad", path));
    let answer = ask(&model, request("Hello!", 4, Sampling::greedy()));
    let failure = answer.failure.expect("a bad file fails the call");
    assert_eq!(failure.kind, FailureKind::ModelUnavailable, "{failure}");
    assert!(failure.hint.is_some(), "{failure}");
    failure
}

#[test]
fn a_missing_file_a_folder_and_a_stranger_are_named() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    assert!(failure_of(&folder.path().join("none.gguf")).message.contains("does not exist"));
    assert!(failure_of(folder.path()).message.contains("directory"));
    let text = folder.path().join("text.gguf");
    fs::write(&text, "<html>404</html>").unwrap();
    assert!(failure_of(&text).message.contains("not a GGUF file"));
    fs::write(&text, "").unwrap();
    assert!(failure_of(&text).message.contains("not a GGUF file"));
}

#[test]
fn a_truncated_model_is_incomplete_wherever_it_ends() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.gguf");
    let whole = fs::read(model_path()).unwrap();
    for length in [10, 1000, 1_000_000, 50_000_000, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let failure = failure_of(&path);
        assert!(failure.message.contains("incomplete"), "{length}: {failure}");
    }
}

/// The model's file with its first occurrence of `from` replaced by `to` (of the same length).
fn patched(folder: &Path, from: &[u8], to: &[u8]) -> std::path::PathBuf {
    assert_eq!(from.len(), to.len());
    let mut bytes = fs::read(model_path()).unwrap();
    let place = bytes.windows(from.len()).position(|window| window == from).expect("found");
    bytes[place..place + to.len()].copy_from_slice(to);
    let path = folder.join("patched.gguf");
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_kind_of_model_that_llama_cpp_does_not_know_is_named() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    // The architecture's value: its length, then the text.
    let value = |text: &[u8]| [5_u64.to_le_bytes().as_slice(), text].concat();
    let failure = failure_of(&patched(folder.path(), &value(b"llama"), &value(b"zzzzz")));
    assert!(failure.message.contains("zzzzz"), "{failure}");
}

#[test]
fn missing_metadata_and_missing_tensors_are_failures_not_crashes() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in [
        (&b"llama.block_count"[..], &b"llama.block_cxxxx"[..]),
        (b"tokenizer.ggml.model", b"tokenizer.ggml.xxxxx"),
        (b"tokenizer.ggml.tokens", b"tokenizer.ggml.xxxxxx"),
        (b"token_embd.weight", b"token_xxxx.weight"),
        (b"blk.7.attn_q.weight", b"blk.7.xxxx_q.weight"),
    ] {
        let failure = failure_of(&patched(folder.path(), from, to));
        assert!(failure.message.contains("llama.cpp cannot load"), "{failure}");
    }
}

#[test]
fn a_file_that_appears_later_is_loaded_then() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later.gguf");
    let engine = LlamaEngine::new(EngineOptions::default());
    let model = engine.model(ModelOptions::new("later", &path));
    assert!(ask(&model, request("Hello!", 4, Sampling::greedy())).failure.is_some());
    fs::copy(model_path(), &path).unwrap();
    assert!(ask(&model, request("Hello!", 4, Sampling::greedy())).finish.is_some());
}

#[test]
fn a_good_file_tells_what_it_is() {
    let _turn = turn();
    let info = inspect(&model_path()).unwrap();
    assert_eq!(info.architecture.as_deref(), Some("llama"));
    assert!(info.has_chat_template);
    assert_eq!((info.parameters / 1_000_000, info.file_bytes), (134, 98_362_432));
    // 30 layers, 3 heads of 64, keys and values, 2 bytes each.
    assert_eq!(info.kv_bytes_per_token, Some(30 * 3 * 64 * 2 * 2));
    assert!(TokenCounter::open(Path::new("/nonexistent.gguf")).is_err());
}
