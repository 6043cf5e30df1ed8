//! The events of one run in little room.
//!
//! Nearly all events of a run are pieces of texts, a few signs each. As values of their own they would take hundreds of bytes apiece,
//! for as long as anybody may still read the run; so their texts lie one after another in one buffer, and the events are made anew for
//! whoever reads them.

use std::sync::Arc;

use moa_core::{CallId, Conversation, Event, EventKind, RunId, ToolCall};

/// What an event takes beside its texts: its slot, itself, and what its allocations cost.
const WHOLE_BYTES: usize = size_of::<Event>() + size_of::<Slot>() + 64;

/// The events of a run, in order.
#[derive(Debug, Default)]
pub(super) struct EventLog {
    slots: Vec<Slot>,
    /// The texts of all pieces.
    text: String,
    run: RunId,
    first_sequence: u64,
    whole_bytes: usize,
}

#[derive(Debug)]
enum Slot {
    Whole(Arc<Event>),
    Piece(Piece),
}

/// A piece of an answer or of the thoughts before it.
#[derive(Debug, Clone, Copy)]
struct Piece {
    call: CallId,
    tokens: u32,
    at_ms: f64,
    start: usize,
    length: u32,
    is_reasoning: bool,
}

impl EventLog {
    /// Adds the next event.
    pub(super) fn push(&mut self, event: Event) {
        if self.slots.is_empty() {
            self.run = event.run;
            self.first_sequence = event.sequence;
        }
        let piece = match &event.kind {
            EventKind::CallDelta { call, text, tokens } => Some((*call, text, *tokens, false)),
            EventKind::CallReasoning { call, text, tokens } => Some((*call, text, *tokens, true)),
            _ => None,
        };
        let piece = piece.and_then(|(call, text, tokens, is_reasoning)| {
            let length = u32::try_from(text.len()).ok()?;
            let start = self.text.len();
            self.text.push_str(text);
            Some(Piece { call, tokens, at_ms: event.at_ms, start, length, is_reasoning })
        });
        self.slots.push(match piece {
            Some(piece) => Slot::Piece(piece),
            None => {
                self.whole_bytes += WHOLE_BYTES + text_bytes(&event.kind);
                Slot::Whole(Arc::new(event))
            }
        });
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The event at a place.
    pub(super) fn get(&self, place: usize) -> Option<Arc<Event>> {
        let piece = match self.slots.get(place)? {
            Slot::Whole(event) => return Some(Arc::clone(event)),
            Slot::Piece(piece) => *piece,
        };
        let Piece { call, tokens, at_ms, start, length, is_reasoning } = piece;
        let text = self.text.get(start..start + length as usize).unwrap_or_default().to_owned();
        let kind = if is_reasoning {
            EventKind::CallReasoning { call, text, tokens }
        } else {
            EventKind::CallDelta { call, text, tokens }
        };
        let sequence = self.first_sequence + place as u64;
        Some(Arc::new(Event { run: self.run, sequence, at_ms, kind }))
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = Arc<Event>> {
        (0..self.len()).filter_map(|place| self.get(place))
    }

    /// What they take in memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>() + self.text.capacity() + self.whole_bytes
    }

    /// Gives back the room that was kept for more.
    pub(super) fn shrink(&mut self) {
        self.slots.shrink_to_fit();
        self.text.shrink_to_fit();
    }
}

/// The bytes of the texts of an event, as far as they may be long.
fn text_bytes(kind: &EventKind) -> usize {
    let called = |tools: &[ToolCall]| -> usize { tools.iter().map(tool_bytes).sum() };
    match kind {
        EventKind::RunStarted { conversation, .. } => conversation_bytes(conversation),
        EventKind::CallDelta { text, .. } | EventKind::CallReasoning { text, .. } => text.len(),
        EventKind::CallTool { tool, .. } => tool_bytes(tool),
        EventKind::CallFinished { outcome, .. } => {
            outcome.text.len() + outcome.reasoning.len() + called(&outcome.tool_calls)
        }
        EventKind::RunFinished { outcome } => outcome.answer.len() + called(&outcome.tool_calls),
        _ => 0,
    }
}

fn tool_bytes(tool: &ToolCall) -> usize {
    size_of::<ToolCall>() + tool.id.len() + tool.name.len() + tool.arguments.len()
}

fn conversation_bytes(conversation: &Conversation) -> usize {
    let messages = conversation.messages().iter();
    messages
        .map(|message| {
            let images: usize = message.images.iter().map(|image| image.url.len()).sum();
            let tools: usize = message.tool_calls.iter().map(tool_bytes).sum();
            size_of_val(message) + message.content.len() + images + tools
        })
        .sum()
}

#[cfg(test)]
#[path = "event_log_tests.rs"]
mod tests;
