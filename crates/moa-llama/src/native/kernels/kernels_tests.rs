use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::abort::Abort;
use crate::native::{Batch, Context, ContextParameters, KvCacheType, Model, ModelParameters, Token};
use crate::testing::{model_path, turn};

const TEXT: &str = "The keeper of the lighthouse wrote the weather into a thick green book every evening, and read in it when ships were late.";

fn model() -> Arc<Model> {
    crate::system::initialize();
    let parameters = ModelParameters { vocabulary_only: false, gpu_layers: Some(0), repack: true };
    Arc::new(Model::load(&model_path(), parameters, |_| true).expect("the test model"))
}

fn context(model: &Arc<Model>, kernels: bool, threads: usize) -> Context {
    let parameters = ContextParameters {
        cells: 512,
        sequences: 4,
        batch_tokens: 64,
        outputs: 64,
        kv_type: KvCacheType::F16,
        threads,
        poll: 0,
        kernels,
    };
    let mut context =
        Context::new(Arc::clone(model), parameters, Arc::new(Abort::new(Arc::new(AtomicBool::new(false)))))
            .expect("a context");
    context.set_threads(threads);
    context
}

/// The logits behind each token of texts that are read together, sequence by sequence.
fn logits(context: &mut Context, sequences: &[&[Token]], start: usize) -> Vec<Vec<f32>> {
    let mut batch = Batch::default();
    for (sequence, tokens) in (0..).zip(sequences) {
        for (offset, token) in tokens.iter().enumerate() {
            batch.push(*token, start + offset, sequence, true);
        }
    }
    context.decode(&mut batch).expect("decoded");
    (0..batch.len()).map(|index| context.logits(index).expect("logits").to_vec()).collect()
}

/// How far apart two rows of logits are, as a share of how far they lie from their mean.
fn distance(some: &[f32], others: &[f32]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a vocabulary is small")]
    let mean = some.iter().sum::<f32>() / some.len() as f32;
    let spread: f32 = some.iter().map(|logit| (logit - mean).powi(2)).sum();
    let apart: f32 = some.iter().zip(others).map(|(some, other)| (some - other).powi(2)).sum();
    (apart / spread).sqrt()
}

#[test]
fn logits_are_those_of_ggml_but_for_rounding() {
    // A small model makes much of little: rounded inputs that fall the other way at one place move all that follows. Logits of other tokens are 1 apart and more.
    let _turn = turn();
    let model = model();
    let tokens = model.tokenize(TEXT, false);
    let (first, second) = tokens.split_at(tokens.len() / 2);
    for threads in [1, 2] {
        let [ours, ggml] = [true, false].map(|kernels| {
            let mut context = context(&model, kernels, threads);
            // A prompt, two prompts of other sequences beside each other, and a token of each.
            let mut all = logits(&mut context, &[first], 0);
            context.share_cells(0, 1, first.len());
            all.extend(logits(&mut context, &[second, &tokens[..7]], first.len()));
            all.extend(logits(&mut context, &[&tokens[3..4]], first.len() + second.len()));
            all
        });
        for (index, (ours, ggml)) in ours.iter().zip(&ggml).enumerate() {
            assert!(
                distance(ggml, ours) < 0.3,
                "{threads} threads, row {index}: {} apart",
                distance(ggml, ours)
            );
        }
    }
}

#[test]
fn kernels_compute_where_the_processor_has_the_instructions() {
    let _turn = turn();
    let model = model();
    let tokens = model.tokenize(TEXT, false);
    let [ours, ggml] = [true, false].map(|kernels| logits(&mut context(&model, kernels, 1), &[&tokens], 0));
    // Sums in another order differ in their last bits somewhere.
    assert_eq!(ours != ggml, moa_kernels::is_supported());
}

#[test]
fn a_token_gets_the_same_logits_whoever_is_read_beside_it() {
    if !moa_kernels::is_supported() {
        return;
    }
    let _turn = turn();
    let model = model();
    let tokens = model.tokenize(TEXT, false);
    let alone = logits(&mut context(&model, true, 2), &[&tokens], 0);
    let in_company = logits(&mut context(&model, true, 1), &[&tokens, &tokens[2..9], &tokens[5..10]], 0);
    assert!(alone == in_company[..tokens.len()], "bit by bit");
    let mut one_by_one = context(&model, true, 2);
    for (at, expected) in alone.iter().enumerate() {
        assert!(logits(&mut one_by_one, &[&tokens[at..=at]], at)[0] == *expected, "token {at}, bit by bit");
    }
}
