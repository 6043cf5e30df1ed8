//! What the agents of a layer have written so far, for those who read it while they still write.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// How much longer an answer has to be before its readers are told, in bytes: some 50 tokens.
pub(super) const TOLD_BYTES: usize = 200;

/// The answers of one layer, as far as they are written.
pub(super) struct GrowingAnswers {
    texts: Vec<Mutex<String>>,
    grown: Notify,
}

/// The answer of one agent, as far as it is written.
#[derive(Clone, Copy)]
pub(super) struct GrowingAnswer<'layer> {
    text: &'layer Mutex<String>,
    grown: &'layer Notify,
}

impl GrowingAnswers {
    /// For a layer of so many agents; for none where nobody reads.
    pub(super) fn new(agents: usize) -> Self {
        Self { texts: (0..agents).map(|_| Mutex::default()).collect(), grown: Notify::new() }
    }

    /// The answer of the agent at a place of the layer.
    pub(super) fn of(&self, place: usize) -> Option<GrowingAnswer<'_>> {
        self.texts.get(place).map(|text| GrowingAnswer { text, grown: &self.grown })
    }

    /// Waits until one of the answers has grown by some 50 tokens.
    ///
    /// # Cancel safety
    /// Nothing is lost: growth that nobody waited for is told to the next who does.
    pub(super) async fn grown(&self) {
        self.grown.notified().await;
    }
}

impl GrowingAnswer<'_> {
    /// Adds what was written.
    pub(super) fn push(self, piece: &str) {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        let told = text.len() / TOLD_BYTES;
        text.push_str(piece);
        if text.len() / TOLD_BYTES > told {
            self.grown.notify_one();
        }
    }

    /// All that is written, but for white space before it.
    pub(super) fn text(self) -> String {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).trim_start().to_owned()
    }
}
