//! How many cores look idle at this moment.
//!
//! A hint for calls of which nothing was measured yet: the first prompt of a process on a busy machine would otherwise be read with
//! threads that wait for each other for minutes. Where the system does not tell, there is no hint.
//!
//! # Source
//! `proc_loadavg(5)`: the fourth field is the number of threads that run or wait for a core, of the whole machine.

use std::time::Duration;

/// A look at one moment sees threads that are gone at the next; the calmest of several counts.
const LOOKS: u32 = 3;
const BETWEEN_LOOKS: Duration = Duration::from_micros(500);

/// The cores that nobody uses except the calling thread and `known` other threads; `None` where the system does not say.
pub(crate) fn idle_cores(cores: usize, known: usize) -> Option<usize> {
    let mut fewest: Option<usize> = None;
    for look in 0..LOOKS {
        if look > 0 {
            std::thread::sleep(BETWEEN_LOOKS);
        }
        let running = running_threads(&std::fs::read_to_string("/proc/loadavg").ok()?)?;
        fewest = Some(fewest.map_or(running, |fewest| fewest.min(running)));
        let idle = idle(cores, known, running);
        if idle == cores {
            return Some(idle);
        }
    }
    fewest.map(|running| idle(cores, known, running))
}

fn idle(cores: usize, known: usize, running: usize) -> usize {
    let others = running.saturating_sub(1 + known);
    cores.saturating_sub(others)
}

/// The fourth field's first number in a line like `0.20 0.18 0.12 1/80 11206`.
fn running_threads(line: &str) -> Option<usize> {
    line.split_whitespace().nth(3)?.split_once('/')?.0.parse().ok()
}

#[cfg(test)]
#[path = "idle_tests.rs"]
mod tests;
