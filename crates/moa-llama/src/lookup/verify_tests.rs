#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "tokens below 5"
)]

use moa_core::Sampling;

use super::*;
use crate::lookup::LookupIndex;
use crate::sampler::{Sampler, SamplingDefaults};

/// As many tokens as the invented model knows; it never ends an answer.
const VOCABULARY: usize = 5;
const ANSWER_TOKENS: usize = 60;

/// A model whose opinion depends on the last two tokens.
fn logits(tokens: &[Token]) -> Vec<f32> {
    let [.., before, last] = tokens else { return vec![0.0; VOCABULARY] };
    (0..VOCABULARY as i32).map(|token| ((last * 7 + before * 3 + token * 5) % 11) as f32 * 0.35).collect()
}

/// What must not matter to the other choices: nothing is cut away from the small vocabulary.
fn sampler(seed: u64, temperature: f32) -> Sampler {
    let defaults = SamplingDefaults { top_k: 0, top_p: 1.0, min_p: 0.0, repeat_penalty: 1.0 };
    let sampling = Sampling { temperature, seed: Some(seed), ..Sampling::default() };
    Sampler::new(&sampling, defaults).unwrap()
}

fn plain(seed: u64, temperature: f32) -> Vec<Token> {
    let mut sampler = sampler(seed, temperature);
    let mut tokens = vec![0, 1];
    while tokens.len() < ANSWER_TOKENS {
        tokens.push(sampler.sample(&mut logits(&tokens), None).unwrap());
    }
    tokens
}

/// The same with drafts out of the answer's own beginning; also how many drafted tokens stayed and went.
fn drafted(seed: u64, temperature: f32) -> (Vec<Token>, usize, usize) {
    let mut sampler = sampler(seed, temperature);
    let mut index = LookupIndex::default();
    let mut tokens = vec![0, 1];
    let (mut right, mut wrong) = (0, 0);
    while tokens.len() < ANSWER_TOKENS {
        index.read(&tokens);
        let draft = index
            .continuation(&tokens, &tokens)
            .map_or_else(Vec::new, |found| tokens[found.start..].to_vec());
        let before = tokens.clone();
        let verified = verify(&draft, |place| {
            // The logits were computed behind the draft's tokens, whatever was written.
            let read = [&before[..], &draft[..place]].concat();
            let token = sampler.sample(&mut logits(&read), None).unwrap();
            tokens.push(token);
            if tokens.len() < ANSWER_TOKENS { Written::Token(token) } else { Written::End }
        });
        right += verified.accepted;
        wrong += draft.len() - verified.accepted;
    }
    (tokens, right, wrong)
}

#[test]
fn with_equal_randomness_drafts_change_nothing() {
    let (mut right, mut wrong) = (0, 0);
    for seed in 0..300 {
        for temperature in [0.0, 0.3, 1.0] {
            let (tokens, stayed, went) = drafted(seed, temperature);
            assert_eq!(tokens, plain(seed, temperature), "seed {seed}, temperature {temperature}");
            right += stayed;
            wrong += went;
        }
    }
    assert!(right > 1_000 && wrong > 1_000, "both kinds of drafts were judged: {right}, {wrong}");
}

#[test]
fn with_other_randomness_every_token_comes_as_often_as_the_model_wants() {
    // How often each token follows each pair, among answers with drafts, against the model's own probabilities.
    let mut counts = vec![[0_u32; VOCABULARY]; VOCABULARY * VOCABULARY];
    for seed in 10_000..12_000 {
        let (tokens, ..) = drafted(seed, 1.0);
        for window in tokens.windows(3) {
            let pair = window[0] as usize * VOCABULARY + window[1] as usize;
            counts[pair][window[2] as usize] += 1;
        }
    }
    let (mut chi_squared, mut freedom) = (0.0, 0.0);
    for (pair, counts) in counts.iter().enumerate() {
        let total: f64 = counts.iter().map(|count| f64::from(*count)).sum();
        if total < 500.0 {
            continue;
        }
        let logits = logits(&[(pair / VOCABULARY) as Token, (pair % VOCABULARY) as Token]);
        let weights: Vec<f64> = logits.iter().map(|logit| f64::from(*logit).exp()).collect();
        let sum: f64 = weights.iter().sum();
        for (count, weight) in counts.iter().zip(&weights) {
            let expected = total * weight / sum;
            chi_squared += (f64::from(*count) - expected).powi(2) / expected;
        }
        freedom += VOCABULARY as f64 - 1.0;
    }
    assert!(freedom > 40.0, "{freedom}");
    // A chi-squared value has the mean `freedom` and the variance twice that; the seeds are fixed, so this passes always or never.
    let deviations = (chi_squared - freedom) / (2.0_f64 * freedom).sqrt();
    assert!(deviations.abs() < 3.0, "{chi_squared} at {freedom} degrees of freedom");
}

#[test]
fn a_wrong_token_ends_the_draft_and_an_end_ends_the_answer() {
    use Written::{End, Token};
    let draft = [1, 2, 3];
    let of = |written: &'static [Written]| verify(&draft, |place| written[place]);
    assert_eq!(of(&[Token(9)]), Verified { accepted: 0, has_ended: false });
    assert_eq!(of(&[Token(1), Token(9)]), Verified { accepted: 1, has_ended: false });
    assert_eq!(of(&[Token(1), Token(2), Token(3), Token(4)]), Verified { accepted: 3, has_ended: false });
    assert_eq!(of(&[Token(1), End]), Verified { accepted: 1, has_ended: true });
    assert_eq!(of(&[End]), Verified { accepted: 0, has_ended: true });
    assert_eq!(verify(&[], |_| Token(1)), Verified { accepted: 0, has_ended: false });
}
