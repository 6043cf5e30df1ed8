use super::*;

fn after(milliseconds: u64) -> FirstToken {
    FirstToken::After(Duration::from_millis(milliseconds))
}

fn not_within(milliseconds: u64) -> FirstToken {
    FirstToken::NotWithin(Duration::from_millis(milliseconds))
}

fn quantile(of: impl IntoIterator<Item = FirstToken>, quantile: f64) -> Option<u128> {
    let mut latencies = Latencies::new(quantile);
    of.into_iter().for_each(|first_token| latencies.record(first_token));
    latencies.estimate().map(|time| time.as_millis())
}

#[test]
fn a_quantile_is_the_time_that_so_many_do_not_exceed() {
    assert_eq!(quantile((1..=100).rev().map(after), 0.9), Some(90));
    assert_eq!(quantile((1..=100).map(after), 0.5), Some(50));
}

#[test]
fn requests_that_were_given_up_do_not_make_the_endpoint_look_faster() {
    // 80 answer within 80 ms. Of 20 slow ones that would answer after 500 ms and later, 15 are given up at 90 ms.
    let known = (1..=80).map(after).chain((0..15).map(|_| not_within(90))).chain((500..505).map(after));
    assert_eq!(quantile(known, 0.9), Some(502), "half of the slow ones");
    let unknown = (1..=80).map(after).chain((0..20).map(|_| not_within(90)));
    assert_eq!(quantile(unknown, 0.9), Some(90));
}

#[test]
fn a_few_times_say_nothing_and_old_ones_are_forgotten() {
    assert_eq!(quantile((1..FEWEST).map(|_| after(1)), 0.9), None);
    let changed = (0..100).map(|_| after(1)).chain((0..KEPT).map(|_| after(9)));
    assert_eq!(quantile(changed, 0.01), Some(9));
}

#[test]
fn an_estimate_follows_what_is_seen() {
    let mut latencies = Latencies::new(0.9);
    (0..FEWEST).for_each(|_| latencies.record(after(1)));
    assert_eq!(latencies.estimate(), Some(Duration::from_millis(1)));
    (0..RENEWED_AFTER).for_each(|_| latencies.record(after(7)));
    assert_eq!(latencies.estimate(), Some(Duration::from_millis(7)));
}
