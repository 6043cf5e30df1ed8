use super::super::reader::tests::Writer;
use super::*;

fn qwen() -> Writer {
    Writer::with_data(64)
        .string("general.architecture", "qwen2")
        .string("general.name", "Some Qwen")
        .string("general.license", "apache-2.0")
        .string("tokenizer.chat_template", "{{ messages }}")
        .number("qwen2.context_length", 32768)
        .number("qwen2.block_count", 24)
        .number("qwen2.embedding_length", 896)
        .number("qwen2.attention.head_count", 14)
        .tensor("a", &[4, 4], 0)
}

#[test]
fn a_file_tells_what_it_is() {
    let file = qwen().number("qwen2.attention.head_count_kv", 2).file();
    let info = inspect(file.path()).unwrap();
    assert_eq!(info.architecture.as_deref(), Some("qwen2"));
    assert_eq!(info.name.as_deref(), Some("Some Qwen"));
    assert_eq!(info.licence.as_deref(), Some("apache-2.0"));
    assert_eq!(info.training_context_tokens, Some(32768));
    assert!(info.has_chat_template);
    // 24 layers, 2 heads of 64, keys and values, 2 bytes each.
    assert_eq!(info.kv_bytes_per_token, Some(24 * 2 * 64 * 2 * 2));
    assert_eq!(info.memory_bytes(100, KvCacheType::F16), 64 + 100 * 12288);
    assert_eq!(info.memory_bytes(100, KvCacheType::Q8), 64 + 100 * 12288 * 34 / 64);
}

#[test]
fn heads_may_differ_by_layer_and_may_be_unknown() {
    let file = qwen().numbers("qwen2.attention.head_count_kv", &[1, 2, 3]).file();
    assert_eq!(inspect(file.path()).unwrap().kv_bytes_per_token, Some(6 * 64 * 2 * 2));
    let file = qwen().file();
    assert_eq!(inspect(file.path()).unwrap().kv_bytes_per_token, Some(24 * 14 * 64 * 2 * 2));
    let bare = Writer::default().string("general.architecture", "mystery").file();
    let info = inspect(bare.path()).unwrap();
    assert_eq!(
        (info.kv_bytes_per_token, info.has_chat_template, info.memory_bytes(9, KvCacheType::F16)),
        (None, false, 0)
    );
}
