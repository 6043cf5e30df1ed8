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

/// The seconds of decode calls by number of threads and tokens, learned from the calls themselves.
///
/// Learned and not measured at load: a measurement for every model and size would put off the first answer by as much as it could save, and
/// what a call takes depends on who else computes.
#[derive(Debug, Default)]
pub(crate) struct CostCurve {
    by_threads: BTreeMap<usize, BTreeMap<usize, f64>>,
    last_threads: usize,
}

impl CostCurve {
    /// Takes in what a call took.
    pub(crate) fn record(&mut self, tokens: usize, threads: usize, time: Duration) {
        let seconds = time.as_secs_f64();
        let curve = self.by_threads.entry(threads).or_default();
        let key = if tokens <= MOST_EXACT_TOKENS { tokens } else { tokens.next_power_of_two() };
        let scaled = seconds * number(key) / number(tokens.max(1));
        let before = *curve.entry(key).or_insert(scaled);
        let after = before + NEWEST * (scaled - before);
        if before > 0.0 && after > 0.0 {
            let pace = (after / before).powf(SHARED);
            for seconds in curve.values_mut() {
                *seconds *= pace;
            }
        }
        curve.insert(key, after);
        self.last_threads = threads;
    }

    /// The seconds that a call of `tokens` tokens will take with as many threads as the last one had: as measured, or on the line between the
    /// sizes next to it. `None` where no call so small was measured.
    pub(crate) fn seconds(&self, tokens: usize) -> Option<f64> {
        let curve = self.by_threads.get(&self.last_threads)?;
        let (&below, &below_seconds) = curve.range(..=tokens).next_back()?;
        if below == tokens {
            return Some(below_seconds);
        }
        Some(match curve.range(tokens..).next() {
            Some((&above, &above_seconds)) => {
                let share = number(tokens - below) / number(above - below);
                // A larger call is never cheaper, whatever the noise says.
                below_seconds + share * (above_seconds - below_seconds).max(0.0)
            }
            None => below_seconds * number(tokens) / number(below.max(1)),
        })
    }
}

fn number(tokens: usize) -> f64 {
    f64::from(u32::try_from(tokens).unwrap_or(u32::MAX))
}

#[cfg(test)]
#[path = "cost_curve_tests.rs"]
mod tests;
