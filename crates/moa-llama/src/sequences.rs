//! Which tokens lie in which sequence of the KV cache, and which prefixes can be used again.
//!
//! The table mirrors what llama.cpp holds: every cell carries one token and belongs to one or more sequences. A sequence that
//! is done keeps its cells until they are needed elsewhere, so that a later prompt that begins alike need not compute them
//! again. What has to be done to the real cache is returned as [`CacheStep`]s; nothing here touches llama.cpp.

use crate::native::Token;

/// The number of a sequence.
pub(crate) type SequenceId = usize;

/// A change to the real KV cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheStep {
    /// Gives up the cells of a sequence from a position on.
    Truncate {
        /// The sequence.
        sequence: SequenceId,
        /// The tokens that stay.
        length: usize,
    },
    /// Lets an empty sequence share the first cells of another one.
    Share {
        /// Whose cells.
        from: SequenceId,
        /// Who gets them.
        to: SequenceId,
        /// How many.
        length: usize,
    },
}

/// A sequence given to a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The sequence.
    pub(crate) sequence: SequenceId,
    /// Tokens of the prompt that are in it already.
    pub(crate) cached_tokens: usize,
    /// What to do to the real cache first.
    pub(crate) steps: Vec<CacheStep>,
}

#[derive(Debug, Clone, Default)]
struct Sequence {
    tokens: Vec<Token>,
    cells: Vec<usize>,
    active: bool,
    /// Whether a request is on its way that goes on from it.
    awaited: bool,
    last_used: u64,
}

/// A request that has not come after so many others have ended will not come: what it would have gone on from was dropped.
const LONGEST_AWAITED: u64 = 16;

/// All sequences of a context.
#[derive(Debug)]
pub(crate) struct Sequences {
    rows: Vec<Sequence>,
    /// How many sequences a cell belongs to; cells with 0 are free.
    owners: Vec<u32>,
    free_cells: Vec<usize>,
    used: usize,
    peak: usize,
    clock: u64,
}

impl Sequences {
    /// A table of `count` empty sequences.
    pub(crate) fn new(count: usize) -> Self {
        Self {
            rows: vec![Sequence::default(); count],
            owners: Vec::new(),
            free_cells: Vec::new(),
            used: 0,
            peak: 0,
            clock: 0,
        }
    }

    /// The cells in use, shared ones counted once.
    pub(crate) fn used_cells(&self) -> usize {
        self.used
    }

    /// The most cells that were ever in use.
    pub(crate) fn peak_cells(&self) -> usize {
        self.peak
    }

    /// The cells that active sequences use, shared ones counted once: those that cannot be given up.
    pub(crate) fn active_cells(&self) -> usize {
        let mut is_active = vec![false; self.owners.len()];
        for sequence in self.rows.iter().filter(|sequence| sequence.active) {
            for cell in &sequence.cells {
                is_active[*cell] = true;
            }
        }
        is_active.into_iter().filter(|is_active| *is_active).count()
    }

    /// Whether a request uses the sequence.
    pub(crate) fn is_active(&self, sequence: SequenceId) -> bool {
        self.rows.get(sequence).is_some_and(|sequence| sequence.active)
    }

    /// The cells that only this sequence uses.
    pub(crate) fn own_cells(&self, sequence: SequenceId) -> usize {
        let cells = self.rows.get(sequence).map_or(&[][..], |sequence| &sequence.cells);
        cells.iter().filter(|cell| self.owners[**cell] == 1).count()
    }

    /// The tokens that a sequence holds.
    pub(crate) fn tokens(&self, sequence: SequenceId) -> &[Token] {
        self.rows.get(sequence).map_or(&[], |sequence| &sequence.tokens)
    }

    /// How many tokens a sequence holds.
    pub(crate) fn length(&self, sequence: SequenceId) -> usize {
        self.rows.get(sequence).map_or(0, |sequence| sequence.tokens.len())
    }

    /// Finds a sequence for a prompt and puts as much of the prompt into it as any sequence holds, but never the last token,
    /// which must be computed for its logits. `None` when all sequences are active.
    pub(crate) fn claim(&mut self, prompt: &[Token], reuse: bool) -> Option<Claim> {
        let most = prompt.len().saturating_sub(1);
        let (source, length) = if reuse { self.longest_match(prompt, most) } else { (None, 0) };
        let mut steps = Vec::new();
        let continues = source.filter(|id| {
            let source = &self.rows[*id];
            !source.active && source.tokens.len() <= length + 1
        });
        let sequence = continues.or_else(|| self.victim(source))?;
        if Some(sequence) == source {
            self.truncate(sequence, length, &mut steps);
        } else {
            self.truncate(sequence, 0, &mut steps);
            if let Some(from) = source.filter(|_| length > 0) {
                self.share(from, sequence, length);
                steps.push(CacheStep::Share { from, to: sequence, length });
            }
        }
        self.rows[sequence].active = true;
        Some(Claim { sequence, cached_tokens: length, steps })
    }

    /// The sequence that shares the longest beginning with a prompt, and how long that is (at most `most` tokens). Of equally
    /// long ones an idle one is taken.
    pub(crate) fn longest_match(&self, prompt: &[Token], most: usize) -> (Option<SequenceId>, usize) {
        let best = self
            .rows
            .iter()
            .enumerate()
            .map(|(id, sequence)| (common_prefix(&sequence.tokens, prompt).min(most), !sequence.active, id))
            .max();
        match best {
            Some((length, _, id)) if length > 0 => (Some(id), length),
            _ => (None, 0),
        }
    }

    /// A sequence to overwrite: an empty one, or the idle one that was used longest ago. `keep` only when there is no other.
    fn victim(&self, keep: Option<SequenceId>) -> Option<SequenceId> {
        self.rows
            .iter()
            .enumerate()
            .filter(|(_, sequence)| !sequence.active)
            .min_by_key(|(id, sequence)| (Some(*id) == keep, !sequence.tokens.is_empty(), sequence.last_used))
            .map(|(id, _)| id)
    }

    /// Says that a token of an active sequence was computed.
    pub(crate) fn push(&mut self, sequence: SequenceId, token: Token) {
        let cell = self.free_cells.pop().unwrap_or_else(|| {
            self.owners.push(0);
            self.owners.len() - 1
        });
        self.owners[cell] = 1;
        self.used += 1;
        self.peak = self.peak.max(self.used);
        let sequence = &mut self.rows[sequence];
        sequence.tokens.push(token);
        sequence.cells.push(cell);
    }

    /// Ends the use of a sequence; its cells stay for later prompts. `awaited` says that one is on its way that goes on from them.
    pub(crate) fn release(&mut self, sequence: SequenceId, awaited: bool) {
        self.clock += 1;
        let sequence = &mut self.rows[sequence];
        sequence.active = false;
        sequence.awaited = awaited;
        sequence.last_used = self.clock;
    }

    /// The sequences that hold something which nobody uses and nobody is on the way for.
    pub(crate) fn idle(&self) -> Vec<SequenceId> {
        let is_idle = |sequence: &Sequence| {
            let is_awaited = sequence.awaited && self.clock - sequence.last_used < LONGEST_AWAITED;
            !sequence.active && !sequence.tokens.is_empty() && !is_awaited
        };
        let rows = self.rows.iter().enumerate();
        rows.filter(|(_, sequence)| is_idle(sequence)).map(|(id, _)| id).collect()
    }

    /// Gives up the cells of the idle sequence that was used longest ago. `None` when no idle sequence holds any.
    pub(crate) fn evict(&mut self) -> Option<CacheStep> {
        let (id, _) = self
            .rows
            .iter()
            .enumerate()
            .filter(|(_, sequence)| !sequence.active && !sequence.tokens.is_empty())
            .min_by_key(|(_, sequence)| sequence.last_used)?;
        let mut steps = Vec::new();
        self.truncate(id, 0, &mut steps);
        steps.pop()
    }

    /// Forgets what a sequence holds behind its first `length` tokens.
    pub(crate) fn cut(&mut self, sequence: SequenceId, length: usize) -> Option<CacheStep> {
        let mut steps = Vec::new();
        self.truncate(sequence, length, &mut steps);
        steps.pop()
    }

    fn share(&mut self, from: SequenceId, to: SequenceId, length: usize) {
        let tokens = self.rows[from].tokens[..length].to_vec();
        let cells = self.rows[from].cells[..length].to_vec();
        for cell in &cells {
            self.owners[*cell] += 1;
        }
        let to = &mut self.rows[to];
        to.tokens = tokens;
        to.cells = cells;
    }

    fn truncate(&mut self, sequence: SequenceId, length: usize, steps: &mut Vec<CacheStep>) {
        if self.rows[sequence].tokens.len() <= length {
            return;
        }
        self.rows[sequence].tokens.truncate(length);
        for cell in self.rows[sequence].cells.split_off(length) {
            self.owners[cell] -= 1;
            if self.owners[cell] == 0 {
                self.free_cells.push(cell);
                self.used -= 1;
            }
        }
        steps.push(CacheStep::Truncate { sequence, length });
    }
}

/// How many tokens two texts have in common at the start.
pub(crate) fn common_prefix(a: &[Token], b: &[Token]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
#[path = "sequences_tests.rs"]
mod tests;
