//! How many of the threads that a model may use it should use.
//!
//! ggml's compute threads meet at a barrier after every operation of the graph, some hundred times in a call, and spin there.
//! As long as each thread has a core that is cheap. Where another process takes a core away, every barrier waits until the
//! scheduler brings the missing thread back, and two threads can be many times slower than one. Nothing tells a process of
//! that beforehand, but the calls' own times do: so this compares what calls of one size cost with different counts, and
//! takes the cheapest.
//!
//! Counts are halves of one another (8, 4, 2, 1), and only neighbours are tried. What a trial may cost is bounded:
//!
//! - A lower count is tried once near the start where calls are short, and else only when the present one has become slower than
//!   it was, or when calls of another size found that less is more.
//! - A higher count is tried again when what it would cost, as it was last measured, is covered by [`TRIAL_SHARE`] of the time
//!   computed so far. So the worse the last trial was, the later the next one comes.
//!
//! Before anything was measured the number of idle cores is a hint (`idle`): one call with too many threads on a busy machine can
//! take minutes when it reads a long prompt.
//!
//! Everything here is arithmetic on durations that it is given; it knows no clock and no threads.

use std::collections::BTreeMap;
use std::time::Duration;

/// The part of the computing time that trials may cost.
const TRIAL_SHARE: f64 = 0.04;
/// How many times more than the present count a higher one is taken to cost that was never measured, where cores look busy.
const UNKNOWN: f64 = 20.0;
/// A count has become slower when it costs this many times what it did at its best.
const SLOWER: f64 = 1.5;
/// How many times cheaper another count must be to be preferred over the present one.
const WORTH_CHANGING: f64 = 1.05;
/// The weight of the newest call in a count's cost.
const NEWEST: f64 = 0.3;
/// A cost that was last measured so many calls ago says little, and the next call replaces it.
const STALE_CALLS: u64 = 8;
/// Batches up to this size are compared with their like only: their time hardly depends on the size, so a cost per token would not
/// compare.
const MOST_EXACT_TOKENS: usize = 8;

/// What calls of one model cost, and what follows for the next one.
#[derive(Debug, Default)]
pub(crate) struct ThreadChoice {
    classes: BTreeMap<usize, Class>,
    /// The time of all calls, in seconds.
    spent: f64,
    /// What trials took longer than the count that was preferred then, in seconds.
    lost: f64,
}

/// Calls of about one size.
#[derive(Debug, Default)]
struct Class {
    /// By number of threads.
    costs: BTreeMap<usize, Cost>,
    calls: u64,
    preferred: Option<usize>,
    /// Whether another count is to be tried whatever it costs, because something has changed.
    doubted: bool,
}

/// What calls of one class cost with one number of threads.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// Seconds per token.
    now: f64,
    /// The least that it was since it was last confirmed.
    at_best: f64,
    calls: u64,
    last_call: u64,
}

impl ThreadChoice {
    /// The number of threads for a call of `tokens` tokens when at most `offered` can be had. `idle` tells the cores that look idle
    /// where it is known; it is asked only when the calls' own times do not tell.
    pub(crate) fn choose(
        &self,
        tokens: usize,
        offered: usize,
        idle: impl FnOnce() -> Option<usize>,
    ) -> usize {
        let counts = counts(offered);
        let class = self.classes.get(&class_of(tokens));
        let Some((class, (best, cost))) = class.and_then(|class| Some((class, class.best(&counts)?))) else {
            return most_idle(&counts, idle);
        };
        let size = size(tokens);
        let covered = |loss: f64| self.lost + loss <= TRIAL_SHARE * self.spent;
        let place = counts.iter().position(|count| *count == best).unwrap_or(0);
        if let Some(higher) = place.checked_sub(1).map(|place| counts[place]) {
            let wanted = match class.costs.get(&higher) {
                None => most_idle(&counts, idle) >= higher || covered(cost.now * size * UNKNOWN),
                Some(then) => {
                    class.is_stale(*then) && (class.doubted || covered((then.now - cost.now) * size))
                }
            };
            if wanted {
                return higher;
            }
        }
        if let Some(lower) = counts.get(place + 1) {
            let wanted = match class.costs.get(lower) {
                // For calls of a few tokens that costs no more than one of them; for a long prompt it could be seconds.
                None => class.doubted || cost.calls > 1 && tokens <= MOST_EXACT_TOKENS,
                Some(then) => class.doubted && class.is_stale(*then),
            };
            if wanted {
                return *lower;
            }
        }
        best
    }

    /// Takes in what a call took that used `threads` of the `offered` threads.
    pub(crate) fn record(&mut self, tokens: usize, threads: usize, offered: usize, time: Duration) {
        let seconds = time.as_secs_f64();
        self.spent += seconds;
        let key = class_of(tokens);
        let class = self.classes.entry(key).or_default();
        let counts = counts(offered);
        let before = class.best(&counts);
        if let Some((_, usual)) = before.filter(|(usual, _)| *usual != threads) {
            self.lost += (seconds - usual.now * size(tokens)).max(0.0);
        }
        class.record(threads, before.map(|(usual, _)| usual), seconds / size(tokens));
        let after = class.best(&counts).map(|(count, _)| count);
        class.preferred = after;
        if before.is_some_and(|(before, _)| Some(before) != after) {
            for (_, other) in self.classes.iter_mut().filter(|(other, _)| **other != key) {
                other.doubted = true;
            }
        }
    }
}

impl Class {
    /// The cheapest of the counts that were measured.
    fn best(&self, counts: &[usize]) -> Option<(usize, Cost)> {
        let measured = counts.iter().filter_map(|count| Some((*count, *self.costs.get(count)?)));
        let cheapest = measured.clone().min_by(|(_, a), (_, b)| a.now.total_cmp(&b.now))?;
        let present = measured.clone().find(|(count, _)| Some(*count) == self.preferred);
        Some(present.filter(|(_, cost)| cost.now <= cheapest.1.now * WORTH_CHANGING).unwrap_or(cheapest))
    }

    fn is_stale(&self, cost: Cost) -> bool {
        self.calls >= cost.last_call + STALE_CALLS
    }

    fn record(&mut self, threads: usize, usual: Option<usize>, cost: f64) {
        self.calls += 1;
        let last_call = self.calls;
        let known = self.costs.get(&threads).copied();
        // The first call touches memory for the first time, and says as little as one of long ago.
        let settled = known.filter(|known| known.calls > 1 && !self.is_stale(*known));
        let now = settled.map_or(cost, |known| known.now + NEWEST * (cost - known.now));
        let at_best = known.map_or(now, |known| known.at_best.min(now));
        let calls = known.map_or(1, |known| known.calls + 1);
        self.costs.insert(threads, Cost { now, at_best, calls, last_call });
        if usual.is_some_and(|usual| usual != threads) {
            // What was doubted has been compared, and is the measure from now on.
            self.doubted = false;
            for known in self.costs.values_mut() {
                known.at_best = known.now;
            }
        } else if now > at_best * SLOWER {
            self.doubted = true;
        }
    }
}

/// The highest count for which there are enough idle cores.
fn most_idle(counts: &[usize], idle: impl FnOnce() -> Option<usize>) -> usize {
    let idle = idle().unwrap_or(usize::MAX);
    counts.iter().copied().find(|count| *count <= idle).unwrap_or(1)
}

/// The counts that are compared, highest first.
fn counts(offered: usize) -> Vec<usize> {
    std::iter::successors(Some(offered.max(1)), |count| (*count > 1).then_some(count / 2)).collect()
}

/// Calls that can be compared with each other.
fn class_of(tokens: usize) -> usize {
    if tokens <= MOST_EXACT_TOKENS { tokens } else { tokens.next_power_of_two() }
}

fn size(tokens: usize) -> f64 {
    f64::from(u32::try_from(tokens.max(1)).unwrap_or(u32::MAX))
}

#[cfg(test)]
#[path = "thread_choice_tests.rs"]
mod tests;
