use std::time::{Duration, Instant};

use super::SharedClock;

#[test]
fn calls_at_the_same_time_share_it() {
    let clock = SharedClock::default();
    let start = Instant::now();
    let at = |ms: u64| start + Duration::from_millis(ms);
    let one = clock.begin(at(0));
    let other = clock.begin(at(100));
    // 100 ms alone, 200 ms for two.
    assert!((one.share_ms(at(300)) - 200.0).abs() < 1e-6);
    assert!((other.share_ms(at(300)) - 100.0).abs() < 1e-6);
}

#[test]
fn a_call_that_is_given_up_takes_nothing_from_the_others() {
    let clock = SharedClock::default();
    let start = Instant::now();
    drop(clock.begin(start));
    let later = Instant::now();
    let alone = clock.begin(later);
    assert!((alone.share_ms(later + Duration::from_millis(50)) - 50.0).abs() < 1e-6);
}
