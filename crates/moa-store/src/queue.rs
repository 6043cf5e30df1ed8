//! What was recorded and is not written yet.
//!
//! Putting something in takes a lock that is never held over any work of the disk, and the pieces of a run's answers that follow each
//! other are kept together from the start. So the queue needs little more memory than the text itself, about 40 bytes a
//! token: the bound below is more than a million tokens behind a stalled disk. When it is reached the pieces go first, because
//! the end of a call repeats its text; what is lost is counted, shown in [`Health`](crate::Health) and stored with the run.

use std::collections::HashMap;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use moa_core::{Conversation, Event, EventKind, Failure, Message, RunId, ToolCall};

use crate::block::{Piece, PieceBlock};
use crate::error::{StoreError, StoreErrorKind};
use crate::recorder::Health;

/// How long pieces may gather before they are written.
const GATHERING: Duration = Duration::from_millis(100);

/// The most bytes that may wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueueBounds {
    /// Beyond this no piece of an answer or of a thought is taken.
    pub(crate) pieces_bytes: usize,
    /// Beyond this nothing is taken.
    pub(crate) all_bytes: usize,
}

impl Default for QueueBounds {
    fn default() -> Self {
        Self { pieces_bytes: 64 * 1_024 * 1_024, all_bytes: 128 * 1_024 * 1_024 }
    }
}

/// One thing to write.
#[derive(Debug)]
pub(crate) enum Item {
    /// An event that is no piece.
    Event(Event),
    /// Pieces that follow each other.
    Pieces(PieceBlock),
    /// No more events of the run will come.
    Abandoned(RunId),
}

impl Item {
    pub(crate) fn run(&self) -> RunId {
        match self {
            Self::Event(event) => event.run,
            Self::Pieces(block) => block.run(),
            Self::Abandoned(run) => *run,
        }
    }

    pub(crate) fn event_count(&self) -> u64 {
        match self {
            Self::Event(_) => 1,
            Self::Pieces(block) => block.len() as u64,
            Self::Abandoned(_) => 0,
        }
    }
}

/// Everything that was waiting when the writer came.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) items: Vec<Item>,
    /// Events that the queue could not take, by run.
    pub(crate) lost: HashMap<RunId, u64>,
    bytes: usize,
    ticket: u64,
}

impl Batch {
    /// Whether a run ends in this batch.
    pub(crate) fn holds_last_event(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Event(event) if event.kind.is_last()))
    }
}

#[derive(Debug, Default)]
struct State {
    waiting: Batch,
    /// Where in the waiting items each run's last block is. Whether it can be gone on with is told by the numbers of its pieces.
    open_blocks: HashMap<RunId, usize>,
    in_flight_bytes: usize,
    /// Counts what was put in.
    ticket: u64,
    /// The ticket up to which everything is written or given up.
    settled: u64,
    urgent: bool,
    closing: bool,
    stopped: bool,
    lost_events: u64,
    failure: Option<StoreError>,
}

/// The queue between the recorders and the one writer.
#[derive(Debug)]
pub(crate) struct Queue {
    bounds: QueueBounds,
    state: Mutex<State>,
    work: Condvar,
    progress: Condvar,
}

impl Queue {
    pub(crate) fn new(bounds: QueueBounds) -> Self {
        Self { bounds, state: Mutex::default(), work: Condvar::new(), progress: Condvar::new() }
    }

    /// Takes an event. Never waits for the disk.
    pub(crate) fn push(&self, event: &Event) {
        if let Some(piece) = Piece::of(&event.kind) {
            self.enter(event, self.bounds.pieces_bytes, |state| state.put_piece(event, &piece));
        } else {
            // Copied before the lock is taken: a conversation with images is large.
            let copy = event.clone();
            self.enter(event, self.bounds.all_bytes, |state| state.put_whole(copy));
        }
        self.work.notify_one();
    }

    fn enter(&self, event: &Event, bound_bytes: usize, put: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        state.ticket += 1;
        if state.stopped || state.waiting.bytes + state.in_flight_bytes >= bound_bytes {
            state.lose(event.run);
        } else {
            put(&mut state);
        }
        // The ends of calls are worth a write of their own: a killed run then repeats only the calls in flight.
        state.urgent |= matches!(event.kind, EventKind::RunStarted { .. } | EventKind::CallFinished { .. })
            || event.kind.is_last();
    }

    /// Says that no more events of the run will come.
    pub(crate) fn abandon(&self, run: RunId) {
        let mut state = self.lock();
        state.waiting.items.push(Item::Abandoned(run));
        state.ticket += 1;
        state.urgent = true;
        drop(state);
        self.work.notify_one();
    }

    /// Waits until something is to be written and gives all of it; `None` when the queue is closed and empty.
    pub(crate) fn take(&self) -> Option<Batch> {
        let mut state = self.lock();
        while state.waiting.items.is_empty() && state.waiting.lost.is_empty() {
            if state.closing {
                return None;
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let deadline = Instant::now() + GATHERING;
        while !state.urgent && !state.closing {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.urgent = false;
        state.open_blocks.clear();
        let mut batch = mem::take(&mut state.waiting);
        batch.ticket = state.ticket;
        state.in_flight_bytes = batch.bytes;
        Some(batch)
    }

    /// Says what became of a batch: how many of its events are lost, and the failure that made it so.
    pub(crate) fn settle(&self, ticket: &Batch, lost_events: u64, failure: Option<StoreError>) {
        let mut state = self.lock();
        state.settled = ticket.ticket;
        state.in_flight_bytes = 0;
        state.lost_events += lost_events;
        if failure.is_some() {
            state.failure = failure;
        }
        drop(state);
        self.progress.notify_all();
    }

    /// Waits until all that was put in before is written.
    ///
    /// # Errors
    /// When something could not be written, now or before, or not within `patience`.
    pub(crate) fn flush(&self, patience: Duration) -> Result<(), StoreError> {
        let deadline = Instant::now() + patience;
        let mut state = self.lock();
        let ticket = state.ticket;
        state.urgent = true;
        self.work.notify_one();
        while state.settled < ticket && !state.stopped {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let message = "what was recorded is not written yet: the run store does not keep up";
                return Err(StoreError::new(StoreErrorKind::Busy, message));
            }
            state = self.progress.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.verdict()
    }

    /// Lets the writer end once all is written, and waits for that.
    pub(crate) fn close(&self, patience: Duration) {
        let mut state = self.lock();
        state.closing = true;
        self.work.notify_all();
        let deadline = Instant::now() + patience;
        while !state.stopped {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.progress.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.lock().closing
    }

    /// Says that nobody will take anything any more, and why if that should not be so.
    pub(crate) fn stop(&self, failure: Option<StoreError>) {
        let mut state = self.lock();
        state.stopped = true;
        if failure.is_some() {
            state.failure = failure;
        }
        let waiting = mem::take(&mut state.waiting);
        state.lost_events += waiting.items.iter().map(Item::event_count).sum::<u64>();
        state.open_blocks.clear();
        drop(state);
        self.progress.notify_all();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    pub(crate) fn health(&self) -> Health {
        let state = self.lock();
        Health {
            waiting_bytes: state.waiting.bytes + state.in_flight_bytes,
            lost_events: state.lost_events,
            failure: state.verdict().err(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn put_whole(&mut self, event: Event) {
        self.waiting.bytes += event_bytes(&event);
        self.waiting.items.push(Item::Event(event));
    }

    fn put_piece(&mut self, event: &Event, piece: &Piece<'_>) {
        let place = self.open_blocks.get(&event.run).copied();
        if let Some(Item::Pieces(block)) = place.and_then(|place| self.waiting.items.get_mut(place))
            && block.continues_with(event.sequence)
        {
            self.waiting.bytes += block.push(piece, event.at_ms);
            return;
        }
        let mut block = PieceBlock::new(event.run, event.sequence);
        self.waiting.bytes += size_of::<Item>() + block.push(piece, event.at_ms);
        self.open_blocks.insert(event.run, self.waiting.items.len());
        self.waiting.items.push(Item::Pieces(block));
    }

    fn lose(&mut self, run: RunId) {
        self.lost_events += 1;
        *self.waiting.lost.entry(run).or_default() += 1;
    }

    fn verdict(&self) -> Result<(), StoreError> {
        match &self.failure {
            Some(failure) => Err(failure.clone()),
            None if self.lost_events > 0 => {
                let message = format!("{} events were lost: the run store did not keep up", self.lost_events);
                Err(StoreError::new(StoreErrorKind::Overflow, message))
            }
            None => Ok(()),
        }
    }
}

/// About how much memory an event takes that is no piece.
fn event_bytes(event: &Event) -> usize {
    let texts = match &event.kind {
        EventKind::RunStarted { conversation, mixture, .. } => {
            conversation_bytes(conversation)
                + mixture
                    .agents()
                    .map(|agent| 256 + agent.system.as_ref().map_or(0, String::len))
                    .sum::<usize>()
                + mixture.synthesis.source().len()
        }
        EventKind::CallWarning { message, .. } => message.len(),
        EventKind::CallRetried { retry, .. } => failure_bytes(&retry.failure),
        EventKind::CallTool { tool, .. } => tool_bytes(tool),
        EventKind::CallFinished { outcome, .. } => {
            let error = outcome.error.as_ref().map_or(0, failure_bytes);
            let tools: usize = outcome.tool_calls.iter().map(tool_bytes).sum();
            outcome.text.len() + outcome.reasoning.len() + tools + error
        }
        EventKind::RunFinished { outcome } => {
            outcome.answer.len() + outcome.tool_calls.iter().map(tool_bytes).sum::<usize>()
        }
        EventKind::RunFailed { failure, .. } => failure_bytes(failure),
        _ => 0,
    };
    size_of::<Item>() + 64 + texts
}

fn conversation_bytes(conversation: &Conversation) -> usize {
    let message_bytes = |message: &Message| {
        let images: usize = message.images.iter().map(|image| 64 + image.url.len()).sum();
        let tools: usize = message.tool_calls.iter().map(tool_bytes).sum();
        64 + message.content.len() + images + tools
    };
    conversation.messages().iter().map(message_bytes).sum()
}

fn tool_bytes(tool: &ToolCall) -> usize {
    64 + tool.id.len() + tool.name.len() + tool.arguments.len()
}

fn failure_bytes(failure: &Failure) -> usize {
    failure.message.len() + failure.hint.as_ref().map_or(0, String::len)
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
