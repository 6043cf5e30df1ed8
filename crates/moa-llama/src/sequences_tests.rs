use proptest::prelude::*;

use super::*;

fn compute(table: &mut Sequences, claim: &Claim, prompt: &[Token]) {
    for token in &prompt[claim.cached_tokens..] {
        table.push(claim.sequence, *token);
    }
}

fn run(table: &mut Sequences, prompt: &[Token]) -> Claim {
    let claim = table.claim(prompt, true).unwrap();
    compute(table, &claim, prompt);
    claim
}

#[test]
fn the_last_token_of_a_prompt_is_always_computed() {
    let mut table = Sequences::new(4);
    let first = run(&mut table, &[1, 2, 3]);
    assert_eq!(first.cached_tokens, 0);
    table.release(first.sequence, false);
    let again = table.claim(&[1, 2, 3], true).unwrap();
    assert_eq!((again.sequence, again.cached_tokens), (first.sequence, 2));
    assert_eq!(again.steps, [CacheStep::Truncate { sequence: first.sequence, length: 2 }]);
}

#[test]
fn a_conversation_goes_on_in_its_own_sequence() {
    let mut table = Sequences::new(4);
    let first = run(&mut table, &[1, 2, 3, 4]);
    table.release(first.sequence, false);
    let next = table.claim(&[1, 2, 3, 4, 5, 6], true).unwrap();
    assert_eq!((next.sequence, next.cached_tokens, next.steps), (first.sequence, 4, vec![]));
}

#[test]
fn samples_of_one_prompt_share_the_cells_of_the_one_that_is_active() {
    let mut table = Sequences::new(4);
    let prompt: Vec<Token> = (0..100).collect();
    let first = run(&mut table, &prompt);
    assert_eq!(table.used_cells(), 100);
    let second = table.claim(&prompt, true).unwrap();
    assert_ne!(second.sequence, first.sequence);
    assert_eq!(second.cached_tokens, 99);
    let share = CacheStep::Share { from: first.sequence, to: second.sequence, length: 99 };
    assert_eq!(second.steps, [share]);
    compute(&mut table, &second, &prompt);
    assert_eq!(table.used_cells(), 101, "99 cells are shared");
}

#[test]
fn a_branch_leaves_the_other_conversation_its_cells() {
    let mut table = Sequences::new(4);
    let first = run(&mut table, &[1, 2, 3, 4, 5, 6]);
    table.release(first.sequence, false);
    let branch = run(&mut table, &[1, 2, 9, 9]);
    assert_ne!(branch.sequence, first.sequence);
    assert_eq!(branch.cached_tokens, 2);
    table.release(branch.sequence, false);
    let back = table.claim(&[1, 2, 3, 4, 5, 6, 7], true).unwrap();
    assert_eq!((back.sequence, back.cached_tokens), (first.sequence, 6));
}

#[test]
fn the_sequence_used_longest_ago_gives_way() {
    let mut table = Sequences::new(2);
    let a = run(&mut table, &[1, 1, 1]);
    let b = run(&mut table, &[2, 2, 2]);
    assert_eq!(table.claim(&[3], true), None, "both are active");
    table.release(b.sequence, false);
    table.release(a.sequence, false);
    let c = table.claim(&[3, 3], true).unwrap();
    assert_eq!(c.sequence, b.sequence);
    assert_eq!(c.steps, [CacheStep::Truncate { sequence: b.sequence, length: 0 }]);
    assert_eq!(table.evict(), Some(CacheStep::Truncate { sequence: a.sequence, length: 0 }));
    assert_eq!((table.evict(), table.used_cells(), table.peak_cells()), (None, 0, 6));
}

#[test]
fn the_only_idle_sequence_is_cut_back_to_what_can_be_used() {
    let mut table = Sequences::new(1);
    let a = run(&mut table, &[1, 2, 3, 4, 5]);
    table.release(a.sequence, false);
    let b = table.claim(&[1, 2, 7], true).unwrap();
    assert_eq!(b.cached_tokens, 2);
    assert_eq!(b.steps, [CacheStep::Truncate { sequence: 0, length: 2 }]);
    assert_eq!(table.used_cells(), 2);
}

#[test]
fn what_a_request_is_on_its_way_for_is_not_idle_until_it_is_late() {
    let mut table = Sequences::new(3);
    let read = run(&mut table, &[1, 2, 3]);
    let written = run(&mut table, &[4, 5]);
    assert!(table.idle().is_empty());
    table.release(read.sequence, true);
    table.release(written.sequence, false);
    assert_eq!(table.idle(), [written.sequence]);
    for _ in 1..LONGEST_AWAITED {
        let other = run(&mut table, &[9]);
        table.release(other.sequence, false);
    }
    assert!(table.idle().contains(&read.sequence));
}

#[test]
fn nothing_is_reused_where_the_model_cannot() {
    let mut table = Sequences::new(2);
    let a = run(&mut table, &[1, 2, 3]);
    table.release(a.sequence, false);
    assert_eq!(table.claim(&[1, 2, 3, 4], false).unwrap().cached_tokens, 0);
}

proptest! {
    /// A real cache that obeys the steps must always hold what the table says.
    #[test]
    fn the_steps_keep_the_real_cache_in_line(
        history in prop::collection::vec((prop::collection::vec(0_i32..3, 1..12), 0_u8..4), 1..60),
    ) {
        let mut table = Sequences::new(3);
        let mut real: Vec<Vec<Token>> = vec![Vec::new(); 3];
        let mut active: Vec<SequenceId> = Vec::new();
        let apply = |step: CacheStep, real: &mut Vec<Vec<Token>>| match step {
            CacheStep::Truncate { sequence, length } => real[sequence].truncate(length),
            CacheStep::Share { from, to, length } => {
                assert!(real[to].is_empty(), "cells are only shared with an empty sequence");
                real[to] = real[from][..length].to_vec();
            }
        };
        for (prompt, action) in history {
            if let Some(claim) = table.claim(&prompt, true) {
                for step in &claim.steps {
                    apply(*step, &mut real);
                }
                prop_assert!(claim.cached_tokens < prompt.len());
                prop_assert_eq!(&real[claim.sequence][..], &prompt[..claim.cached_tokens]);
                for token in &prompt[claim.cached_tokens..] {
                    table.push(claim.sequence, *token);
                    real[claim.sequence].push(*token);
                }
                active.push(claim.sequence);
            } else {
                prop_assert_eq!(active.len(), 3);
            }
            if (action == 0 || active.len() == 3) && !active.is_empty() {
                table.release(active.remove(0), false);
            }
            if action == 1 && let Some(step) = table.evict() {
                apply(step, &mut real);
            }
            for (id, tokens) in real.iter().enumerate() {
                prop_assert_eq!(table.length(id), tokens.len());
            }
            let total: usize = real.iter().map(Vec::len).sum();
            prop_assert!(table.used_cells() <= total);
        }
    }
}

#[test]
fn cells_are_active_as_long_as_one_active_sequence_has_them_and_own_where_no_other_has() {
    let mut table = Sequences::new(4);
    let prompt: Vec<Token> = (0..100).collect();
    let first = run(&mut table, &prompt);
    let second = table.claim(&prompt, true).unwrap();
    table.push(second.sequence, 100);
    let own = |table: &Sequences| (table.own_cells(first.sequence), table.own_cells(second.sequence));
    assert_eq!((table.active_cells(), own(&table)), (101, (1, 1)));
    table.release(first.sequence, false);
    assert!(!table.is_active(first.sequence) && table.is_active(second.sequence));
    // The 99 that both have stay in use; the last of the first can be given up.
    assert_eq!((table.used_cells(), table.active_cells()), (101, 100));
    table.cut(first.sequence, 0);
    assert_eq!((table.used_cells(), table.active_cells(), own(&table)), (100, 100, (0, 100)));
}
