use proptest::prelude::*;

use super::*;

#[test]
fn one_model_has_all_cores_and_two_have_half_each() {
    let mut ledger = Ledger::new(2);
    let a = ledger.join();
    ledger.ask(a);
    assert_eq!(ledger.try_grant(a), Some(2));
    let b = ledger.join();
    ledger.ask(b);
    assert_eq!(ledger.try_grant(b), None, "nothing is free before the call of the first ends");
    ledger.give_back(2);
    ledger.ask(a);
    assert_eq!(ledger.try_grant(a), None, "the second asked before");
    assert_eq!(ledger.try_grant(b), Some(1));
    assert_eq!(ledger.try_grant(a), Some(1));
    ledger.give_back(1);
    ledger.leave(b);
    ledger.give_back(1);
    ledger.ask(a);
    assert_eq!(ledger.try_grant(a), Some(2), "the last one left has both again");
}

#[test]
fn a_remainder_goes_to_the_oldest_and_nobody_gets_nothing() {
    let mut ledger = Ledger::new(4);
    let members: Vec<u64> = (0..3).map(|_| ledger.join()).collect();
    assert_eq!(members.iter().map(|m| ledger.share(*m)).collect::<Vec<_>>(), [2, 1, 1]);
    let mut small = Ledger::new(1);
    let members: Vec<u64> = (0..3).map(|_| small.join()).collect();
    assert_eq!(members.iter().map(|m| small.share(*m)).collect::<Vec<_>>(), [1, 1, 1]);
}

#[test]
fn more_models_than_cores_take_turns() {
    let mut ledger = Ledger::new(1);
    let members: Vec<u64> = (0..3).map(|_| ledger.join()).collect();
    for member in &members {
        ledger.ask(*member);
    }
    let mut served = Vec::new();
    for _ in 0..9 {
        let member = *members.iter().find(|m| ledger.waiting.front() == Some(m)).unwrap();
        assert_eq!(ledger.try_grant(member), Some(1));
        served.push(member);
        ledger.give_back(1);
        ledger.ask(member);
    }
    assert_eq!(served, [0, 1, 2, 0, 1, 2, 0, 1, 2]);
}

#[test]
fn threads_that_compete_never_hold_more_than_there_is() {
    let budget = CoreBudget::new(NonZeroUsize::new(3).unwrap());
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let member = budget.join();
                    for _ in 0..3 {
                        assert!(member.acquire().threads() >= 1);
                    }
                }
            });
        }
    });
    assert!(budget.most_in_use() <= 3);
    assert_eq!(budget.ledger().free, 3);
    assert!(budget.ledger().members.is_empty() && budget.ledger().waiting.is_empty());
}

proptest! {
    /// Random histories of joining, asking, giving back and leaving: never over the budget, never a wait with everything free.
    #[test]
    fn the_budget_holds_in_every_history(cores in 1_usize..9, steps in prop::collection::vec((0_u8..4, 0_usize..6), 1..200)) {
        let mut ledger = Ledger::new(cores);
        let mut held: Vec<(u64, usize)> = Vec::new();
        for (action, pick) in steps {
            match action {
                0 => { ledger.join(); }
                1 if !ledger.members.is_empty() => {
                    let member = ledger.members[pick % ledger.members.len()];
                    if !ledger.waiting.contains(&member) && held.iter().all(|(other, _)| *other != member) {
                        ledger.ask(member);
                    }
                }
                2 if !held.is_empty() => {
                    let (_, threads) = held.swap_remove(pick % held.len());
                    ledger.give_back(threads);
                }
                3 if !ledger.members.is_empty() => {
                    let member = ledger.members[pick % ledger.members.len()];
                    if held.iter().all(|(other, _)| *other != member) {
                        ledger.leave(member);
                    }
                }
                _ => {}
            }
            while let Some(first) = ledger.waiting.front().copied() {
                let Some(threads) = ledger.try_grant(first) else { break };
                prop_assert!(threads >= 1);
                held.push((first, threads));
            }
            let in_use: usize = held.iter().map(|(_, threads)| threads).sum();
            prop_assert_eq!(in_use + ledger.free, cores);
            prop_assert!(ledger.waiting.is_empty() || ledger.free == 0);
        }
    }
}
