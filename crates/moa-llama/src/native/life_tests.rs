//! What the border to llama.cpp does, from the loading of a model to its end, in one go: for valgrind (`make memcheck`), which needs many times as
//! long for everything, and for the usual tests as well.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::abort::Abort;
use crate::testing::{model, model_path, turn};

const GRAMMAR: &str = r#"root ::= "yes" | "no""#;

fn context(
    model: &Arc<Model>,
    kv_type: KvCacheType,
    cells: u32,
    threads: usize,
    stop: &Arc<AtomicBool>,
) -> Context {
    let parameters = ContextParameters {
        cells,
        sequences: 4,
        batch_tokens: 64,
        outputs: 8,
        kv_type,
        threads,
        poll: 0,
        kernels: true,
    };
    let abort = Arc::new(Abort::new(Arc::clone(stop)));
    Context::new(Arc::clone(model), parameters, abort).expect("a context")
}

/// Computes tokens of a sequence from a position on; the likeliest token behind them.
fn compute(
    context: &mut Context,
    tokens: &[Token],
    start: usize,
    sequence: i32,
) -> Result<Token, DecodeError> {
    let mut batch = Batch::default();
    for (offset, token) in tokens.iter().enumerate() {
        batch.push(*token, start + offset, sequence, offset + 1 == tokens.len());
    }
    context.decode(&mut batch)?;
    let logits = context.logits(batch.len() - 1).expect("logits");
    let best = (0..).zip(logits.iter()).max_by(|(_, a), (_, b)| a.total_cmp(b)).expect("a vocabulary").0;
    Ok(best)
}

#[test]
fn a_model_lives_and_ends() {
    let _turn = turn();
    let model = model();
    let text = "The sky is blue.";
    let tokens = model.tokenize(text, false);
    let mut bytes = Vec::new();
    for token in &tokens {
        model.append_piece(*token, &mut bytes);
    }
    assert_eq!(String::from_utf8(bytes).unwrap().trim(), text);
    assert!(model.metadata("general.architecture").is_some() && model.metadata("no.such.key").is_none());
    assert!(
        model.chat_template().is_some() && model.token_text(0).is_some() && model.token_text(-1).is_none()
    );
    let chatml = "{{ '<|im_start|>' }}{{ '<|im_end|>' }}";
    assert!(apply_known_template(chatml, &[("user", "Hello")]).is_none_or(|text| text.contains("Hello")));

    let stop = Arc::new(AtomicBool::new(false));
    for (kv_type, threads) in [(KvCacheType::F16, 1), (KvCacheType::Q8, 2)] {
        let mut first = context(&model, kv_type, 256, threads, &stop);
        first.set_threads(threads);
        let alone = compute(&mut first, &tokens, 0, 0).unwrap();
        // A second sequence shares the beginning, goes its own way, and is cut back.
        first.share_cells(0, 1, tokens.len() - 1);
        let last = tokens.len() - 1;
        assert_eq!(compute(&mut first, &tokens[last..], last, 1), Ok(alone));
        compute(&mut first, &tokens[..3], last + 1, 1).unwrap();
        assert!(first.truncate(1, last));
        assert_eq!(compute(&mut first, &tokens[last..], last, 1), Ok(alone));
        // A larger context takes over, and what is refused changes nothing.
        let saved = first.save();
        assert!(!first.restore(&saved[..saved.len() / 2]));
        drop(first);
        let mut second = context(&model, kv_type, 512, 1, &stop);
        assert!(second.restore(&saved));
        assert_eq!(compute(&mut second, &[Token::MAX], last + 1, 0), Err(DecodeError::Failed(-1)));
        let too_many = vec![tokens[0]; 65];
        assert_eq!(compute(&mut second, &too_many, last + 1, 0), Err(DecodeError::TooLarge(65)));
        second.truncate(1, 0);
        compute(&mut second, &tokens[..1], last + 1, 0).unwrap();
        // Broken off.
        stop.store(true, Ordering::Relaxed);
        assert_eq!(compute(&mut second, &tokens[..1], last + 2, 0), Err(DecodeError::Aborted));
        stop.store(false, Ordering::Relaxed);
        assert!(second.truncate(0, last + 2));
        compute(&mut second, &tokens[..1], last + 2, 0).unwrap();
    }
}

#[test]
fn a_grammar_lives_and_ends() {
    let _turn = turn();
    let model = model();
    assert!(Grammar::new(&model, "root ::= (").is_none());
    let mut grammar = Grammar::new(&model, GRAMMAR).expect("a grammar");
    let [yes, other] = ["yes", "maybe"].map(|text| model.tokenize(text, false)[0]);
    assert!(grammar.allows(yes) && !grammar.allows(other));
    let mut logits = vec![1.0; model.vocabulary_size()];
    grammar.mask(&mut logits);
    assert!(logits[usize::try_from(yes).unwrap()].is_finite());
    assert!(logits.iter().filter(|logit| logit.is_finite()).count() < 20);
    // What is not allowed is not taken.
    grammar.accept(other, false);
    grammar.accept(yes, false);
    assert!(!grammar.allows(yes));
    // The grammar keeps its model.
    drop(model);
    let mut logits = vec![1.0; logits.len()];
    grammar.mask(&mut logits);
}

#[test]
fn what_cannot_be_loaded_leaves_nothing_behind() {
    let _turn = turn();
    crate::system::initialize();
    let parameters = ModelParameters { vocabulary_only: false, gpu_layers: Some(0), repack: true };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.gguf");
    let whole = std::fs::read(model_path()).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(Model::load(&path, parameters, |_| true).is_err());
    assert!(Model::load(&model_path(), parameters, |_| false).is_err());
    let vocabulary = ModelParameters { vocabulary_only: true, ..parameters };
    assert!(Model::load(&model_path(), vocabulary, |_| true).unwrap().vocabulary_size() > 0);
    assert_eq!(row_bytes(u32::MAX, 32), None);
    assert!(!system_description().is_empty());
}
