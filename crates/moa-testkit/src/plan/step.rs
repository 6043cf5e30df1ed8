//! The steps of a reply.

use std::time::Duration;

use crate::script::{Drip, Fault, Point};

/// What stands in the bytes where the moment of sending belongs; as long as a stamp's 20 digits.
pub(crate) const STAMP: &[u8; 20] = b"@@@@@@@stamp@@@@@@@@";

/// A reply, in order.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) status: u16,
    pub(crate) steps: Vec<Step>,
    /// The connection breaks once so many bytes are out.
    pub(crate) break_after: Option<(u64, Break)>,
    /// Whether the connection ends with the reply.
    pub(crate) close: bool,
    pub(crate) prompt_tokens: u64,
    pub(crate) completion_tokens: u64,
}

/// One step of a reply.
#[derive(Debug)]
pub(crate) enum Step {
    Pause(Duration),
    Hold,
    Send(Piece),
    /// Silence until the client leaves.
    Stall,
    Break(Break),
}

/// How a connection is broken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Break {
    Close,
    Reset,
}

/// Bytes that are written at once.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    /// Whether it is one of the numbered chunks.
    pub(crate) is_chunk: bool,
    /// Where the moment of sending belongs.
    pub(crate) stamp_at: Option<usize>,
    pub(crate) drip: Option<Drip>,
}

impl Piece {
    /// Bytes that are no numbered chunk.
    pub(crate) fn plain(bytes: Vec<u8>) -> Self {
        Self { bytes, is_chunk: false, stamp_at: None, drip: None }
    }

    /// Whether the two can be written as one.
    fn joins(&self, next: &Self) -> bool {
        !self.is_chunk && !next.is_chunk && self.drip.is_none() && next.drip.is_none()
    }
}

impl Plan {
    pub(crate) fn pause(&mut self, duration: Duration) {
        if !duration.is_zero() {
            self.steps.push(Step::Pause(duration));
        }
    }

    /// Adds bytes; those that are no chunk join what was added just before, so that they cost one write.
    pub(crate) fn send(&mut self, piece: Piece) {
        match self.steps.last_mut() {
            Some(Step::Send(last)) if last.joins(&piece) => {
                last.bytes.extend_from_slice(&piece.bytes);
            }
            _ => self.steps.push(Step::Send(piece)),
        }
    }

    /// Adds what the rule has for this point. `false` when the reply ends here.
    pub(crate) fn reach(&mut self, point: Point, hold: &[Point], fault: Option<Fault>) -> bool {
        if hold.contains(&point) {
            self.steps.push(Step::Hold);
        }
        let step = match fault {
            Some(Fault::StallAt(at)) if at == point => Step::Stall,
            Some(Fault::CloseAt(at)) if at == point => Step::Break(Break::Close),
            Some(Fault::ResetAt(at)) if at == point => Step::Break(Break::Reset),
            _ => return true,
        };
        self.steps.push(step);
        false
    }
}
