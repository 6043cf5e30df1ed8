use super::*;

#[test]
fn the_running_threads_are_the_fourth_field() {
    assert_eq!(running_threads("0.20 0.18 0.12 3/80 11206\n"), Some(3));
    for broken in ["", "0.20 0.18 0.12", "0.20 0.18 0.12 x/80 1", "0.20 0.18 0.12 380 1"] {
        assert_eq!(running_threads(broken), None, "{broken}");
    }
}

#[test]
fn the_own_thread_and_known_ones_leave_cores_idle() {
    assert_eq!(idle(2, 0, 1), 2);
    assert_eq!(idle(2, 1, 2), 2, "another model computes on the other core, which the budget knows");
    assert_eq!(idle(2, 0, 2), 1);
    assert_eq!(idle(2, 0, 9), 0);
    assert_eq!(idle(8, 0, 0), 8);
}

#[test]
#[cfg(target_os = "linux")]
fn this_machine_tells() {
    assert!(idle_cores(2, 0).is_some_and(|idle| idle <= 2));
}
