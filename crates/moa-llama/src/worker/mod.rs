//! A model's thread: continuous batching over its sequences.
//!
//! One round: take in new requests, drop those that nobody waits for, give sequences to waiting ones, plan a batch, ask the core
//! budget for threads, decode, choose tokens. What goes into a batch is decided by `plan`, which sequence a request gets by
//! `sequences`, how many threads compute by `cores` and `thread_choice`; here they only meet.

mod kv;
mod running;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moa_core::{ChatEvent, Failure, FailureKind, Progress};

use self::kv::KvCache;
pub(crate) use self::kv::KvLimits;
use self::running::Running;
use crate::abort::Abort;
use crate::batch::{Batch, DecodeError};
use crate::cores::{CoreBudget, Member, Urgency};
use crate::error::{ErrorKind, LlamaError};
use crate::idle::idle_cores;
use crate::native::Model;
use crate::plan::{Limits, plan};
use crate::request::PreparedRequest;
use crate::sequences::common_prefix;
use crate::stats::ModelStats;
use crate::thread_choice::ThreadChoice;

/// Waiting for another request's prompt is only worth it for more tokens than this.
const WORTH_WAITING_TOKENS: usize = 16;
/// Requests that are taken in before they get a sequence; the others stay in the channel.
const MAX_WAITING: usize = 256;
/// How often a batch is tried again when llama.cpp finds no room for it.
const MAX_ROOM_TRIES: usize = 8;

/// What a model's thread needs.
pub(crate) struct WorkerSetup {
    pub(crate) model: Arc<Model>,
    pub(crate) inbox: Receiver<PreparedRequest>,
    pub(crate) budget: CoreBudget,
    pub(crate) stats: Arc<Mutex<ModelStats>>,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) kv_limits: KvLimits,
    pub(crate) batch_limits: Limits,
    pub(crate) kv_bytes_per_token: u64,
}

/// The state of a model's thread.
pub(crate) struct Worker {
    model: Arc<Model>,
    inbox: Receiver<PreparedRequest>,
    budget: CoreBudget,
    /// Held while there is work.
    member: Option<Member>,
    thread_choice: ThreadChoice,
    stats: Arc<Mutex<ModelStats>>,
    stop: Arc<AtomicBool>,
    abort: Arc<Abort>,
    most_running: usize,
    batch_limits: Limits,
    kv_bytes_per_token: u64,
    kv: KvCache,
    waiting: VecDeque<Waiting>,
    running: Vec<Running>,
    batch: Batch,
}

/// A request without a sequence.
struct Waiting {
    request: PreparedRequest,
    /// Whether its call was told that it waits.
    told: bool,
}

/// A place in a batch: which running request, how many tokens, and where its logits will be.
struct Share {
    running: usize,
    tokens: usize,
    output: Option<usize>,
}

impl Worker {
    pub(crate) fn new(setup: WorkerSetup) -> Self {
        let abort = Arc::new(Abort::new(Arc::clone(&setup.stop)));
        let kv = KvCache::new(Arc::clone(&setup.model), setup.kv_limits, Arc::clone(&abort));
        Self {
            model: setup.model,
            inbox: setup.inbox,
            budget: setup.budget,
            member: None,
            thread_choice: ThreadChoice::default(),
            stats: setup.stats,
            stop: setup.stop,
            abort,
            most_running: setup.kv_limits.active_sequences as usize,
            batch_limits: setup.batch_limits,
            kv_bytes_per_token: setup.kv_bytes_per_token,
            kv,
            waiting: VecDeque::new(),
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

    fn take_in(&mut self, request: PreparedRequest) {
        self.waiting.push_back(Waiting { request, told: false });
    }

    /// Frees the places of calls that nobody waits for any more.
    fn drop_abandoned(&mut self) {
        self.waiting.retain(|waiting| !waiting.request.replies.is_closed());
        let kv = &mut self.kv;
        self.running.retain(|running| {
            let keep = !running.is_abandoned();
            if !keep {
                kv.release(running.sequence);
            }
            keep
        });
    }

    /// Gives sequences to waiting requests, the oldest first. A request that another one's prompt will help waits for it.
    fn admit(&mut self) {
        let mut index = 0;
        while index < self.waiting.len() && self.running.len() < self.most_running {
            if self.will_share(&self.waiting[index].request) {
                self.tell_queued(index);
                index += 1;
                continue;
            }
            let Some(claim) = self.kv.claim(&self.waiting[index].request.prompt) else { break };
            let Some(Waiting { request, .. }) = self.waiting.remove(index) else { break };
            self.book(|stats| {
                stats.requests += 1;
                stats.cached_tokens += claim.cached_tokens as u64;
            });
            self.running.push(Running::new(request, claim.sequence, claim.cached_tokens));
        }
        for index in index..self.waiting.len() {
            self.tell_queued(index);
        }
    }

    /// Whether a running request is about to compute a beginning of this prompt that no sequence holds yet.
    fn will_share(&self, request: &PreparedRequest) -> bool {
        if !self.kv.shares_prefixes() {
            return false;
        }
        let most = request.prompt.len().saturating_sub(1);
        let (_, held) = self.kv.table().longest_match(&request.prompt, most);
        self.running.iter().any(|running| {
            let computed = self.kv.table().length(running.sequence);
            if computed >= running.prompt_tokens {
                return false;
            }
            let common = common_prefix(&running.tokens[..running.prompt_tokens], &request.prompt).min(most);
            common > computed && common > held + WORTH_WAITING_TOKENS
        })
    }

    fn tell_queued(&mut self, index: usize) {
        if let Some(waiting) = self.waiting.get_mut(index).filter(|waiting| !waiting.told) {
            waiting.told = true;
            let _ = waiting.request.replies.try_send(Ok(ChatEvent::Progress(Progress::Queued)));
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
            Decoded::Done(time) => self.settle(&shares, time),
            // The next round sees why: the stop flag was raised, or everybody has gone.
            Decoded::Aborted => {
                for share in &shares {
                    self.kv.cut_back(self.running[share.running].sequence);
                }
            }
        }
        Ok(())
    }

    /// Puts the next tokens of the running requests into the batch.
    fn fill_batch(&mut self) -> Vec<Share> {
        if self.running.is_empty() {
            return Vec::new();
        }
        let table = self.kv.table();
        let demands: Vec<_> =
            self.running.iter().map(|running| running.demand(table.length(running.sequence))).collect();
        let member = self.member.get_or_insert_with(|| self.budget.join());
        let beside_others = member.offer() < self.budget.cores();
        let counts = plan(&demands, beside_others, self.batch_limits);
        self.batch.clear();
        let mut shares = Vec::with_capacity(counts.len());
        for (index, (running, tokens)) in self.running.iter().zip(counts).enumerate() {
            if tokens == 0 {
                continue;
            }
            let start = table.length(running.sequence);
            let is_last = start + tokens == running.tokens.len();
            let sequence = i32::try_from(running.sequence).unwrap_or(0);
            for position in start..start + tokens {
                let output = is_last && position + 1 == running.tokens.len();
                self.batch.push(running.tokens[position], position, sequence, output);
            }
            shares.push(Share { running: index, tokens, output: is_last.then(|| self.batch.len() - 1) });
        }
        shares
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
                    return Ok(Decoded::Done(time));
                }
                Err(DecodeError::Aborted) => return Ok(Decoded::Aborted),
                Err(DecodeError::CacheFull) => self.kv.make_more_room()?,
                Err(error @ DecodeError::Failed(_)) => {
                    return Err(Failure::new(FailureKind::ModelError, error.to_string()));
                }
            }
        }
        Err(Failure::new(FailureKind::ModelError, DecodeError::CacheFull.to_string()))
    }

    /// Books what a decode call computed, and what follows from it.
    fn settle(&mut self, shares: &[Share], time: Duration) {
        let (mut prompt_tokens, mut answer_tokens) = (0, 0);
        for share in shares {
            let running = &self.running[share.running];
            let start = self.kv.table().length(running.sequence);
            let end = start + share.tokens;
            self.kv.computed(running.sequence, &running.tokens[start..end]);
            let of_prompt = running.prompt_tokens.clamp(start, end) - start;
            prompt_tokens += of_prompt;
            answer_tokens += share.tokens - of_prompt;
        }
        // Before any call hears of it, so that who sees progress or an answer's end sees its figures, too.
        self.book_decode(prompt_tokens, answer_tokens, time);
        for share in shares {
            let running = &self.running[share.running];
            let computed = self.kv.table().length(running.sequence);
            if computed - share.tokens < running.prompt_tokens {
                running.report_prefill(computed);
            }
        }
        self.advance(shares);
    }

    /// Chooses the next token of every request whose last token was in the batch, and ends those that are complete.
    fn advance(&mut self, shares: &[Share]) {
        let mut done = Vec::new();
        for share in shares {
            let running = &mut self.running[share.running];
            let Some(logits) = share.output.and_then(|index| self.kv.logits(index)) else { continue };
            match running.advance(&self.model, logits) {
                Ok(false) => {}
                Ok(true) => done.push(share.running),
                Err(failure) => {
                    running.fail(failure);
                    done.push(share.running);
                }
            }
        }
        // From the back, so that the places of the others stay.
        for index in done.into_iter().rev() {
            let running = self.running.remove(index);
            self.kv.release(running.sequence);
        }
    }

    fn book_decode(&self, prompt_tokens: usize, answer_tokens: usize, time: Duration) {
        let cells = self.kv.cells();
        let peak = u32::try_from(self.kv.table().peak_cells()).unwrap_or(u32::MAX);
        let kv_bytes = self.kv_bytes_per_token * u64::from(cells);
        self.book(|stats| {
            stats.book(prompt_tokens, answer_tokens, time);
            stats.kv_cells = cells;
            stats.kv_bytes = kv_bytes;
            stats.peak_kv_cells = peak;
        });
    }

    /// Ends all calls with a failure. What their sequences hold is not to be relied on.
    fn fail_all(&mut self, failure: &Failure) {
        for running in self.running.drain(..) {
            running.fail(failure.clone());
            self.kv.forget(running.sequence);
            self.kv.release(running.sequence);
        }
        while let Ok(request) = self.inbox.try_recv() {
            self.waiting.push_back(Waiting { request, told: false });
        }
        for waiting in self.waiting.drain(..) {
            let _ = waiting.request.replies.try_send(Err(failure.clone()));
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
