use super::*;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn a_quantile_is_the_time_that_so_many_do_not_exceed() {
    let mut latencies = Latencies::default();
    (1..=100).rev().for_each(|time| latencies.record(ms(time)));
    assert_eq!(latencies.quantile(0.9), Some(ms(90)));
    assert_eq!(latencies.quantile(0.5), Some(ms(50)));
}

#[test]
fn a_few_times_say_nothing_and_old_ones_are_forgotten() {
    let mut latencies = Latencies::default();
    (0..FEWEST - 1).for_each(|_| latencies.record(ms(1)));
    assert_eq!(latencies.quantile(0.9), None);
    (0..KEPT).for_each(|_| latencies.record(ms(9)));
    assert_eq!(latencies.quantile(0.01), Some(ms(9)));
}
