//! Gates: a test waits for what the mock has seen and says when the mock goes on, so that it needs no sleeps.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};

/// The label of every request.
pub(crate) const ALL: &str = "*";

/// How many requests of a label did what so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// They were read whole.
    pub arrived: u64,
    /// They were answered to the last byte.
    pub finished: u64,
    /// The client left before the last byte.
    pub aborted: u64,
    /// The mock broke them off, by a fault or because it stopped.
    pub broken: u64,
    /// They are being held at a point, now.
    pub held: u64,
}

impl Counts {
    /// They arrived and are not over.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.arrived - self.finished - self.aborted - self.broken
    }
}

/// What happened to a request, for the counts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    Arrived,
    Finished,
    Aborted,
    Broken,
    Held,
    LetGo,
}

/// All gates of a mock.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    counts: Mutex<HashMap<String, watch::Sender<Counts>>>,
    holds: Mutex<Holds>,
}

/// Who is held, and who may pass. One lock for all labels, so that a request with several labels passes once.
#[derive(Debug, Default)]
struct Holds {
    open: HashSet<String>,
    permits: HashMap<String, usize>,
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    labels: Arc<[String]>,
    pass: oneshot::Sender<()>,
}

impl Gates {
    fn sender(&self, label: &str) -> watch::Sender<Counts> {
        let mut counts = lock(&self.counts);
        if let Some(sender) = counts.get(label) {
            return sender.clone();
        }
        counts.entry(label.to_owned()).or_default().clone()
    }

    /// Counts for each label.
    pub(crate) fn count(&self, labels: &[String], change: Change) {
        for label in labels {
            self.sender(label).send_modify(|counts| match change {
                Change::Arrived => counts.arrived += 1,
                Change::Finished => counts.finished += 1,
                Change::Aborted => counts.aborted += 1,
                Change::Broken => counts.broken += 1,
                Change::Held => counts.held += 1,
                Change::LetGo => counts.held -= 1,
            });
        }
    }

    pub(crate) fn counts(&self, label: &str) -> Counts {
        *self.sender(label).borrow()
    }

    /// Waits until a gate of one of the labels lets go.
    pub(crate) async fn pass(&self, labels: &Arc<[String]>) {
        let waiting = {
            let mut holds = lock(&self.holds);
            if holds.take_permit(labels) {
                return;
            }
            let (pass, waiting) = oneshot::channel();
            holds.waiting.push(Waiting { labels: labels.clone(), pass });
            waiting
        };
        let _held = Held::begin(self, labels);
        // The sender goes only with the mock, and then there is nobody to wait for.
        let _ = waiting.await;
    }
}

impl Holds {
    fn take_permit(&mut self, labels: &[String]) -> bool {
        if labels.iter().any(|label| self.open.contains(label)) {
            return true;
        }
        for label in labels {
            if let Some(permits) = self.permits.get_mut(label)
                && *permits > 0
            {
                *permits -= 1;
                return true;
            }
        }
        false
    }
}

/// Counts a request as held, until it is dropped: also when the client leaves while it waits.
struct Held<'a> {
    gates: &'a Gates,
    labels: &'a [String],
}

impl<'a> Held<'a> {
    fn begin(gates: &'a Gates, labels: &'a [String]) -> Self {
        gates.count(labels, Change::Held);
        Self { gates, labels }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.gates.count(self.labels, Change::LetGo);
    }
}

/// The gate of one label: the requests of a model, of a rule's name, or all.
///
/// Waiting is cancel safe, and does not depend on tokio's clock. Counts only rise (but for `held`), so that it does not matter whether a
/// test begins to wait before or after.
#[derive(Debug, Clone)]
pub struct Gate {
    gates: Arc<Gates>,
    label: String,
}

impl Gate {
    pub(crate) fn new(gates: Arc<Gates>, label: impl Into<String>) -> Self {
        Self { gates, label: label.into() }
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.gates.counts(&self.label)
    }

    /// Waits until `condition` holds.
    pub async fn until(&self, condition: impl Fn(&Counts) -> bool) -> Counts {
        let sender = self.gates.sender(&self.label);
        let mut receiver = sender.subscribe();
        // The sender is in our own hands, so that the wait ends with the condition only.
        match receiver.wait_for(|counts| condition(counts)).await {
            Ok(counts) => *counts,
            Err(_) => self.counts(),
        }
    }

    /// Waits until so many requests have arrived.
    pub async fn arrived(&self, requests: u64) {
        self.until(|counts| counts.arrived >= requests).await;
    }

    /// Waits until so many requests were answered to the last byte.
    pub async fn finished(&self, requests: u64) {
        self.until(|counts| counts.finished >= requests).await;
    }

    /// Waits until of so many requests the client has left before the end.
    pub async fn aborted(&self, requests: u64) {
        self.until(|counts| counts.aborted >= requests).await;
    }

    /// Waits until at least so many requests are being held at a point.
    pub async fn held(&self, requests: u64) {
        self.until(|counts| counts.held >= requests).await;
    }

    /// Waits until no request is in flight.
    pub async fn idle(&self) {
        self.until(|counts| counts.in_flight() == 0).await;
    }

    /// Lets go every request that is held now or will come to a hold, until [`Gate::close`].
    pub fn release(&self) {
        let mut holds = lock(&self.gates.holds);
        holds.open.insert(self.label.clone());
        let (go, stay) = std::mem::take(&mut holds.waiting)
            .into_iter()
            .partition(|waiting| waiting.labels.contains(&self.label));
        holds.waiting = stay;
        drop(holds);
        for waiting in go {
            let _ = waiting.pass.send(());
        }
    }

    /// Lets the request go that has been held longest, or else the next one that comes to a hold.
    pub fn release_one(&self) {
        let mut holds = lock(&self.gates.holds);
        while let Some(index) = holds.waiting.iter().position(|waiting| waiting.labels.contains(&self.label))
        {
            // Who left while being held does not use it up.
            if holds.waiting.remove(index).pass.send(()).is_ok() {
                return;
            }
        }
        *holds.permits.entry(self.label.clone()).or_default() += 1;
    }

    /// Holds anew what comes from now on, and forgets unused releases.
    pub fn close(&self) {
        let mut holds = lock(&self.gates.holds);
        holds.open.remove(&self.label);
        holds.permits.remove(&self.label);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half done under these locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
