//! Replies of every dialect, one file for each peculiarity. Those of llama-server are its own bytes (`scripts/record_llama_server.py`, but for
//! two that older servers sent), the others are written after the services' documentation.

use std::fs;
use std::path::{Path, PathBuf};

use moa_core::{ChatEvent, Conversation, Failure};
use moa_openai::ReplyDecoder;

use crate::asking::request;

pub(crate) fn data(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// What a reply that arrives in pieces of the given size comes to.
fn decoded(bytes: &[u8], piece_bytes: usize) -> (Vec<ChatEvent>, Option<Failure>) {
    let key = request("Why is the sky blue?").key;
    let mut decoder = ReplyDecoder::new("asked-model", key, Conversation::ask("Why is the sky blue?"));
    let mut events = Vec::new();
    for piece in bytes.chunks(piece_bytes) {
        if let Err(failure) = decoder.push(piece, &mut events) {
            return (events, Some(failure));
        }
    }
    let failure = decoder.finish(&mut events).err();
    (events, failure)
}

#[test]
fn every_recorded_reply_gives_its_events_however_it_is_cut() {
    let files = data("answers");
    assert!(files.len() > 50, "{} files", files.len());
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let whole = decoded(&bytes, usize::MAX);
        for piece_bytes in 1..=7 {
            assert_eq!(decoded(&bytes, piece_bytes), whole, "{} in pieces of {piece_bytes}", file.display());
        }
        let mut lines: Vec<String> = whole.0.iter().map(|event| format!("{event:?}")).collect();
        lines.extend(whole.1.map(|failure| format!("{failure:?}")));
        let shown = lines.join("\n");
        let name = file.file_stem().unwrap().to_str().unwrap();
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(format!("answer-{name}"), shown);
        });
    }
}

#[test]
fn no_recorded_reply_has_anything_like_a_secret() {
    for file in data("answers").into_iter().chain(data("refusals")) {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_*".contains(c)));
        for word in words {
            let is_key = ["sk-", "gsk_", "hf_", "tgp_", "Bearer"].iter().any(|start| word.starts_with(start));
            let is_random = word.len() > 28
                && word.bytes().any(|byte| byte.is_ascii_digit())
                && word.bytes().any(|byte| byte.is_ascii_uppercase());
            assert!(!is_key && !is_random, "{word} in {}", file.display());
        }
    }
}
