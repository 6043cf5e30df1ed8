//! A model's thread: continuous batching over its sequences.
//!
//! One round: take in new requests, drop those that nobody waits for, give sequences to waiting ones, plan a batch, ask the core
//! budget for threads, decode, choose tokens. Who begins, what goes into a batch and on how many threads is decided by the `scheduler`, what is
//! guessed beyond that by `lookup`, which sequence a request gets by `sequences`; here they only meet.

mod admission;
mod batching;
mod drafting;
mod kv;
mod kv_room;
mod parked;
mod peer_text;
mod running;
mod settling;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moa_core::{Failure, FailureKind, RunId};

use self::kv::KvCache;
pub(crate) use self::kv::{CELL_BLOCK, KvLimits};
pub(crate) use self::kv_room::KvRoom;
use self::running::Running;
use crate::abort::Abort;
use crate::error::{ErrorKind, LlamaError};
use crate::lookup::CostCurve;
use crate::native::{Batch, DecodeError, Model};
use crate::request::PreparedRequest;
use crate::scheduler::{CoreBudget, Limits, Member, ThreadChoice, Turns, Urgency, idle_cores};
use crate::stats::ModelStats;

/// Requests that are taken in before they get a sequence; the others stay in the channel.
const MAX_WAITING: usize = 256;
/// Tokens that all drafts of a call have together at most. Longer ones were no better in a first measurement (24 and 40 against 16).
pub(crate) const MOST_DRAFT_TOKENS: usize = 32;
/// How often a batch is tried again when llama.cpp finds no room for it.
const MAX_ROOM_TRIES: usize = 8;

/// What a model's thread needs.
pub(crate) struct WorkerSetup {
    pub(crate) model: Arc<Model>,
    pub(crate) inbox: Receiver<PreparedRequest>,
    pub(crate) budget: CoreBudget,
    pub(crate) stats: Arc<Mutex<ModelStats>>,
    pub(crate) stop: Arc<AtomicBool>,
    /// The model is to leave: what is only read for later is given up.
    pub(crate) leaves: Arc<AtomicBool>,
    pub(crate) kv_limits: KvLimits,
    pub(crate) kv_room: KvRoom,
    pub(crate) batch_limits: Limits,
    pub(crate) kv_bytes_per_token: u64,
    /// Whether answers draft their next tokens (see `lookup`).
    pub(crate) lookup: bool,
}

/// The state of a model's thread.
pub(crate) struct Worker {
    model: Arc<Model>,
    inbox: Receiver<PreparedRequest>,
    budget: CoreBudget,
    /// Held while there is work.
    member: Option<Member>,
    thread_choice: ThreadChoice,
    costs: CostCurve,
    lookup: bool,
    stats: Arc<Mutex<ModelStats>>,
    stop: Arc<AtomicBool>,
    leaves: Arc<AtomicBool>,
    abort: Arc<Abort>,
    most_running: usize,
    batch_limits: Limits,
    kv_bytes_per_token: u64,
    kv: KvCache,
    /// In the order of their turns and of their arrival.
    waiting: VecDeque<Waiting>,
    arrivals: u64,
    turns: Turns<RunId>,
    running: Vec<Running>,
    batch: Batch,
}

/// A request without a sequence.
struct Waiting {
    request: Running,
    /// Whether its call was told that it waits.
    told: bool,
}

impl Worker {
    pub(crate) fn new(setup: WorkerSetup) -> Self {
        let abort = Arc::new(Abort::new(Arc::clone(&setup.stop)));
        let kv = KvCache::new(Arc::clone(&setup.model), setup.kv_limits, setup.kv_room, Arc::clone(&abort));
        // What was guessed wrong must be cut off again.
        let lookup = setup.lookup && kv.can_cut_back();
        Self {
            model: setup.model,
            inbox: setup.inbox,
            budget: setup.budget,
            member: None,
            thread_choice: ThreadChoice::default(),
            costs: CostCurve::default(),
            lookup,
            stats: setup.stats,
            stop: setup.stop,
            leaves: setup.leaves,
            abort,
            most_running: setup.kv_limits.active_sequences as usize,
            batch_limits: setup.batch_limits,
            kv_bytes_per_token: setup.kv_bytes_per_token,
            kv,
            waiting: VecDeque::new(),
            arrivals: 0,
            turns: Turns::default(),
            running: Vec::new(),
            batch: Batch::default(),
        }
    }

    /// Works until the inbox is closed or the stop flag is raised.
    pub(crate) fn run(mut self) {
        loop {
            if self.running.is_empty() && self.waiting.is_empty() {
                // Without work the cores belong to others.
                self.member = None;
                match self.inbox.recv() {
                    Ok(request) => self.take_in(request),
                    Err(_) => return,
                }
            }
            while self.waiting.len() < MAX_WAITING
                && let Ok(request) = self.inbox.try_recv()
            {
                self.take_in(request);
            }
            if self.stop.load(Ordering::Relaxed) {
                self.fail_all(&LlamaError::from(ErrorKind::Stopped).into());
                return;
            }
            self.drop_abandoned();
            self.admit();
            if let Err(failure) = self.step() {
                self.fail_all(&failure);
            }
        }
    }

    /// One decode call, and what follows from it.
    fn step(&mut self) -> Result<(), Failure> {
        let shares = self.fill_batch();
        if shares.is_empty() {
            return Ok(());
        }
        self.abort.watch(shares.iter().map(|share| self.running[share.running].listener()));
        let decoded = self.decode();
        self.abort.watch(std::iter::empty());
        match decoded? {
            Decoded::Done(time) => self.settle(shares, time),
            // The next round sees why: the stop flag was raised, or everybody has gone.
            Decoded::Aborted => {
                for share in &shares {
                    self.kv.cut_back(self.running[share.running].sequence);
                }
            }
        }
        Ok(())
    }

    /// Computes the batch on as many cores as the budget gives.
    fn decode(&mut self) -> Result<Decoded, Failure> {
        self.kv.make_room(self.batch.len())?;
        for _ in 0..MAX_ROOM_TRIES {
            let member = self.member.get_or_insert_with(|| self.budget.join());
            let (tokens, offered) = (self.batch.len(), member.offer());
            let cores = self.budget.cores();
            let idle = || idle_cores(cores, self.budget.in_use());
            let wanted = self.thread_choice.choose(tokens, offered, idle);
            let Some(grant) = member.acquire(wanted, Urgency::Usual, &self.stop) else {
                return Ok(Decoded::Aborted);
            };
            let threads = grant.threads();
            let started = Instant::now();
            let result = self.kv.decode(&mut self.batch, threads);
            let time = started.elapsed();
            drop(grant);
            match result {
                Ok(()) => {
                    // What was not to be had was not offered.
                    let offered = if threads < wanted { threads } else { offered.max(threads) };
                    self.thread_choice.record(tokens, threads, offered, time);
                    if tokens == self.batch.outputs() || tokens > MOST_DRAFT_TOKENS {
                        self.costs.record(tokens, threads, time);
                    }
                    return Ok(Decoded::Done(time));
                }
                Err(DecodeError::Aborted) => return Ok(Decoded::Aborted),
                Err(DecodeError::CacheFull) => self.kv.make_more_room()?,
                Err(error @ (DecodeError::TooLarge(_) | DecodeError::Failed(_))) => {
                    return Err(Failure::new(FailureKind::ModelError, error.to_string()));
                }
            }
        }
        Err(Failure::new(FailureKind::ModelError, DecodeError::CacheFull.to_string()))
    }

    /// Ends all calls with a failure. What their sequences hold is not to be relied on.
    fn fail_all(&mut self, failure: &Failure) {
        for running in self.running.drain(..) {
            running.fail(failure.clone());
            self.kv.forget(running.sequence);
            self.kv.release(running.sequence, false);
        }
        while let Ok(request) = self.inbox.try_recv() {
            self.take_in(request);
        }
        for waiting in self.waiting.drain(..) {
            waiting.request.fail(failure.clone());
        }
    }

    fn book(&self, change: impl FnOnce(&mut ModelStats)) {
        change(&mut self.stats.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What came of a decode call.
enum Decoded {
    Done(Duration),
    Aborted,
}
