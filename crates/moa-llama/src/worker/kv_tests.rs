use std::sync::atomic::AtomicBool;

use super::*;
use crate::host::Footprint;
use crate::scheduler::MemoryBudget;
use crate::testing::{model, turn};

#[path = "draft_tests.rs"]
mod drafts;

const QUESTIONS: [&str; 4] = [
    "What is the capital of France?",
    "Name three colours of the rainbow.",
    "Why is the sky blue?",
    "Write one sentence about cats.",
];
const ANSWER_TOKENS: usize = 32;
/// Below this difference of the two best logits, sums that differ in their last bits may order them otherwise.
const NEAR_TIE: f32 = 0.25;

/// What the model thinks at one place.
#[derive(Debug, Clone)]
struct Opinion {
    best: Token,
    /// By how much the best logit is above the second best.
    lead: f32,
    logits: Vec<f32>,
}

impl Opinion {
    fn of(logits: &[f32]) -> Self {
        let (mut best, mut second) = (0, 1);
        if logits[1] > logits[0] {
            (best, second) = (1, 0);
        }
        for place in 2..logits.len() {
            if logits[place] > logits[best] {
                (best, second) = (place, best);
            } else if logits[place] > logits[second] {
                second = place;
            }
        }
        let lead = logits[best] - logits[second];
        Self { best: Token::try_from(best).unwrap(), lead, logits: logits.to_vec() }
    }

    /// The largest difference of a logit.
    fn distance(&self, other: &Self) -> f32 {
        self.logits.iter().zip(&other.logits).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }
}

fn cache(model: &Arc<Model>, threads: usize) -> KvCache {
    cache_of(model, KvCacheType::F16, threads)
}

fn cache_of(model: &Arc<Model>, kv_type: KvCacheType, threads: usize) -> KvCache {
    let limits = KvLimits {
        context_tokens: 1024,
        active_sequences: 4,
        reuses_prefixes: true,
        sequences: 8,
        batch_tokens: 256,
        outputs: 40,
        kv_type,
        threads,
        poll: 0,
        kernels: true,
    };
    let never = Arc::new(AtomicBool::new(false));
    KvCache::new(Arc::clone(model), limits, room(None), Arc::new(Abort::new(never)))
}

/// Room for one full context in a budget, a cell taking one byte.
fn room(budget_bytes: Option<u64>) -> KvRoom {
    let lease = MemoryBudget::new(budget_bytes).join(|| {});
    assert!(lease.take_now(1024));
    let footprint =
        Footprint { weight_bytes: 0, kv_bytes_per_token: 1, context_tokens: 1024, warnings: Vec::new() };
    KvRoom::new(Arc::new(lease), Arc::new(AtomicBool::new(false)), &footprint)
}

/// Sequences that are computed side by side.
struct Side<'cache> {
    kv: &'cache mut KvCache,
    sequences: Vec<SequenceId>,
    threads: usize,
}

impl<'cache> Side<'cache> {
    fn new(kv: &'cache mut KvCache, prompts: &[Vec<Token>], threads: usize) -> Self {
        let sequences = prompts.iter().map(|prompt| kv.claim(prompt).unwrap().sequence).collect();
        Self { kv, sequences, threads }
    }

    /// Computes more tokens of every sequence in one call; the opinion after the last one of each.
    fn compute(&mut self, tokens: &[&[Token]]) -> Vec<Opinion> {
        let mut batch = Batch::default();
        let mut outputs = Vec::new();
        for (sequence, tokens) in self.sequences.iter().zip(tokens) {
            let start = self.kv.table().length(*sequence);
            for (offset, token) in tokens.iter().enumerate() {
                let is_last = offset + 1 == tokens.len();
                batch.push(*token, start + offset, i32::try_from(*sequence).unwrap(), is_last);
            }
            outputs.push(batch.len() - 1);
        }
        self.kv.make_room(batch.len()).unwrap();
        self.kv.decode(&mut batch, self.threads).unwrap();
        for (sequence, tokens) in self.sequences.iter().zip(tokens) {
            self.kv.computed(*sequence, tokens);
        }
        outputs.into_iter().map(|output| Opinion::of(self.kv.logits(output).unwrap())).collect()
    }
}

/// A prompt and what the model alone makes of it, greedily.
fn alone(model: &Arc<Model>, prompt: &[Token]) -> (Vec<Token>, Vec<Opinion>) {
    let mut kv = cache(model, 1);
    let mut side = Side::new(&mut kv, &[prompt.to_vec()], 1);
    let mut opinions = side.compute(&[prompt]);
    let mut answer = Vec::new();
    while answer.len() < ANSWER_TOKENS {
        let token = opinions[opinions.len() - 1].best;
        answer.push(token);
        opinions.extend(side.compute(&[&[token]]));
    }
    (answer, opinions)
}

#[test]
fn a_batch_decides_as_each_sequence_alone_except_at_near_ties() {
    let _turn = turn();
    let model = model();
    let prompts = QUESTIONS.map(|question| model.tokenize(question, false));
    let alone: Vec<_> = prompts.iter().map(|prompt| alone(&model, prompt)).collect();

    // The batch is fed what each wrote alone, so that one near-tie does not make everything after it incomparable.
    let mut kv = cache(&model, 1);
    let mut side = Side::new(&mut kv, &prompts, 1);
    let mut together: Vec<Vec<Opinion>> = vec![Vec::new(); QUESTIONS.len()];
    for step in 0..=ANSWER_TOKENS {
        let next: Vec<&[Token]> = prompts
            .iter()
            .zip(&alone)
            .map(|(prompt, (answer, _))| if step == 0 { prompt.as_slice() } else { &answer[step - 1..step] })
            .collect();
        for (opinions, opinion) in together.iter_mut().zip(side.compute(&next)) {
            opinions.push(opinion);
        }
    }

    let (mut near_ties, mut largest) = (0, 0.0_f32);
    for (question, ((_, alone), together)) in QUESTIONS.iter().zip(alone.iter().zip(&together)) {
        for (place, (a, b)) in alone.iter().zip(together).enumerate() {
            largest = largest.max(a.distance(b));
            if a.lead < NEAR_TIE {
                near_ties += 1;
            } else {
                assert_eq!(a.best, b.best, "{question}, token {place}: the lead was {}", a.lead);
            }
        }
    }
    let places = QUESTIONS.len() * (ANSWER_TOKENS + 1);
    println!("{near_ties} near-ties at {places} places; the logits differ by {largest} at most");
    assert!(near_ties * 4 < places, "{near_ties} of {places} decisions were not compared");
    assert!(largest < NEAR_TIE, "logits differ by {largest}");
    // Another sequence's logits are far from these: a mix-up cannot pass.
    let mixed_up = alone[0].1[0].distance(&alone[1].1[0]);
    assert!(mixed_up > 4.0 * NEAR_TIE, "{mixed_up}");
}

#[test]
fn cells_taken_over_by_a_larger_cache_give_the_same_logits() {
    let _turn = turn();
    let model = model();
    let prompt = model.tokenize(QUESTIONS[2], false);
    for kv_type in [KvCacheType::F16, KvCacheType::Q8] {
        taken_over(&model, &prompt, kv_type);
    }
}

fn taken_over(model: &Arc<Model>, prompt: &Vec<Token>, kv_type: KvCacheType) {
    let decide = |grows: bool| {
        let mut kv = cache_of(model, kv_type, 1);
        let mut side = Side::new(&mut kv, std::slice::from_ref(prompt), 1);
        side.compute(&[prompt]);
        if grows {
            let before = side.kv.cells();
            side.kv.grow(before + 1).unwrap();
            assert!(side.kv.cells() > before);
        }
        side.compute(&[&[model.tokenize("The", false)[0]]]).remove(0)
    };
    assert_eq!(decide(true).logits, decide(false).logits);
}

#[test]
fn what_was_parked_frees_its_cells_and_gives_the_same_logits_when_it_is_put_back() {
    let _turn = turn();
    let model = model();
    let [question, other] =
        [[2, 3], [1, 0]].map(|[a, b]| model.tokenize(&[QUESTIONS[a], QUESTIONS[b]].join(" "), false));
    let next = model.tokenize("The", false)[0];
    let longer = [question.clone(), vec![next]].concat();
    for kv_type in [KvCacheType::F16, KvCacheType::Q8] {
        let mut kv = cache_of(&model, kv_type, 1);
        let mut side = Side::new(&mut kv, std::slice::from_ref(&question), 1);
        side.compute(&[&question]);
        let in_place = side.compute(&[&[next]]).remove(0);

        let mut kv = cache_of(&model, kv_type, 1);
        let mut side = Side::new(&mut kv, std::slice::from_ref(&question), 1);
        side.compute(&[&question]);
        let sequence = side.sequences[0];
        kv.release(sequence, false);
        let mut side = Side::new(&mut kv, std::slice::from_ref(&other), 1);
        side.compute(&[&other]);
        let sequence = side.sequences[0];
        assert_eq!((kv.table().used_cells(), kv.parked_cells()), (other.len(), question.len()));
        assert_eq!(kv.longest_held(&longer, question.len()), (None, question.len()));
        kv.release(sequence, false);

        // A beginning of it goes to another prompt, and the whole of it stays for its own.
        let branch = [&question[..question.len() - 1], &other[..2]].concat();
        let claim = kv.claim(&branch).unwrap();
        assert!(claim.cached_tokens >= question.len() - 1, "{}", claim.cached_tokens);
        kv.forget(claim.sequence);
        kv.release(claim.sequence, false);

        let mut side = Side { sequences: vec![kv.claim(&longer).unwrap().sequence], kv: &mut kv, threads: 1 };
        assert_eq!(side.kv.table().tokens(side.sequences[0]), question);
        let put_back = side.compute(&[&[next]]).remove(0);
        let distance = in_place.distance(&put_back);
        println!("{kv_type:?}: the logits differ by {distance}");
        assert!(in_place.best == put_back.best && distance < NEAR_TIE / 10.0, "logits differ by {distance}");
    }
}

#[test]
fn what_is_put_back_into_cells_that_lie_apart_decides_alike() {
    let _turn = turn();
    let model = model();
    let question = model.tokenize(&QUESTIONS.join(" "), false);
    let next = model.tokenize("The", false)[0];
    let others = [1, 2].map(|place| model.tokenize(&QUESTIONS[place].repeat(4), false));
    let mut kv = cache(&model, 1);
    let mut side = Side::new(&mut kv, std::slice::from_ref(&question), 1);
    side.compute(&[&question]);
    let in_place = side.compute(&[&[next]]).remove(0);
    let sequence = side.sequences[0];
    kv.release(sequence, false);

    // Two that write in turns; then one of them is gone and leaves a hole behind every cell of the other.
    let mut side = Side::new(&mut kv, &others, 1);
    for place in 0..others.iter().map(Vec::len).min().unwrap() {
        side.compute(&[&others[0][place..=place], &others[1][place..=place]]);
    }
    let gone = side.sequences[0];
    kv.forget(gone);
    kv.release(gone, false);
    let longer = [question.clone(), vec![next]].concat();
    let mut side = Side { sequences: vec![kv.claim(&longer).unwrap().sequence], kv: &mut kv, threads: 1 };
    assert_eq!(side.kv.table().tokens(side.sequences[0]), question);
    let put_back = side.compute(&[&[next]]).remove(0);
    let distance = in_place.distance(&put_back);
    println!("the logits differ by {distance}");
    assert!(in_place.best == put_back.best && distance < NEAR_TIE / 2.0, "logits differ by {distance}");
}

#[test]
fn where_there_is_no_memory_beside_the_cache_nothing_is_parked() {
    let _turn = turn();
    let model = model();
    let [question, other] =
        [[2, 3], [1, 0]].map(|[a, b]| model.tokenize(&[QUESTIONS[a], QUESTIONS[b]].join(" "), false));
    let mut kv = cache(&model, 1);
    let mut side = Side::new(&mut kv, std::slice::from_ref(&question), 1);
    side.compute(&[&question]);
    let sequence = side.sequences[0];
    // The whole room of a model with a budget is in its cache.
    kv.room = room(Some(1024));
    kv.grow(1024).unwrap();
    kv.release(sequence, false);
    kv.claim(&other).unwrap();
    assert_eq!((kv.table().used_cells(), kv.parked_cells()), (question.len(), 0));
    assert_eq!(kv.longest_held(&question, question.len()), (Some(sequence), question.len()));
}

#[test]
fn an_8_bit_cache_decides_nearly_as_one_of_16_bits() {
    let _turn = turn();
    let model = model();
    let prompt = model.tokenize(&QUESTIONS.join(" "), false);
    let opinion = |kv_type| {
        let mut kv = cache_of(&model, kv_type, 1);
        let mut side = Side::new(&mut kv, std::slice::from_ref(&prompt), 1);
        side.compute(&[&prompt]);
        side.compute(&[&[model.tokenize("The", false)[0]]]).remove(0)
    };
    let (exact, rounded) = (opinion(KvCacheType::F16), opinion(KvCacheType::Q8));
    let distance = exact.distance(&rounded);
    println!("the logits differ by {distance} at most");
    assert!(distance > 0.0, "the cache is really another one");
    assert!(distance < 2.0, "logits differ by {distance}");
    assert!(
        exact.best == rounded.best || exact.lead < 2.0 * distance,
        "{} against {}",
        exact.best,
        rounded.best
    );
}

#[test]
fn a_batch_that_is_too_large_is_refused_and_the_context_lives_on() {
    let _turn = turn();
    let model = model();
    let prompt = model.tokenize(QUESTIONS[2], false);
    let mut kv = cache(&model, 1);
    let mut side = Side::new(&mut kv, std::slice::from_ref(&prompt), 1);
    side.compute(&[&prompt]);
    let (sequence, start) = (i32::try_from(side.sequences[0]).unwrap(), prompt.len());
    for (tokens, outputs) in [(257, 1), (41, 41)] {
        let mut batch = Batch::default();
        for place in 0..tokens {
            batch.push(prompt[0], start + place, sequence, place < outputs);
        }
        side.kv.make_room(tokens).unwrap();
        assert_eq!(side.kv.decode(&mut batch, 1), Err(DecodeError::TooLarge(tokens)));
    }
    // What llama.cpp refuses by itself: no such token, no such sequence.
    for (token, sequence) in [(Token::MAX, sequence), (prompt[0], 99)] {
        let mut batch = Batch::default();
        batch.push(token, start, sequence, true);
        assert!(matches!(side.kv.decode(&mut batch, 1), Err(DecodeError::Failed(_))));
    }
    side.compute(&[&prompt[..1]]);
}
