//! A thread that says when a request is due.

use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::arrivals::Arrivals;
use crate::clock::Stamp;

/// How long before a moment the thread stops sleeping and looks at the clock instead: the system wakes sleepers this much too late.
const WAKING: Duration = Duration::from_micros(80);

/// The moments at which requests are due at `per_second` on average within `time`, each sent when it has come: for loads of another kind
/// than [`super::run`] makes. The channel is closed after the last one; whoever drops it ends the thread at its next moment.
///
/// # Errors
///
/// When the thread that keeps time cannot be started.
pub fn moments(
    arrivals: Arrivals,
    per_second: f64,
    time: Duration,
    seed: u64,
) -> std::io::Result<mpsc::Receiver<Stamp>> {
    start(arrivals.due(per_second, time, seed))
}

/// Sends each request's moment when it is due. A thread of its own, because tokio's timer is only good to a millisecond.
pub(crate) fn start(due: Vec<Duration>) -> std::io::Result<mpsc::Receiver<Stamp>> {
    let (sender, receiver) = mpsc::channel(due.len().max(1));
    thread::Builder::new().name("load-pacer".to_owned()).spawn(move || {
        let (start, stamp) = (Instant::now(), Stamp::now());
        for after in due {
            while let Some(left) = after.checked_sub(start.elapsed()) {
                match left.checked_sub(WAKING) {
                    Some(sleep) if !sleep.is_zero() => thread::sleep(sleep),
                    _ => std::hint::spin_loop(),
                }
            }
            // There is room for all, so that this fails only when nobody reads any more.
            if sender.try_send(stamp.after(after)).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}
