//! Consecutive pieces of answers in one row.
//!
//! A run writes thousands of deltas and few other events. A block holds the deltas of one run that follow each other, of
//! whatever calls, in the order in which they came; each can be given back exactly.

use moa_core::{CallId, Event, EventKind, LayerIndex, RunId};

use crate::error::StoreError;

/// A block ends here, so that one row never holds a whole long run.
const MAX_DELTAS: usize = 4_096;
const MAX_TEXT_BYTES: usize = 64 * 1_024;

/// Deltas of one run whose sequence numbers follow each other.
#[derive(Debug)]
pub(crate) struct DeltaBlock {
    run: RunId,
    first_sequence: u64,
    deltas: Vec<Delta>,
    text: String,
}

#[derive(Debug)]
struct Delta {
    call: CallId,
    at_ms: f64,
    tokens: u32,
    text_end: usize,
}

/// A delta as it is stored: layer, agent, time, tokens, text.
type StoredDelta<Text> = (u32, u32, f64, u32, Text);

impl DeltaBlock {
    /// An empty block whose first delta will be `first_sequence`.
    pub(crate) fn new(run: RunId, first_sequence: u64) -> Self {
        Self { run, first_sequence, deltas: Vec::new(), text: String::new() }
    }

    /// Whether the event with this number may be appended.
    pub(crate) fn continues_with(&self, sequence: u64) -> bool {
        let follows = self.first_sequence.checked_add(self.deltas.len() as u64) == Some(sequence);
        follows && self.deltas.len() < MAX_DELTAS && self.text.len() < MAX_TEXT_BYTES
    }

    /// Appends a delta and gives the bytes that it takes.
    pub(crate) fn push(&mut self, call: CallId, at_ms: f64, tokens: u32, text: &str) -> usize {
        self.text.push_str(text);
        self.deltas.push(Delta { call, at_ms, tokens, text_end: self.text.len() });
        size_of::<Delta>() + text.len()
    }

    pub(crate) fn run(&self) -> RunId {
        self.run
    }

    pub(crate) fn first_sequence(&self) -> u64 {
        self.first_sequence
    }

    pub(crate) fn len(&self) -> usize {
        self.deltas.len()
    }

    /// When the latest delta came.
    pub(crate) fn last_at_ms(&self) -> Option<f64> {
        self.deltas.last().map(|delta| delta.at_ms)
    }

    /// The block as it is stored.
    pub(crate) fn encode(&self) -> serde_json::Result<String> {
        let mut start = 0;
        let stored: Vec<StoredDelta<&str>> = self
            .deltas
            .iter()
            .map(|delta| {
                let text = self.text.get(start..delta.text_end).unwrap_or_default();
                start = delta.text_end;
                (delta.call.layer.0, delta.call.agent, delta.at_ms, delta.tokens, text)
            })
            .collect();
        serde_json::to_string(&stored)
    }
}

/// Appends the events of a stored block to `events`.
///
/// # Errors
/// When the body is not that of a block.
pub(crate) fn decode(
    run: RunId,
    first_sequence: u64,
    body: &str,
    events: &mut Vec<Event>,
) -> Result<(), StoreError> {
    let stored: Vec<StoredDelta<String>> =
        serde_json::from_str(body).map_err(|error| StoreError::damaged(run, error))?;
    for ((layer, agent, at_ms, tokens, text), offset) in stored.into_iter().zip(0_u64..) {
        let sequence = first_sequence
            .checked_add(offset)
            .ok_or_else(|| StoreError::damaged(run, "an event has no number"))?;
        let call = CallId { layer: LayerIndex(layer), agent };
        events.push(Event { run, sequence, at_ms, kind: EventKind::CallDelta { call, text, tokens } });
    }
    Ok(())
}
