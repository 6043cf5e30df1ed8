//! Consecutive pieces of answers and of thoughts in one row.
//!
//! A run writes thousands of pieces and few other events. A block holds the pieces of one run that follow each other, of
//! whatever calls, in the order in which they came; each can be given back exactly.

use std::fmt;

use moa_core::{CallId, Event, EventKind, LayerIndex, RunId};
use serde::de::{Error as _, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::StoreError;

/// A block ends here, so that one row never holds a whole long run.
const MAX_PIECES: usize = 4_096;
const MAX_TEXT_BYTES: usize = 64 * 1_024;

/// A piece of text that a model wrote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'event> {
    pub(crate) call: CallId,
    pub(crate) tokens: u32,
    pub(crate) is_reasoning: bool,
    pub(crate) text: &'event str,
}

impl<'event> Piece<'event> {
    /// The piece that an event is, if it is one.
    pub(crate) fn of(kind: &'event EventKind) -> Option<Self> {
        match kind {
            EventKind::CallDelta { call, text, tokens } => {
                Some(Self { call: *call, tokens: *tokens, is_reasoning: false, text })
            }
            EventKind::CallReasoning { call, text, tokens } => {
                Some(Self { call: *call, tokens: *tokens, is_reasoning: true, text })
            }
            _ => None,
        }
    }
}

/// Pieces of one run whose sequence numbers follow each other.
#[derive(Debug)]
pub(crate) struct PieceBlock {
    run: RunId,
    first_sequence: u64,
    pieces: Vec<HeldPiece>,
    text: String,
}

#[derive(Debug)]
struct HeldPiece {
    call: CallId,
    at_ms: f64,
    tokens: u32,
    is_reasoning: bool,
    text_end: usize,
}

/// A piece as it is stored: layer, agent, time, tokens, text, and `true` after those where it is reasoning.
struct StoredPiece<Text> {
    call: CallId,
    at_ms: f64,
    tokens: u32,
    text: Text,
    is_reasoning: bool,
}

impl PieceBlock {
    /// An empty block whose first piece will be `first_sequence`.
    pub(crate) fn new(run: RunId, first_sequence: u64) -> Self {
        Self { run, first_sequence, pieces: Vec::new(), text: String::new() }
    }

    /// Whether the event with this number may be appended.
    pub(crate) fn continues_with(&self, sequence: u64) -> bool {
        let follows = self.first_sequence.checked_add(self.pieces.len() as u64) == Some(sequence);
        follows && self.pieces.len() < MAX_PIECES && self.text.len() < MAX_TEXT_BYTES
    }

    /// Appends a piece and gives the bytes that it takes.
    pub(crate) fn push(&mut self, piece: &Piece<'_>, at_ms: f64) -> usize {
        self.text.push_str(piece.text);
        let Piece { call, tokens, is_reasoning, .. } = *piece;
        self.pieces.push(HeldPiece { call, at_ms, tokens, is_reasoning, text_end: self.text.len() });
        size_of::<HeldPiece>() + piece.text.len()
    }

    pub(crate) fn run(&self) -> RunId {
        self.run
    }

    pub(crate) fn first_sequence(&self) -> u64 {
        self.first_sequence
    }

    pub(crate) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// When the latest piece came.
    pub(crate) fn last_at_ms(&self) -> Option<f64> {
        self.pieces.last().map(|piece| piece.at_ms)
    }

    /// The block as it is stored.
    pub(crate) fn encode(&self) -> serde_json::Result<String> {
        let mut start = 0;
        let stored: Vec<StoredPiece<&str>> = self
            .pieces
            .iter()
            .map(|piece| {
                let text = self.text.get(start..piece.text_end).unwrap_or_default();
                start = piece.text_end;
                let HeldPiece { call, at_ms, tokens, is_reasoning, .. } = *piece;
                StoredPiece { call, at_ms, tokens, text, is_reasoning }
            })
            .collect();
        serde_json::to_string(&stored)
    }
}

impl Serialize for StoredPiece<&str> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let answer = (self.call.layer.0, self.call.agent, self.at_ms, self.tokens, self.text);
        if self.is_reasoning {
            (answer.0, answer.1, answer.2, answer.3, answer.4, true).serialize(serializer)
        } else {
            answer.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for StoredPiece<String> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(StoredPieceVisitor)
    }
}

struct StoredPieceVisitor;

impl<'de> Visitor<'de> for StoredPieceVisitor {
    type Value = StoredPiece<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("layer, agent, time, tokens, text, and whether it is reasoning")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let missing = |index| A::Error::invalid_length(index, &"five or six fields");
        let layer = LayerIndex(fields.next_element()?.ok_or_else(|| missing(0))?);
        let agent = fields.next_element()?.ok_or_else(|| missing(1))?;
        let piece = StoredPiece {
            call: CallId { layer, agent },
            at_ms: fields.next_element()?.ok_or_else(|| missing(2))?,
            tokens: fields.next_element()?.ok_or_else(|| missing(3))?,
            text: fields.next_element()?.ok_or_else(|| missing(4))?,
            is_reasoning: fields.next_element()?.unwrap_or(false),
        };
        match fields.next_element::<IgnoredAny>()? {
            None => Ok(piece),
            Some(_) => Err(missing(7)),
        }
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
    let stored: Vec<StoredPiece<String>> =
        serde_json::from_str(body).map_err(|error| StoreError::damaged(run, error))?;
    for (piece, offset) in stored.into_iter().zip(0_u64..) {
        let sequence = first_sequence
            .checked_add(offset)
            .ok_or_else(|| StoreError::damaged(run, "an event has no number"))?;
        let StoredPiece { call, at_ms, tokens, text, is_reasoning } = piece;
        let kind = if is_reasoning {
            EventKind::CallReasoning { call, text, tokens }
        } else {
            EventKind::CallDelta { call, text, tokens }
        };
        events.push(Event { run, sequence, at_ms, kind });
    }
    Ok(())
}
