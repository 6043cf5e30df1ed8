use proptest::prelude::*;

use super::*;

const START: Duration = Duration::ZERO;
const LATER: Duration = Duration::from_secs(1);

/// A ledger with models of these sizes, all of which fit and are here.
fn with_models(budget: u64, bytes: &[u64]) -> MemoryLedger {
    let mut ledger = MemoryLedger::new(budget);
    for bytes in bytes {
        let guest = ledger.join();
        assert!(ledger.grant_now(guest, *bytes));
    }
    ledger
}

#[test]
fn who_was_used_longest_ago_leaves_and_who_is_used_stays() {
    let mut ledger = with_models(30, &[10, 10, 10]);
    ledger.begin_use(0);
    for used in [2, 1] {
        ledger.begin_use(used);
        ledger.end_use(used);
    }
    let new = ledger.join();
    ledger.ask(new, 10, None, START);
    assert_eq!(ledger.try_grant(new, LATER), Answer::NotYet(vec![2]));
    assert_eq!(ledger.try_grant(new, LATER), Answer::NotYet(vec![]), "it is told once");
    ledger.is_gone(2);
    assert_eq!(ledger.try_grant(new, LATER), Answer::Granted);
    assert_eq!((ledger.in_use(), ledger.most_in_use), (30, 30));
}

#[test]
fn nobody_is_sent_away_at_once_or_in_vain() {
    let mut ledger = with_models(30, &[10, 20]);
    let new = ledger.join();
    ledger.ask(new, 25, None, START);
    assert_eq!(ledger.try_grant(new, START), Answer::NotYet(vec![]), "another call may need it in a moment");
    ledger.begin_use(1);
    assert_eq!(ledger.try_grant(new, LATER), Answer::NotYet(vec![]), "the first alone is not enough");
    ledger.end_use(1);
    assert_eq!(ledger.try_grant(new, LATER), Answer::NotYet(vec![0, 1]));
}

#[test]
fn calls_that_follow_each_other_without_end_do_not_keep_another_model_out() {
    let mut ledger = with_models(30, &[10, 20]);
    ledger.begin_use(0);
    ledger.begin_use(1);
    let new = ledger.join();
    ledger.ask(new, 15, None, START);
    for seconds in [1, 2, 3, 4] {
        // The next call comes before the last one ends.
        ledger.begin_use(1);
        ledger.end_use(1);
        assert_eq!(ledger.try_grant(new, Duration::from_secs(seconds)), Answer::NotYet(vec![]));
    }
    assert_eq!(ledger.try_grant(new, START + PATIENCE), Answer::NotYet(vec![0, 1]));
}

#[test]
fn models_are_loaded_in_the_order_of_the_plan_and_else_in_that_of_asking() {
    let mut ledger = MemoryLedger::new(10);
    let guests: Vec<GuestId> = (0..3).map(|_| ledger.join()).collect();
    for (guest, layer) in [(0, Some(1)), (1, Some(1)), (2, Some(1))] {
        ledger.ask(guests[guest], 10, layer, START);
    }
    assert_eq!(ledger.next(), Some(0));
    for guest in &guests {
        ledger.withdraw(*guest);
    }
    ledger.expect(vec![vec![2, 0, 1]]);
    for (guest, layer) in [(1, Some(2)), (0, Some(1)), (2, Some(1))] {
        ledger.ask(guests[guest], 10, layer, START);
    }
    let mut order = Vec::new();
    while let Some(guest) = ledger.next() {
        assert_eq!(ledger.try_grant(guest, LATER), Answer::Granted);
        ledger.is_gone(guest);
        order.push(guest);
    }
    assert_eq!(order, [2, 0, 1]);
}

#[test]
fn a_cache_grows_into_what_is_free_or_idle_and_never_past_who_waits() {
    let mut ledger = with_models(30, &[10, 10]);
    ledger.begin_use(0);
    assert_eq!(ledger.extend(0, 15), Answer::Granted);
    assert_eq!(ledger.extend(0, 25), Answer::NotYet(vec![1]), "the other one is idle");
    ledger.is_gone(1);
    assert_eq!(ledger.extend(0, 25), Answer::Granted);
    assert_eq!(ledger.extend(0, 40), Answer::Refused);
    let new = ledger.join();
    ledger.ask(new, 10, None, START);
    assert_eq!(ledger.extend(0, 27), Answer::Refused, "somebody waits for room");
    assert_eq!(ledger.extend(0, 25), Answer::Granted, "what it has it keeps");
    assert!(!ledger.grant_now(1, 1));
}

proptest! {
    /// Mixtures that run at the same time, whose calls use models for a while: never more than the budget, and every call is answered.
    #[test]
    fn every_call_gets_its_model_and_the_budget_holds(
        bytes in prop::collection::vec(1_u64..10, 1..6),
        budget in 10_u64..25,
        calls in prop::collection::vec((0_usize..6, 0_u32..40, 1_u32..20), 1..60),
    ) {
        let mut ledger = MemoryLedger::new(budget);
        let guests: Vec<GuestId> = bytes.iter().map(|_| ledger.join()).collect();
        // By model: its calls, each with the ticks that it still takes.
        let mut open: Vec<Vec<u32>> = vec![Vec::new(); bytes.len()];
        let mut leaves: Vec<Option<u32>> = vec![None; bytes.len()];
        let mut asked = vec![false; bytes.len()];
        let (mut answered, total) = (0, calls.len());
        for tick in 0..20_000_u32 {
            // Shorter than anybody's patience: who is in use is never sent away.
            let now = Duration::from_micros(u64::from(tick) * 100);
            for (model, _, length) in calls.iter().filter(|(_, arrives, _)| *arrives == tick) {
                let model = model % bytes.len();
                ledger.begin_use(guests[model]);
                open[model].push(*length);
            }
            for model in 0..bytes.len() {
                if leaves[model].is_some_and(|left| left <= tick) {
                    ledger.is_gone(guests[model]);
                    leaves[model] = None;
                }
                let is_here = ledger.guests[&guests[model]].presence == Presence::Here;
                let is_away = ledger.guests[&guests[model]].presence == Presence::Away;
                if !open[model].is_empty() && is_away && !asked[model] {
                    asked[model] = true;
                    ledger.ask(guests[model], bytes[model], None, now);
                }
                if is_here {
                    open[model].iter_mut().for_each(|left| *left -= 1);
                    for _ in open[model].iter().filter(|left| **left == 0) {
                        answered += 1;
                        ledger.end_use(guests[model]);
                    }
                    open[model].retain(|left| *left > 0);
                }
            }
            while let Some(next) = ledger.next() {
                let model = usize::try_from(next).unwrap();
                match ledger.try_grant(next, now) {
                    Answer::Granted => asked[model] = false,
                    Answer::NotYet(sent) => {
                        for sent in sent {
                            let sent = usize::try_from(sent).unwrap();
                            prop_assert!(open[sent].is_empty(), "a model in use was sent away");
                            leaves[sent] = Some(tick + 3);
                        }
                        break;
                    }
                    Answer::Refused => prop_assert!(false, "every model fits alone"),
                }
            }
            prop_assert!(ledger.in_use() <= budget);
            if answered == total {
                return Ok(());
            }
        }
        prop_assert!(false, "{answered} of {total} calls were answered");
    }
}
