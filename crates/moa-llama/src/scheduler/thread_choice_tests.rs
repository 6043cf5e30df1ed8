use proptest::prelude::*;

use super::*;

/// A machine with invented costs. Time passes only by the calls.
struct Machine<F> {
    /// Seconds of a call, by its tokens, its threads and the seconds since the start.
    cost: F,
    now: f64,
    choice: ThreadChoice,
    /// What the system says of idle cores.
    idle: Option<usize>,
    /// Threads of every call so far.
    chosen: Vec<usize>,
}

impl<F: FnMut(usize, usize, f64) -> f64> Machine<F> {
    fn new(cost: F) -> Self {
        Self { cost, now: 0.0, choice: ThreadChoice::default(), idle: None, chosen: Vec::new() }
    }

    fn call(&mut self, tokens: usize, offered: usize) {
        let threads = self.choice.choose(tokens, offered, || self.idle);
        assert!((1..=offered).contains(&threads));
        let seconds = (self.cost)(tokens, threads, self.now);
        self.now += seconds;
        self.chosen.push(threads);
        self.choice.record(tokens, threads, offered, Duration::from_secs_f64(seconds));
    }

    /// Calls of one token until a time; the part of them that used `threads`.
    fn decode_until(&mut self, end: f64, threads: usize) -> f64 {
        let before = self.chosen.len();
        while self.now < end {
            self.call(1, 2);
        }
        let with = self.chosen[before..].iter().filter(|chosen| **chosen == threads).count();
        size(with) / size(self.chosen.len() - before)
    }
}

/// One token with nothing else on the machine: the second thread brings 1.5 times the speed.
fn quiet(threads: usize) -> f64 {
    if threads == 1 { 0.024 } else { 0.016 }
}

/// One token beside a process that takes a core: two threads wait for each other.
fn busy(threads: usize) -> f64 {
    if threads == 1 { 0.026 } else { 0.9 }
}

#[test]
fn a_quiet_machine_uses_all_threads() {
    let mut machine = Machine::new(|_, threads, _| quiet(threads));
    assert!(machine.decode_until(20.0, 2) > 0.99);
    assert_eq!(machine.chosen[0], 2, "the first call is no trial");
    let trials = machine.chosen.iter().filter(|threads| **threads == 1).count();
    assert_eq!(trials, 1, "one thread was tried once");
}

#[test]
fn a_busy_machine_is_noticed_within_three_calls_and_trials_stay_rare() {
    let mut machine = Machine::new(|_, threads, _| busy(threads));
    for _ in 0..3 {
        machine.call(1, 2);
    }
    assert_eq!(machine.choice.choose(1, 2, || None), 1);
    let start = machine.now;
    machine.decode_until(start + 100.0, 1);
    let slow: f64 = machine.chosen[3..].iter().filter(|threads| **threads == 2).map(|_| busy(2)).sum();
    assert!(slow > 0.0, "two threads are tried now and then");
    assert!(slow < 100.0 * (TRIAL_SHARE + 0.01), "{slow} s of 100 went into trials");
}

#[test]
fn what_changes_is_followed_both_ways() {
    let is_busy = |now: f64| (10.0..40.0).contains(&now);
    let mut machine =
        Machine::new(|_, threads, now| if is_busy(now) { busy(threads) } else { quiet(threads) });
    machine.decode_until(10.0, 2);
    let before = machine.chosen.len();
    machine.decode_until(15.0, 1);
    let slow_calls = machine.chosen[before..].iter().filter(|threads| **threads == 2).count();
    assert!(slow_calls <= 3, "{slow_calls} calls with two threads after the machine became busy");
    machine.decode_until(40.0, 1);
    machine.decode_until(65.0, 2);
    assert!(machine.decode_until(75.0, 2) > 0.99, "the second core is used again");
}

#[test]
fn long_calls_are_not_slowed_down_for_a_trial_on_a_quiet_machine() {
    let mut machine =
        Machine::new(|tokens, threads, _| size(tokens) * if threads == 1 { 0.02 } else { 0.01 });
    for _ in 0..8 {
        machine.call(256, 2);
        machine.call(40, 2);
    }
    assert_eq!(machine.chosen, [2; 16]);
}

#[test]
fn long_calls_follow_when_short_ones_find_the_machine_busy() {
    let cost = |tokens: usize, threads: usize, _| match (tokens, threads) {
        (1, threads) => busy(threads),
        (tokens, 1) => size(tokens) * 0.02,
        (tokens, _) => size(tokens) * 0.05,
    };
    let mut machine = Machine::new(cost);
    machine.call(256, 2);
    for _ in 0..10 {
        machine.call(1, 2);
    }
    machine.call(256, 2);
    machine.call(256, 2);
    assert_eq!(machine.chosen[0], 2);
    assert_eq!(machine.chosen[11..], [1, 1], "one thread is tried for prompts at once, and kept");
}

#[test]
fn the_first_call_uses_no_more_threads_than_there_are_idle_cores() {
    let mut machine = Machine::new(|tokens, threads, _| size(tokens) * busy(threads));
    machine.idle = Some(1);
    for _ in 0..20 {
        machine.call(256, 2);
    }
    assert_eq!(machine.chosen, [1; 20], "a long prompt is no trial while the machine looks busy");
    machine.idle = Some(2);
    machine.call(256, 2);
    assert_eq!(machine.chosen.last(), Some(&2));
    machine.idle = Some(0);
    machine.call(1, 2);
    assert_eq!(machine.chosen.last(), Some(&1));
}

#[test]
fn a_machine_that_only_looks_busy_is_found_out() {
    let mut machine = Machine::new(|_, threads, _| quiet(threads));
    machine.idle = Some(1);
    machine.decode_until(20.0, 2);
    assert!(machine.decode_until(40.0, 2) > 0.99);
}

#[test]
fn the_best_count_of_many_is_found_step_by_step() {
    // Another process has two of the eight cores: four threads are best.
    let cost = |_, threads: usize, _| match threads {
        8 => 0.5,
        4 => 0.02,
        2 => 0.03,
        _ => 0.05,
    };
    let mut machine = Machine::new(cost);
    for _ in 0..200 {
        machine.call(1, 8);
    }
    let last = &machine.chosen[100..];
    assert!(last.iter().filter(|threads| **threads == 4).count() > 90, "{last:?}");
}

#[test]
fn an_offer_that_grows_is_taken_and_one_that_shrinks_is_kept_to() {
    let mut machine = Machine::new(|_, threads, _| quiet(threads));
    for _ in 0..20 {
        machine.call(1, 1);
    }
    machine.call(1, 2);
    assert_eq!(machine.chosen.last(), Some(&2), "a count never tried is better than a lower one that was");
    machine.call(1, 1);
    assert_eq!(machine.chosen.last(), Some(&1));
}

#[test]
fn a_single_slow_call_changes_nothing_for_long() {
    let mut calls = 0;
    let mut machine = Machine::new(move |_, threads, _| {
        calls += 1;
        if calls == 50 { 2.0 } else { quiet(threads) }
    });
    for _ in 0..150 {
        machine.call(1, 2);
    }
    assert!(
        machine.chosen[60..].iter().filter(|threads| **threads == 2).count() >= 85,
        "{:?}",
        machine.chosen
    );
}

proptest! {
    /// Whatever the two counts cost, and however unevenly, the choice costs little more than the better one: counts that differ by less
    /// than the unevenness of their calls (a quarter) cannot be told apart.
    #[test]
    fn the_choice_is_nearly_as_good_as_the_better_count(
        one in 0.01_f64..0.1,
        ratio in 0.4_f64..40.0,
        jitter in prop::collection::vec(0.8_f64..1.25, 64),
    ) {
        let mut call = 0;
        let mean = jitter.iter().sum::<f64>() / 64.0;
        let mut machine = Machine::new(move |_, threads, _| {
            call += 1;
            one * jitter[call % 64] * if threads == 1 { 1.0 } else { ratio }
        });
        let calls = 3_000;
        for _ in 0..calls {
            machine.call(1, 2);
        }
        let better = one * mean * ratio.min(1.0) * f64::from(calls);
        // The first three calls are the price of not knowing.
        let unknowing = 3.0 * one * ratio.max(1.0) * 1.25;
        prop_assert!(machine.now <= better * 1.25 + unknowing, "{} s against {better} s", machine.now);
    }
}
