use proptest::prelude::*;

use super::*;

#[test]
fn one_model_has_all_cores_and_two_have_half_each() {
    let mut ledger = Ledger::new(2);
    let a = ledger.join();
    ledger.ask(a, usize::MAX, Urgency::Usual);
    assert_eq!(ledger.try_grant(a), Some(2));
    let b = ledger.join();
    ledger.ask(b, usize::MAX, Urgency::Usual);
    assert_eq!(ledger.try_grant(b), None, "nothing is free before the call of the first ends");
    ledger.give_back(2);
    ledger.ask(a, usize::MAX, Urgency::Usual);
    assert_eq!(ledger.try_grant(a), None, "the second asked before");
    assert_eq!(ledger.try_grant(b), Some(1));
    assert_eq!(ledger.try_grant(a), Some(1));
    ledger.give_back(1);
    ledger.leave(b);
    ledger.give_back(1);
    ledger.ask(a, usize::MAX, Urgency::Usual);
    assert_eq!(ledger.try_grant(a), Some(2), "the last one left has both again");
}

#[test]
fn a_remainder_goes_to_the_oldest_and_nobody_gets_nothing() {
    let mut ledger = Ledger::new(4);
    let members: Vec<u64> = (0..3).map(|_| ledger.join()).collect();
    assert_eq!(members.iter().map(|m| ledger.share(*m, usize::MAX)).collect::<Vec<_>>(), [2, 1, 1]);
    let mut small = Ledger::new(1);
    let members: Vec<u64> = (0..3).map(|_| small.join()).collect();
    assert_eq!(members.iter().map(|m| small.share(*m, usize::MAX)).collect::<Vec<_>>(), [1, 1, 1]);
}

#[test]
fn what_one_does_not_want_goes_to_the_others() {
    let mut ledger = Ledger::new(4);
    let members: Vec<u64> = (0..2).map(|_| ledger.join()).collect();
    ledger.ask(members[0], 1, Urgency::Usual);
    assert_eq!(ledger.try_grant(members[0]), Some(1));
    assert_eq!(ledger.share(members[1], usize::MAX), 3);
    assert_eq!(ledger.share(members[0], usize::MAX), 2, "it may want its half again");
    ledger.ask(members[1], usize::MAX, Urgency::Usual);
    assert_eq!(ledger.try_grant(members[1]), Some(3));
}

#[test]
fn where_models_take_turns_each_has_all_cores_and_nobody_computes_beside_it() {
    let mut ledger = Ledger { side_by_side: false, ..Ledger::new(2) };
    let members: Vec<u64> = (0..2).map(|_| ledger.join()).collect();
    ledger.ask(members[0], 1, Urgency::Usual);
    ledger.ask(members[1], usize::MAX, Urgency::Usual);
    assert_eq!(ledger.try_grant(members[0]), Some(1));
    assert_eq!(ledger.try_grant(members[1]), None, "a core is free, and it is not its turn");
    ledger.give_back(1);
    assert_eq!(ledger.try_grant(members[1]), Some(2));
}

#[test]
fn who_waits_stops_waiting_when_it_is_told_to() {
    let budget = CoreBudget::new(NonZeroUsize::MIN);
    let (goes_on, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    let (busy, waits) = (budget.join(), budget.join());
    let held = busy.acquire(1, Urgency::Usual, &goes_on).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| waits.acquire(1, Urgency::Usual, &stop).is_none());
        stop.store(true, Ordering::Relaxed);
        budget.wake();
        assert!(waiting.join().unwrap());
    });
    drop(held);
    assert!(budget.ledger().waiting.is_empty());
    assert_eq!(
        busy.acquire(1, Urgency::Usual, &goes_on).unwrap().threads(),
        1,
        "nobody who left is waited for"
    );
}

#[test]
fn loading_that_is_waited_for_comes_first_and_loading_for_later_last() {
    let mut ledger = Ledger::new(1);
    let [later, usual, first] = [Urgency::Later, Urgency::Usual, Urgency::First].map(|urgency| {
        let member = ledger.join();
        ledger.ask(member, 1, urgency);
        member
    });
    let mut served = Vec::new();
    while let Some(member) = ledger.next() {
        assert_eq!(ledger.try_grant(member), Some(1));
        ledger.give_back(1);
        served.push(member);
    }
    assert_eq!(served, [first, usual, later]);
}

#[test]
fn nobody_is_passed_over_for_ever() {
    let mut ledger = Ledger::new(1);
    let (later, usual) = (ledger.join(), ledger.join());
    ledger.ask(later, 1, Urgency::Later);
    let mut turns = 0;
    loop {
        ledger.ask(usual, 1, Urgency::Usual);
        if ledger.try_grant(usual).is_none() {
            break;
        }
        ledger.give_back(1);
        turns += 1;
        assert!(turns <= MOST_PASSED);
    }
    assert_eq!(turns, MOST_PASSED);
    assert_eq!(ledger.try_grant(later), Some(1));
}

#[test]
fn more_models_than_cores_take_turns() {
    let mut ledger = Ledger::new(1);
    let members: Vec<u64> = (0..3).map(|_| ledger.join()).collect();
    for member in &members {
        ledger.ask(*member, usize::MAX, Urgency::Usual);
    }
    let mut served = Vec::new();
    for _ in 0..9 {
        let member = *members.iter().find(|m| ledger.next() == Some(**m)).unwrap();
        assert_eq!(ledger.try_grant(member), Some(1));
        served.push(member);
        ledger.give_back(1);
        ledger.ask(member, usize::MAX, Urgency::Usual);
    }
    assert_eq!(served, [0, 1, 2, 0, 1, 2, 0, 1, 2]);
}

#[test]
fn threads_that_compete_never_hold_more_than_there_is() {
    let budget = CoreBudget::new(NonZeroUsize::new(3).unwrap());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for most in 1..6 {
            let (budget, stop) = (&budget, &stop);
            scope.spawn(move || {
                for _ in 0..200 {
                    let member = budget.join();
                    for _ in 0..3 {
                        assert!(member.acquire(most, Urgency::Usual, stop).unwrap().threads() <= most);
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
    fn the_budget_holds_in_every_history(cores in 1_usize..9, steps in prop::collection::vec((0_u8..4, 0_usize..6, 1_usize..9, 0_usize..3), 1..200)) {
        let urgencies = [Urgency::Later, Urgency::Usual, Urgency::First];
        let mut ledger = Ledger::new(cores);
        let mut held: Vec<(u64, usize)> = Vec::new();
        for (action, pick, most, urgency) in steps {
            match action {
                0 => { ledger.join(); }
                1 if !ledger.members.is_empty() => {
                    let (member, _) = ledger.members[pick % ledger.members.len()];
                    if !ledger.waiting.iter().any(|waiting| waiting.member == member) && held.iter().all(|(other, _)| *other != member) {
                        ledger.ask(member, most, urgencies[urgency]);
                    }
                }
                2 if !held.is_empty() => {
                    let (_, threads) = held.swap_remove(pick % held.len());
                    ledger.give_back(threads);
                }
                3 if !ledger.members.is_empty() => {
                    let (member, _) = ledger.members[pick % ledger.members.len()];
                    if held.iter().all(|(other, _)| *other != member) {
                        ledger.leave(member);
                    }
                }
                _ => {}
            }
            while let Some(first) = ledger.next() {
                let Some(threads) = ledger.try_grant(first) else { break };
                let wish = ledger.members.iter().find(|(member, _)| *member == first).unwrap().1;
                prop_assert!(threads >= 1 && threads <= wish);
                held.push((first, threads));
            }
            let in_use: usize = held.iter().map(|(_, threads)| threads).sum();
            prop_assert_eq!(in_use + ledger.free, cores);
            prop_assert!(ledger.waiting.is_empty() || ledger.free == 0);
        }
    }
}
