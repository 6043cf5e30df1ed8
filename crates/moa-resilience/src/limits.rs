//! Waiting for an endpoint's limits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moa_core::{ChatRequest, Conversation, Tools, estimated_prompt_tokens, most_prompt_tokens};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::limit_queue::{Entry, LimitQueue, Turn};
use crate::settings::LimitSettings;
use crate::timed::pass;

/// The limits of one endpoint, for all who use it.
#[derive(Debug)]
pub(crate) struct Limits {
    queue: Mutex<LimitQueue>,
}

/// What became of a request that came to the limits.
#[derive(Debug)]
pub(crate) enum Entered {
    /// It may be made at once.
    Place(Place),
    /// It has to wait.
    Waiting(Waiting),
    /// Too many wait already; it may come back after this time.
    Full(Duration),
    /// It could take more tokens than the endpoint has in a minute.
    TooLarge {
        /// The tokens of its prompt and its answer, estimated.
        tokens: u64,
        /// The tokens of a minute.
        cap: u64,
    },
}

impl Limits {
    pub(crate) fn new(settings: LimitSettings) -> Self {
        Self { queue: Mutex::new(LimitQueue::new(settings)) }
    }

    /// Requests in flight, and those that wait.
    pub(crate) fn load(&self) -> (u32, usize) {
        self.lock().load()
    }

    /// A request comes and is ready to wait.
    pub(crate) fn enter(self: &Arc<Self>, request: &ChatRequest) -> Entered {
        let tokens = match self.tokens_of(request) {
            Ok(tokens) => tokens,
            Err((tokens, cap)) => return Entered::TooLarge { tokens, cap },
        };
        let now = Instant::now();
        match self.lock().enter(tokens, now) {
            Entry::Admitted => Entered::Place(self.place(tokens, now)),
            Entry::Waiting(ticket, wake) => {
                Entered::Waiting(Waiting { limits: Arc::clone(self), ticket: Some(ticket), tokens, wake })
            }
            Entry::Full(after) => Entered::Full(after),
        }
    }

    /// A place, if the request can be made at once.
    pub(crate) fn enter_at_once(self: &Arc<Self>, request: &ChatRequest) -> Option<Place> {
        let tokens = self.tokens_of(request).ok()?;
        let now = Instant::now();
        self.lock().admit_at_once(tokens, now).then(|| self.place(tokens, now))
    }

    /// The tokens to set aside for `request`: the most that it can be, because the limit must hold, but no more than there are. Where even what it
    /// probably is exceeds the limit, both numbers.
    fn tokens_of(&self, request: &ChatRequest) -> Result<u64, (u64, u64)> {
        let Some(cap) = self.lock().tokens_cap() else { return Ok(0) };
        let prompt = &request.prompt;
        let tools = request.tools.as_ref().map_or(0, |tools| tools_tokens(tools));
        let count = |tokens: fn(&Conversation) -> u32| {
            let read = prompt.render().map_or_else(|_| tokens(prompt.conversation()), |read| tokens(&read));
            u64::from(read) + tools + u64::from(request.max_tokens)
        };
        let likely = count(estimated_prompt_tokens);
        if likely > cap {
            return Err((likely, cap));
        }
        Ok(count(most_prompt_tokens).min(cap))
    }

    fn place(self: &Arc<Self>, tokens: u64, admitted_at: Instant) -> Place {
        Place { limits: Arc::clone(self), tokens, admitted_at, end: End::Unknown }
    }

    fn lock(&self) -> MutexGuard<'_, LimitQueue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// About as many tokens as descriptions of tools have at most: one for two bytes.
fn tools_tokens(tools: &Tools) -> u64 {
    let bytes: usize = tools.tools.iter().map(|tool| tool.to_string().len()).sum();
    u64::try_from(bytes.div_ceil(2)).unwrap_or(u64::MAX)
}

/// A request in the queue. Dropping it gives its turn to the next one.
#[derive(Debug)]
pub(crate) struct Waiting {
    limits: Arc<Limits>,
    /// `None` once it no longer waits.
    ticket: Option<u64>,
    tokens: u64,
    wake: Arc<Notify>,
}

impl Waiting {
    /// Waits for its turn.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the queue.
    pub(crate) async fn place(mut self) -> Place {
        while let Some(ticket) = self.ticket {
            let turn = self.limits.lock().turn(ticket, Instant::now());
            let at = match turn {
                Turn::Admitted(at) => {
                    self.ticket = None;
                    return self.limits.place(self.tokens, at);
                }
                Turn::LookAgain(at) => Some(at),
                Turn::Later => None,
            };
            tokio::select! {
                () = pass(at) => {}
                () = self.wake.notified() => {}
            }
        }
        std::future::pending().await
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.limits.lock().leave(ticket, self.tokens, Instant::now());
        }
    }
}

/// A request that may be made, and counts until this is dropped. What was set aside for it in tokens counts in full, unless it is settled.
#[derive(Debug)]
pub(crate) struct Place {
    limits: Arc<Limits>,
    tokens: u64,
    admitted_at: Instant,
    end: End,
}

#[derive(Debug, Clone, Copy)]
enum End {
    /// It was made, and nobody said what it came to.
    Unknown,
    /// It came to as many tokens.
    Settled(u64),
    /// It was not made.
    Unused,
}

impl Place {
    /// The request came to `tokens`.
    pub(crate) fn settle(&mut self, tokens: u64) {
        self.end = End::Settled(tokens);
    }

    /// The request is not made.
    pub(crate) fn give_back(mut self) {
        self.end = End::Unused;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut queue = self.limits.lock();
        match self.end {
            End::Unknown => queue.release(self.tokens, self.tokens, now),
            End::Settled(actual) => queue.release(self.tokens, actual, now),
            End::Unused => queue.release_unused(self.tokens, self.admitted_at, now),
        }
    }
}
