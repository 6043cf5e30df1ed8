//! What all connections of a mock share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::choice::RuleState;
use crate::clock::Stamp;
use crate::gate::{Change, Gates};
use crate::log::{Entry, Log};
use crate::record::Outcome;
use crate::script::{Accept, Phase, Rule, Script};

/// What all connections of a mock share.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) script: Script,
    pub(crate) rules: Mutex<Vec<RuleState>>,
    pub(crate) gates: Arc<Gates>,
    pub(crate) log: Log,
    /// Ends everything.
    pub(crate) stop: CancellationToken,
    /// How many connections were accepted.
    pub(crate) connections: watch::Sender<u64>,
    /// Tells the listener that the phase may be another.
    pub(crate) phase_changes: watch::Sender<u64>,
    /// Whether somebody listens on the port.
    pub(crate) listening: watch::Sender<bool>,
    started: Instant,
    chats: AtomicU64,
    pinned: Mutex<Pinned>,
    /// Resets the connections that are open.
    kill: Mutex<CancellationToken>,
    /// How often a body was seen, by its hash.
    seen: Mutex<HashMap<[u8; 16], u64>>,
}

/// What holds whatever the schedule says.
#[derive(Debug, Default)]
pub(crate) struct Pinned {
    pub(crate) phase: Option<String>,
    pub(crate) accept: Option<Accept>,
}

impl State {
    pub(crate) fn new(script: Script) -> Self {
        let rules = script.rules.iter().cloned().map(RuleState::new).collect();
        Self {
            rules: Mutex::new(rules),
            gates: Arc::default(),
            log: Log::new(script.log.clone()),
            stop: CancellationToken::new(),
            connections: watch::Sender::new(0),
            phase_changes: watch::Sender::new(0),
            started: Instant::now(),
            chats: AtomicU64::new(0),
            listening: watch::Sender::new(false),
            pinned: Mutex::default(),
            kill: Mutex::new(CancellationToken::new()),
            seen: Mutex::default(),
            script,
        }
    }

    /// Replaces all rules; their counts begin anew.
    pub(crate) fn set_rules(&self, rules: Vec<Rule>) {
        *lock(&self.rules) = rules.into_iter().map(RuleState::new).collect();
    }

    /// Says what holds whatever the schedule says, and waits until the port is as it should be.
    pub(crate) async fn pin(&self, change: impl FnOnce(&mut Pinned)) {
        change(&mut lock(&self.pinned));
        self.phase_changes.send_modify(|changes| *changes += 1);
        let mut listening = self.listening.subscribe();
        // The sender is the state's own, so that this ends when the condition holds.
        let _ = listening.wait_for(|listening| *listening != self.accept().refuses()).await;
    }

    /// The phase that holds now.
    pub(crate) fn phase(&self) -> Option<&Phase> {
        if let Some(name) = lock(&self.pinned).phase.as_deref() {
            return self.script.phases.iter().find(|phase| phase.name == name);
        }
        let elapsed = self.elapsed();
        let chats = self.chats.load(Ordering::Relaxed);
        self.script.phases.iter().rev().find(|phase| phase.has_begun(elapsed, chats))
    }

    pub(crate) fn accept(&self) -> Accept {
        let pinned = lock(&self.pinned).accept;
        pinned.or_else(|| self.phase().map(|phase| phase.accept)).unwrap_or_default()
    }

    /// How long until the clock may begin another phase.
    pub(crate) fn until_next_phase(&self) -> Option<Duration> {
        let elapsed = self.elapsed();
        let begins =
            self.script.phases.iter().filter_map(|phase| phase.after).chain(self.script.repeat_phases_every);
        begins.filter(|after| *after > elapsed).min()?.checked_sub(elapsed)
    }

    /// Time since the start, or since the phases began anew.
    fn elapsed(&self) -> Duration {
        let elapsed = self.started.elapsed();
        match self.script.repeat_phases_every {
            Some(period) if !period.is_zero() => {
                let rest = elapsed.as_nanos() % period.as_nanos();
                Duration::from_nanos(u64::try_from(rest).unwrap_or_default())
            }
            _ => elapsed,
        }
    }

    /// Counts a chat request.
    pub(crate) fn count_chat(&self) {
        self.chats.fetch_add(1, Ordering::Relaxed);
        if self.script.phases.iter().any(|phase| phase.after_requests.is_some()) {
            self.phase_changes.send_modify(|changes| *changes += 1);
        }
    }

    /// Counts a connection and gives its number, from 1.
    pub(crate) fn count_connection(&self) -> u64 {
        let mut number = 0;
        self.connections.send_modify(|connections| {
            *connections += 1;
            number = *connections;
        });
        number
    }

    /// Resets all connections that are open now.
    pub(crate) fn kill_connections(&self) {
        let killed = std::mem::take(&mut *lock(&self.kill));
        killed.cancel();
    }

    /// What resets a connection that opens now.
    pub(crate) fn kill_token(&self) -> CancellationToken {
        lock(&self.kill).clone()
    }

    /// The generators of a request: for what is said, which equal requests share, and for how long it takes, which they do not.
    pub(crate) fn generators(&self, body: &[u8]) -> (ChaCha8Rng, ChaCha8Rng) {
        let mut hash = Sha256::new();
        hash.update(self.script.seed.to_le_bytes());
        hash.update(body);
        let text_seed: [u8; 32] = hash.finalize().into();
        let mut key = [0; 16];
        key.copy_from_slice(&text_seed[..16]);
        let occurrence = {
            let mut seen = lock(&self.seen);
            let count = seen.entry(key).or_default();
            *count += 1;
            *count
        };
        let mut time = ChaCha8Rng::from_seed(text_seed);
        time.set_stream(occurrence);
        (ChaCha8Rng::from_seed(text_seed), time)
    }
}

/// A request that is being answered. Dropping it ends it in the log and the gates.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) entry: Entry,
    gates: Arc<Gates>,
    labels: Arc<[String]>,
    ended: bool,
}

impl Exchange {
    /// Counts an arrival.
    pub(crate) fn begin(entry: Entry, gates: Arc<Gates>, labels: Arc<[String]>) -> Self {
        gates.count(&labels, Change::Arrived);
        Self { entry, gates, labels, ended: false }
    }

    /// Waits at a point until a gate lets go.
    pub(crate) async fn hold(&self) {
        self.gates.pass(&self.labels).await;
    }

    /// Ends it.
    pub(crate) fn end(mut self, at: Stamp, outcome: Outcome) {
        self.finish(at, outcome);
    }

    fn finish(&mut self, at: Stamp, outcome: Outcome) {
        self.ended = true;
        self.entry.end(at, outcome);
        let change = match outcome {
            Outcome::Finished => Change::Finished,
            Outcome::Aborted => Change::Aborted,
            Outcome::Broken | Outcome::Stopped => Change::Broken,
        };
        self.gates.count(&self.labels, change);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.ended {
            self.finish(Stamp::now(), Outcome::Stopped);
        }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half done under these locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
