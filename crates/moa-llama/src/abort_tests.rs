use super::*;

#[test]
fn a_call_ends_when_the_last_listener_has_gone() {
    let abort = Abort::new(Arc::default());
    assert!(!abort.is_due(), "a call for nobody in particular goes on");
    let (first, first_end) = mpsc::channel(1);
    let (second, second_end) = mpsc::channel(1);
    abort.watch([first, second].into_iter());
    drop(first_end);
    assert!(!abort.is_due(), "one still listens");
    drop(second_end);
    assert!(abort.is_due());
    abort.watch(std::iter::empty());
    assert!(!abort.is_due());
}

#[test]
fn the_stop_flag_ends_it_whoever_listens() {
    let stop = Arc::new(AtomicBool::new(false));
    let abort = Abort::new(Arc::clone(&stop));
    let (sender, _receiver) = mpsc::channel(1);
    abort.watch([sender].into_iter());
    stop.store(true, Ordering::Relaxed);
    assert!(abort.is_due());
}
