//! What decode calls of one model have taken, by their size.

use std::collections::BTreeMap;
use std::time::Duration;

/// Calls up to this size are kept apart; above it the cost per token hardly changes.
const MOST_EXACT_TOKENS: usize = 40;
/// The weight of the newest call.
const NEWEST: f64 = 0.25;
/// How much of a size's change all other sizes follow (as a power of it): sizes that are not used any more must not stay as slow as they were
/// when the machine was busy. Below 1, so that sizes that are used keep to what they take themselves.
const SHARED: f64 = 0.7;
/// After so many other calls a size counts as not measured: one call that was held up must not rule its size out for good.
const FRESH_CALLS: u64 = 128;
/// What one more token is hoped to cost where no call of about the size was measured, in calls of the smallest size. Calls with few tokens wait
/// for the memory, so that more tokens cost little; whether that is so here shows in the first such call.
const HOPED_TOKEN_COST: f64 = 0.25;

/// The seconds of decode calls by number of threads and tokens, learned from the calls themselves.
///
/// Learned and not measured at load: a measurement for every model and size would put off the first answer by as much as it could save, and
/// what a call takes depends on who else computes. What is not known yet is hoped for, or else it would never be tried: the first prompt, which
/// draws the weights from the disk, tells nothing of calls with few tokens.
#[derive(Debug, Default)]
pub(crate) struct CostCurve {
    by_threads: BTreeMap<usize, Sizes>,
    last_threads: usize,
}

/// What calls with one number of threads have taken.
#[derive(Debug, Default)]
struct Sizes {
    calls: u64,
    measured: BTreeMap<usize, Measured>,
}

#[derive(Debug, Clone, Copy)]
struct Measured {
    seconds: f64,
    /// The number of the last call of the size.
    call: u64,
}

impl CostCurve {
    /// Takes in what a call took.
    pub(crate) fn record(&mut self, tokens: usize, threads: usize, time: Duration) {
        self.by_threads.entry(threads).or_default().record(tokens, time.as_secs_f64());
        self.last_threads = threads;
    }

    /// The seconds that a call of `tokens` tokens will take with as many threads as the last one had: as measured, or on the line between the
    /// sizes next to it, or less where none of them is near. `None` where no call so small was measured.
    pub(crate) fn seconds(&self, tokens: usize) -> Option<f64> {
        self.by_threads.get(&self.last_threads)?.seconds(tokens)
    }
}

impl Sizes {
    fn record(&mut self, tokens: usize, seconds: f64) {
        self.calls += 1;
        let call = self.calls;
        let size = if tokens <= MOST_EXACT_TOKENS { tokens } else { tokens.next_power_of_two() };
        let scaled = seconds * number(size) / number(tokens.max(1));
        let before = self.measured.get(&size).filter(|measured| self.is_fresh(**measured));
        let after = match before.map(|measured| measured.seconds) {
            Some(before) => {
                let after = before + NEWEST * (scaled - before);
                if before > 0.0 && after > 0.0 {
                    let pace = (after / before).powf(SHARED);
                    self.measured.values_mut().for_each(|measured| measured.seconds *= pace);
                }
                after
            }
            None => scaled,
        };
        self.measured.insert(size, Measured { seconds: after, call });
    }

    fn seconds(&self, tokens: usize) -> Option<f64> {
        let (&below, &at_below) = self.measured.range(..=tokens).next_back()?;
        let above = self.measured.range(tokens..).next();
        let on_line = match above {
            Some((&above, at_above)) if above > below => {
                let share = number(tokens - below) / number(above - below);
                // A larger call is never cheaper, whatever the noise says.
                at_below.seconds + share * (at_above.seconds - at_below.seconds).max(0.0)
            }
            Some(_) => at_below.seconds,
            None => at_below.seconds * number(tokens) / number(below.max(1)),
        };
        if above.is_some_and(|(above, measured)| *above <= 2 * tokens && self.is_fresh(*measured)) {
            return Some(on_line);
        }
        let fresh = self.measured.range(..tokens).rev().find(|(_, measured)| self.is_fresh(**measured));
        let Some((&below, at_below)) = fresh else { return Some(on_line) };
        let (_, smallest) = self.measured.first_key_value()?;
        let hoped = at_below.seconds + number(tokens - below) * HOPED_TOKEN_COST * smallest.seconds;
        Some(on_line.min(hoped))
    }

    fn is_fresh(&self, measured: Measured) -> bool {
        self.calls - measured.call <= FRESH_CALLS
    }
}

fn number(tokens: usize) -> f64 {
    f64::from(u32::try_from(tokens).unwrap_or(u32::MAX))
}

#[cfg(test)]
#[path = "cost_curve_tests.rs"]
mod tests;
