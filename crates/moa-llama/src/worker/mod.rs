//! A model's thread: continuous batching over its sequences.
//!
//! One round: take in new requests, drop those that nobody waits for, give sequences to waiting ones, plan a batch, ask the core
//! budget for threads, decode, choose tokens. Who begins, what goes into a batch and on how many threads is decided by the `scheduler`, what is
//! guessed beyond that by `lookup`, which sequence a request gets by `sequences`; here they only meet.

mod admission;
mod drafting;
mod kv;
mod kv_room;
mod parked;
mod running;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moa_core::{Failure, FailureKind, RunId};

use self::drafting::Draft;
use self::kv::KvCache;
pub(crate) use self::kv::{CELL_BLOCK, KvLimits};
pub(crate) use self::kv_room::KvRoom;
use self::running::Running;
use crate::abort::Abort;
use crate::error::{ErrorKind, LlamaError};
use crate::lookup::{CostCurve, Verified, Written, draft_lengths, verify};
use crate::native::{Batch, DecodeError, Model};
use crate::request::PreparedRequest;
use crate::scheduler::{
    CoreBudget, Demand, Limits, Member, NextCall, ThreadChoice, Turns, Urgency, idle_cores, next_call,
};
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

/// A place in a batch: which running request, how many tokens, and where its logits will be.
struct Share {
    running: usize,
    tokens: usize,
    /// The place of the last of `tokens`, if its logits were asked for; those of the draft follow.
    output: Option<usize>,
    draft: Draft,
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

    /// Puts the next tokens of the running requests into the batch.
    fn fill_batch(&mut self) -> Vec<Share> {
        if self.running.is_empty() {
            return Vec::new();
        }
        let (demands, counts) = self.next_tokens();
        let mut drafts = self.drafts(&demands, &counts);
        let table = self.kv.table();
        self.batch.clear();
        let mut shares = Vec::with_capacity(counts.len());
        for (index, (running, tokens)) in self.running.iter().zip(counts).enumerate() {
            if tokens == 0 {
                continue;
            }
            let start = table.length(running.sequence);
            let end = start + tokens;
            let is_last = end == running.tokens.len() && !running.reads_ahead;
            let sequence = i32::try_from(running.sequence).unwrap_or(0);
            for position in start..end {
                let output = is_last && position + 1 == end;
                self.batch.push(running.tokens[position], position, sequence, output);
            }
            let output = is_last.then(|| self.batch.len() - 1);
            let draft = std::mem::take(&mut drafts[index]);
            for (position, token) in (end..).zip(&draft.tokens) {
                self.batch.push(*token, position, sequence, true);
            }
            shares.push(Share { running: index, tokens, output, draft });
        }
        shares
    }

    /// What the running requests want, and what each has in the next call. Some may have given way then.
    fn next_tokens(&mut self) -> (Vec<Demand>, Vec<usize>) {
        loop {
            let table = self.kv.table();
            let demands: Vec<Demand> =
                self.running.iter().map(|running| running.demand(table.length(running.sequence))).collect();
            // Where a whole batch finds room, nobody can have to give way.
            let is_roomy = self.kv.lacking_cells(self.batch_limits.batch_tokens) == 0;
            let tenants = if is_roomy { Vec::new() } else { self.tenants() };
            let member = self.member.get_or_insert_with(|| self.budget.join());
            let beside_others = member.offer() < self.budget.cores();
            let kv = &mut self.kv;
            match next_call(&demands, &tenants, beside_others, self.batch_limits, |tokens| {
                kv.lacking_cells(tokens)
            }) {
                NextCall::Tokens(counts) => return (demands, counts),
                NextCall::GiveWay(places) => self.set_back(places),
            }
        }
    }

    /// What each running request drafts in a call in which they have `counts` tokens.
    fn drafts(&mut self, demands: &[Demand], counts: &[usize]) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = self.running.iter().map(|_| Draft::default()).collect();
        let tokens: usize = counts.iter().sum();
        let mut most = MOST_DRAFT_TOKENS.min(self.batch_limits.batch_tokens.saturating_sub(tokens));
        if self.kv.lacking_cells(tokens + most) > 0 {
            // Nobody gives way for a guess.
            most = 0;
        }
        if !self.lookup || most == 0 {
            return drafts;
        }
        let is_complete = |place: usize| {
            counts[place] > 0 && counts[place] == demands[place].pending_tokens && !demands[place].is_ahead
        };
        let answers = (0..counts.len()).filter(|place| is_complete(*place)).count();
        let writing = (0..counts.len()).filter(|place| is_complete(*place) && !demands[*place].is_prompt);
        let (places, offers): (Vec<usize>, Vec<_>) =
            writing.filter_map(|place| Some((place, self.running[place].offer(most)?))).unzip();
        let lengths = draft_lengths(&offers, tokens, answers, most, |tokens| self.costs.seconds(tokens));
        for (place, length) in places.into_iter().zip(lengths) {
            drafts[place] = self.running[place].draft(length);
        }
        drafts
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

    /// Books what a decode call computed, and what follows from it.
    fn settle(&mut self, shares: Vec<Share>, time: Duration) {
        let (mut prompt_tokens, mut answer_tokens, mut drafted_tokens) = (0, 0, 0);
        for share in &shares {
            let running = &self.running[share.running];
            let start = self.kv.table().length(running.sequence);
            let end = start + share.tokens;
            self.kv.computed(running.sequence, &running.tokens[start..end]);
            // What was written and is read again, because its cells were given away, is read as a prompt is.
            let of_answer = usize::from(end > running.prompt_tokens && share.output.is_some());
            prompt_tokens += share.tokens - of_answer;
            answer_tokens += of_answer;
            drafted_tokens += share.draft.tokens.len();
        }
        // Before any call hears of it, so that who sees progress or an answer's end sees its figures, too.
        self.book_decode(prompt_tokens, answer_tokens, drafted_tokens, time);
        for share in &shares {
            let running = &self.running[share.running];
            let computed = self.kv.table().length(running.sequence);
            if computed - share.tokens < running.prompt_tokens {
                running.report_prefill(computed);
            }
        }
        let tokens = prompt_tokens + answer_tokens;
        let plain_seconds = self.costs.seconds(tokens).unwrap_or_default();
        let draft_cost = DraftCost {
            plain_seconds,
            seconds_per_draft_token: match u32::try_from(drafted_tokens) {
                Ok(drafted @ 1..) => (time.as_secs_f64() - plain_seconds) / f64::from(drafted),
                _ => 0.0,
            },
        };
        self.advance(shares, draft_cost);
    }

    /// Chooses the next tokens of every request whose last token was in the batch, and ends those that are complete.
    fn advance(&mut self, shares: Vec<Share>, draft_cost: DraftCost) {
        let mut done = Vec::new();
        for share in shares {
            let is_done = match share.output {
                Some(output) => self.write(share.running, output, &share.draft, draft_cost),
                None => self.running[share.running].reads_ahead && self.is_read(share.running),
            };
            if is_done {
                done.push(share.running);
            }
        }
        // From the back, so that the places of the others stay.
        for index in done.into_iter().rev() {
            let running = self.running.remove(index);
            self.kv.release(running.sequence, running.reads_ahead);
        }
    }

    /// Whether all tokens of a request are computed.
    fn is_read(&self, index: usize) -> bool {
        let running = &self.running[index];
        self.kv.table().length(running.sequence) >= running.tokens.len()
    }

    /// Writes the next token of a request, and one more for each token of its draft that is what the model writes anyway. Returns whether
    /// the answer is complete.
    fn write(&mut self, index: usize, output: usize, draft: &Draft, draft_cost: DraftCost) -> bool {
        let (running, kv, model) = (&mut self.running[index], &mut self.kv, &self.model);
        let sequence = running.sequence;
        let Verified { accepted, has_ended } = verify(&draft.tokens, |place| {
            if let Some(right) = place.checked_sub(1).and_then(|place| draft.tokens.get(place)) {
                kv.computed(sequence, &[*right]);
            }
            let missing = || Failure::new(FailureKind::ModelError, "llama.cpp computed no logits");
            let written = kv.logits(output + place).ok_or_else(missing);
            match written.and_then(|logits| running.advance(model, logits)) {
                Ok(false) => running.tokens.last().map_or(Written::End, |token| Written::Token(*token)),
                Ok(true) => Written::End,
                Err(failure) => {
                    running.fail(failure);
                    Written::End
                }
            }
        });
        if accepted < draft.tokens.len() {
            self.kv.cut_back(sequence);
        }
        if !draft.tokens.is_empty() {
            running.judged(draft, accepted, draft_cost.saved_seconds(draft.tokens.len(), accepted));
            self.book(|stats| {
                stats.decode_tokens += accepted as u64;
                stats.accepted_tokens += accepted as u64;
            });
        }
        has_ended
    }

    fn book_decode(&self, prompt_tokens: usize, answer_tokens: usize, drafted_tokens: usize, time: Duration) {
        let cells = self.kv.cells();
        let peak = u32::try_from(self.kv.table().peak_cells()).unwrap_or(u32::MAX);
        let kv_bytes = self.kv_bytes_per_token * (u64::from(cells) + self.kv.parked_cells() as u64);
        self.book(|stats| {
            stats.book(prompt_tokens, answer_tokens, drafted_tokens, time);
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

/// What drafts cost in one call.
#[derive(Debug, Clone, Copy)]
struct DraftCost {
    /// What the call takes without them.
    plain_seconds: f64,
    seconds_per_draft_token: f64,
}

impl DraftCost {
    /// What a draft saved: the calls that its right tokens would have taken, less what it added to this one.
    fn saved_seconds(&self, drafted: usize, accepted: usize) -> f64 {
        let times = |tokens: usize| f64::from(u32::try_from(tokens).unwrap_or(u32::MAX));
        times(accepted) * self.plain_seconds - times(drafted) * self.seconds_per_draft_token
    }
}

/// What came of a decode call.
enum Decoded {
    Done(Duration),
    Aborted,
}
