//! What the agents of a layer have written so far, for those who look while they still write.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// How much longer an answer has to be before its readers are told, in bytes: some 15 tokens. What is written beyond the last time is left to read
/// when the answer is complete, so that more would be waited for; writing out and comparing the prompt takes less than reading that many.
pub(crate) const TOLD_BYTES: usize = 60;

/// The answers to one question, as far as they are written: those of a layer, and earlier ones that its agents do not read.
pub struct GrowingAnswers {
    answers: Vec<Mutex<Growing>>,
    grown: Notify,
}

#[derive(Default)]
struct Growing {
    text: String,
    has_ended: bool,
}

/// The answer of one agent, as far as it is written.
#[derive(Clone, Copy)]
pub struct GrowingAnswer<'layer> {
    answer: &'layer Mutex<Growing>,
    grown: &'layer Notify,
}

/// The answers of the others to the question that an agent is asked, as far as they are written. Nothing of them is in its prompt: models of this machine
/// guess from them how their own answer goes on.
#[derive(Clone)]
pub struct Peers {
    answers: Arc<GrowingAnswers>,
    /// The place of the agent itself.
    own: usize,
}

/// What is new of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Growth {
    /// What was written since.
    pub text: String,
    /// Whether nothing more will come.
    pub has_ended: bool,
}

impl GrowingAnswers {
    /// For so many agents, and with these answers that are there already.
    pub fn new<'text>(agents: usize, earlier: impl IntoIterator<Item = &'text str>) -> Self {
        let earlier = earlier.into_iter().map(|text| Growing { text: text.to_owned(), has_ended: true });
        let answers = (0..agents).map(|_| Growing::default()).chain(earlier);
        Self { answers: answers.map(Mutex::new).collect(), grown: Notify::new() }
    }

    /// The answer of the agent at a place of the layer.
    #[must_use]
    pub fn of(&self, place: usize) -> Option<GrowingAnswer<'_>> {
        self.answers.get(place).map(|answer| GrowingAnswer { answer, grown: &self.grown })
    }

    /// All but that of the agent at a place, where there are others.
    #[must_use]
    pub fn peers_of(self: &Arc<Self>, place: usize) -> Option<Peers> {
        (self.answers.len() > 1).then(|| Peers { answers: Arc::clone(self), own: place })
    }

    /// Waits until one of the answers has grown by some 15 tokens.
    ///
    /// # Cancel safety
    /// Nothing is lost: growth that nobody waited for is told to the next who does.
    pub(crate) async fn grown(&self) {
        self.grown.notified().await;
    }
}

impl GrowingAnswer<'_> {
    /// Adds what was written.
    pub fn push(self, piece: &str) {
        let mut answer = self.lock();
        let told = answer.text.len() / TOLD_BYTES;
        answer.text.push_str(piece);
        if answer.text.len() / TOLD_BYTES > told {
            self.grown.notify_one();
        }
    }

    /// Says that nothing more comes.
    pub fn end(self) {
        self.lock().has_ended = true;
    }

    /// All that is written, but for white space before it.
    pub(crate) fn text(self) -> String {
        self.lock().text.trim_start().to_owned()
    }

    fn lock(&self) -> MutexGuard<'_, Growing> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Peers {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.answers.answers.len().saturating_sub(1)
    }

    /// What a peer, counted from 0, has written beyond its first so many bytes.
    #[must_use]
    pub fn since(&self, peer: usize, bytes: usize) -> Growth {
        let place = if peer < self.own { peer } else { peer + 1 };
        let Some(answer) = self.answers.of(place) else { return Growth::default() };
        let answer = answer.lock();
        let text = answer.text.get(bytes..).unwrap_or_default().to_owned();
        Growth { text, has_ended: answer.has_ended }
    }
}

/// Without a word of what was written.
impl fmt::Debug for Peers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Peers").field("count", &self.count()).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "growing_answers_tests.rs"]
mod tests;
