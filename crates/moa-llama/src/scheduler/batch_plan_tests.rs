use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits { batch_tokens: 256, shared_batch_tokens: 32, mixed_prompt_tokens: 64 };

fn prompt(pending_tokens: usize) -> Demand {
    Demand { pending_tokens, is_prompt: true, is_ahead: false }
}

fn decoding() -> Demand {
    Demand { pending_tokens: 1, is_prompt: false, is_ahead: false }
}

#[test]
fn prompts_are_read_in_chunks_and_the_oldest_first() {
    assert_eq!(plan(&[prompt(1000), prompt(10)], false, LIMITS), [256, 0]);
    assert_eq!(plan(&[prompt(100), prompt(200)], false, LIMITS), [100, 156]);
    assert_eq!(plan(&[], false, LIMITS), Vec::<usize>::new());
}

#[test]
fn what_is_read_ahead_gets_what_is_left() {
    let ahead = Demand { is_ahead: true, ..prompt(1000) };
    assert_eq!(plan(&[ahead], false, LIMITS), [64]);
    assert_eq!(plan(&[ahead, prompt(100)], false, LIMITS), [64, 100]);
    assert_eq!(plan(&[ahead, prompt(240)], false, LIMITS), [16, 240]);
    assert_eq!(plan(&[ahead, prompt(1000)], false, LIMITS), [0, 256]);
    assert_eq!(plan(&[ahead, decoding()], false, LIMITS), [64, 1]);
}

#[test]
fn decoding_goes_on_while_a_prompt_is_read() {
    assert_eq!(plan(&[prompt(1000), decoding(), prompt(50), decoding()], false, LIMITS), [64, 1, 0, 1]);
    assert_eq!(plan(&[decoding(), prompt(10), prompt(100)], false, LIMITS), [1, 10, 54]);
}

#[test]
fn less_of_a_prompt_is_read_at_once_while_others_have_cores() {
    assert_eq!(plan(&[prompt(1000), prompt(10)], true, LIMITS), [32, 0]);
    assert_eq!(plan(&[prompt(1000), decoding()], true, LIMITS), [32, 1]);
}

#[test]
fn more_decoding_sequences_than_a_call_holds_do_not_break_it() {
    let limits = Limits { batch_tokens: 4, shared_batch_tokens: 4, mixed_prompt_tokens: 2 };
    assert_eq!(plan(&[decoding(); 6], false, limits), [1, 1, 1, 1, 0, 0]);
}

proptest! {
    #[test]
    fn a_call_is_never_too_large_never_empty_and_never_starves_an_answer(
        demands in prop::collection::vec((1_usize..2000, any::<bool>()), 1..32),
        shared in any::<bool>(),
    ) {
        let demands: Vec<Demand> = demands
            .into_iter()
            .map(|(pending, is_prompt)| if is_prompt { prompt(pending) } else { decoding() })
            .collect();
        let shares = plan(&demands, shared, LIMITS);
        let total: usize = shares.iter().sum();
        prop_assert!(total > 0 && total <= LIMITS.batch_tokens);
        let answers = demands.iter().filter(|demand| !demand.is_prompt).count();
        prop_assert!(!shared || total <= answers + LIMITS.shared_batch_tokens);
        for (share, demand) in shares.iter().zip(&demands) {
            prop_assert!(*share <= demand.pending_tokens);
            prop_assert!(demand.is_prompt || *share == 1);
        }
    }
}
