use std::sync::mpsc;

use super::*;

#[test]
fn a_thread_waits_until_the_model_that_is_to_leave_has_left() {
    let budget = MemoryBudget::new(Some(10));
    let (tell, told) = mpsc::channel();
    let first = budget.join(move || tell.send(()).unwrap());
    let second = budget.join(|| {});
    let never = AtomicBool::new(false);
    assert!(first.take(10, None, || {}, &never));
    let mut waited = false;
    std::thread::scope(|scope| {
        let loads = scope.spawn(|| second.take(10, None, || waited = true, &never));
        told.recv().unwrap();
        assert_eq!(budget.state().ledger.in_use(), 10, "not before the first has left");
        first.give_back();
        assert!(loads.join().unwrap());
    });
    assert!(waited);
    assert_eq!(budget.state().ledger.in_use(), 10);
    assert_eq!(budget.most_in_use(), 10);
    let stop = AtomicBool::new(true);
    assert!(!first.take(10, None, || {}, &stop));
    drop((first, second));
    let state = budget.state();
    assert!(state.ledger.is_empty() && state.doors.is_empty());
}
