//! The KV cache of a model: llama.cpp's context and the table of what is in it, kept in line, and grown when it is too small; and beside it what
//! idle sequences held.

use std::sync::Arc;

use super::kv_room::KvRoom;
use super::parked::{Parked, State};
use crate::abort::Abort;
use crate::error::{ErrorKind, LlamaError};
use crate::native::{Batch, Context, ContextParameters, DecodeError, KvCacheType, Model, Token};
use crate::sequences::{CacheStep, Claim, SequenceId, Sequences, common_prefix};

/// llama.cpp rounds the number of cells up to this.
pub(crate) const CELL_BLOCK: u32 = 256;
/// The cells to begin with, if they are enough.
const FIRST_CELLS: u32 = 1024;
/// Fewer tokens than this are computed as fast as they are put back.
const WORTH_KEEPING_TOKENS: usize = 8;

/// The bounds of a KV cache.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KvLimits {
    /// Tokens of one sequence at most.
    pub(crate) context_tokens: u32,
    /// Sequences that can be active at a time.
    pub(crate) active_sequences: u32,
    /// Whether what a sequence holds serves other prompts, too, where the model allows it.
    pub(crate) reuses_prefixes: bool,
    /// Sequences in all; what is not active is kept for its prefix.
    pub(crate) sequences: u32,
    /// Tokens of one decode call at most.
    pub(crate) batch_tokens: u32,
    /// Tokens of one decode call whose logits are asked for, at most.
    pub(crate) outputs: u32,
    /// How exactly the cells keep numbers.
    pub(crate) kv_type: KvCacheType,
    /// Compute threads at most.
    pub(crate) threads: usize,
    /// How long idle compute threads spin (see `native`).
    pub(crate) poll: u32,
    /// Whether `moa_kernels` computes what it can.
    pub(crate) kernels: bool,
}

impl KvLimits {
    /// Cells with which every active sequence can fill its context.
    fn most_cells(&self) -> u32 {
        self.context_tokens.saturating_mul(self.active_sequences).max(CELL_BLOCK)
    }
}

/// The KV cache of a model.
#[derive(Debug)]
pub(crate) struct KvCache {
    model: Arc<Model>,
    abort: Arc<Abort>,
    limits: KvLimits,
    room: KvRoom,
    reuse: bool,
    parks: bool,
    parked: Parked,
    context: Option<Context>,
    cells: u32,
    table: Sequences,
}

impl KvCache {
    pub(crate) fn new(model: Arc<Model>, limits: KvLimits, room: KvRoom, abort: Arc<Abort>) -> Self {
        let reuse = limits.reuses_prefixes && !model.has_recurrent_state();
        // Of a sequence with a window llama.cpp gives away only what the next token sees, and no beginning of it.
        let parks = reuse && !model.has_sliding_window();
        let table = Sequences::new(limits.sequences as usize);
        let parked = Parked::default();
        Self { model, abort, limits, room, reuse, parks, parked, context: None, cells: 0, table }
    }

    /// The cells that are allocated.
    pub(crate) fn cells(&self) -> u32 {
        self.cells
    }

    pub(crate) fn table(&self) -> &Sequences {
        &self.table
    }

    /// Whether a prefix of one sequence can serve another one.
    pub(crate) fn shares_prefixes(&self) -> bool {
        self.reuse
    }

    /// The cells whose contents are kept outside of the cache.
    pub(crate) fn parked_cells(&self) -> usize {
        self.parked.cells()
    }

    /// How much of a prompt is held, at most `most` tokens, and the sequence that holds it if one does.
    pub(crate) fn longest_held(&self, prompt: &[Token], most: usize) -> (Option<SequenceId>, usize) {
        if !self.reuse {
            return (None, 0);
        }
        let (sequence, held) = self.table.longest_match(prompt, most);
        match self.parked.longest_match(prompt, most) {
            Some((_, parked)) if parked >= held + WORTH_KEEPING_TOKENS => (None, parked),
            _ => (sequence, held),
        }
    }

    /// Whether the last tokens of a sequence can be given up again.
    pub(crate) fn can_cut_back(&self) -> bool {
        !self.model.has_recurrent_state()
    }

    /// Gives a sequence to a prompt, with as much of it as any sequence holds or held. `None` when all sequences are active.
    pub(crate) fn claim(&mut self, prompt: &[Token]) -> Option<Claim> {
        if self.parked_for(prompt).is_some() {
            // First, so that it finds room, and a place that does not change any more.
            self.park_idle();
        }
        let claim = match self.parked_for(prompt) {
            Some(place) => self.put_back(place, prompt)?,
            None => self.claim_held(prompt, self.reuse)?,
        };
        self.park_idle();
        Some(claim)
    }

    /// The place of what was parked, if it holds more of a prompt than the cache does.
    fn parked_for(&self, prompt: &[Token]) -> Option<usize> {
        let most = prompt.len().saturating_sub(1);
        let (sequence, held) = self.longest_held(prompt, most);
        let (place, length) = self.parked.longest_match(prompt, most)?;
        (sequence.is_none() && length == held).then_some(place)
    }

    /// Gives a sequence to a prompt, with what was parked of it.
    fn put_back(&mut self, place: usize, prompt: &[Token]) -> Option<Claim> {
        let mut claim = self.claim_held(prompt, false)?;
        let (Some(state), Ok(id)) = (self.parked.take(place), i32::try_from(claim.sequence)) else {
            return Some(claim);
        };
        let fits = self.make_room(state.tokens.len()).is_ok();
        let context = self.context.as_mut().filter(|_| fits);
        if !context.is_some_and(|context| context.restore_sequence(id, &state.bytes)) {
            tracing::debug!(tokens = state.tokens.len(), "what was parked does not fit any more");
            self.forget(claim.sequence);
            return Some(claim);
        }
        self.computed(claim.sequence, &state.tokens);
        let length = common_prefix(&state.tokens, prompt).min(prompt.len().saturating_sub(1));
        claim.cached_tokens = length;
        if let Some(step) = self.table.cut(claim.sequence, length) {
            if !self.apply(step) {
                self.forget(claim.sequence);
                claim.cached_tokens = 0;
            }
            // Another prompt may go on from the rest.
            self.parked.put(state, self.room.beside(self.cells));
        }
        Some(claim)
    }

    /// Moves what idle sequences hold out of the cache, as far as there is memory for it; the rest stays where it is.
    fn park_idle(&mut self) {
        if !self.parks {
            return;
        }
        for sequence in self.table.idle() {
            let tokens = self.table.tokens(sequence);
            if tokens.len() >= WORTH_KEEPING_TOKENS && !self.parked.holds(tokens) {
                let most_cells = self.room.beside(self.cells);
                let (Some(context), Ok(id)) = (self.context.as_mut(), i32::try_from(sequence)) else {
                    return;
                };
                if tokens.len() > most_cells {
                    continue;
                }
                let state = State { tokens: tokens.to_vec(), bytes: context.save_sequence(id) };
                self.parked.put(state, most_cells);
            }
            self.forget(sequence);
        }
    }

    /// Gives a sequence to a prompt, with as much of it as any sequence holds where `reuse`.
    fn claim_held(&mut self, prompt: &[Token], reuse: bool) -> Option<Claim> {
        let mut claim = self.table.claim(prompt, reuse)?;
        for step in std::mem::take(&mut claim.steps) {
            if !self.apply(step) {
                // The model cannot cut its state back: begin anew.
                self.forget(claim.sequence);
                claim.cached_tokens = 0;
            }
        }
        Some(claim)
    }

    /// Says that tokens of a sequence were computed.
    pub(crate) fn computed(&mut self, sequence: SequenceId, tokens: &[Token]) {
        for token in tokens {
            self.table.push(sequence, *token);
        }
    }

    /// Ends the use of a sequence; what is in it stays for later prompts. `awaited` says that one is on its way that goes on from it.
    pub(crate) fn release(&mut self, sequence: SequenceId, awaited: bool) {
        self.table.release(sequence, awaited);
    }

    /// Drops the cells that a decode call left which was broken off.
    pub(crate) fn cut_back(&mut self, sequence: SequenceId) {
        let length = self.table.length(sequence);
        if !self.apply(CacheStep::Truncate { sequence, length }) {
            self.forget(sequence);
        }
    }

    /// Drops what a sequence holds.
    pub(crate) fn forget(&mut self, sequence: SequenceId) {
        self.table.cut(sequence, 0);
        self.apply(CacheStep::Truncate { sequence, length: 0 });
    }

    /// The cells that there are too few for `tokens` more tokens, even if all idle sequences were given up and the cache grew as far as it may.
    pub(crate) fn lacking_cells(&mut self, tokens: usize) -> usize {
        if self.table.used_cells() + tokens <= self.cells as usize {
            return 0;
        }
        let needed = self.table.active_cells() + tokens;
        let most = self.limits.most_cells();
        let most = self.room.up_to(u32::try_from(needed).unwrap_or(most).min(most)).min(most);
        needed.saturating_sub(most as usize)
    }

    /// Makes sure that `tokens` more tokens fit: by growing up to the size of one full context, then by giving up idle sequences,
    /// then by growing as far as the active sequences can need.
    pub(crate) fn make_room(&mut self, tokens: usize) -> Result<(), LlamaError> {
        loop {
            let needed = u32::try_from(self.table.used_cells() + tokens).unwrap_or(u32::MAX);
            if self.context.is_some() && needed <= self.cells {
                return Ok(());
            }
            let is_large = needed > self.limits.context_tokens.max(FIRST_CELLS);
            if (is_large || self.room.up_to(needed) < needed)
                && let Some(step) = self.table.evict()
            {
                self.apply(step);
                continue;
            }
            return self.grow(needed);
        }
    }

    /// Makes more room than the table asks for, because llama.cpp found none all the same.
    pub(crate) fn make_more_room(&mut self) -> Result<(), LlamaError> {
        match self.table.evict() {
            Some(step) => {
                self.apply(step);
                Ok(())
            }
            None => self.grow(self.cells.saturating_add(CELL_BLOCK)),
        }
    }

    /// Computes a batch with the given number of threads.
    pub(crate) fn decode(&mut self, batch: &mut Batch, threads: usize) -> Result<(), DecodeError> {
        let context = self.context.as_mut().ok_or(DecodeError::CacheFull)?;
        context.set_threads(threads);
        context.decode(batch)
    }

    /// The logits of a token of the last batch.
    pub(crate) fn logits(&mut self, index: usize) -> Option<&mut [f32]> {
        self.context.as_mut()?.logits(index)
    }

    fn apply(&mut self, step: CacheStep) -> bool {
        let Some(context) = self.context.as_mut() else { return true };
        let id = |sequence: SequenceId| i32::try_from(sequence).unwrap_or(0);
        match step {
            CacheStep::Truncate { sequence, length } => context.truncate(id(sequence), length),
            CacheStep::Share { from, to, length } => {
                context.share_cells(id(from), id(to), length);
                true
            }
        }
    }

    /// Replaces the context by a larger one that takes over all cells.
    fn grow(&mut self, needed: u32) -> Result<(), LlamaError> {
        let generous = needed.max(FIRST_CELLS).max(self.cells.saturating_add(self.cells / 2));
        let generous = generous.min(self.limits.most_cells()).max(needed).next_multiple_of(CELL_BLOCK);
        let cells = generous.min(self.room.up_to(generous));
        if cells < needed {
            let reason = "the memory budget has no more room".to_owned();
            return Err(ErrorKind::Context { cells: generous, reason }.into());
        }
        self.parked.shrink(self.room.beside(cells));
        let saved = self.context.take().map(|mut context| context.save());
        tracing::debug!(cells, before = self.cells, "sizing the KV cache");
        match self.context_of(cells) {
            Ok(context) => {
                self.context = Some(context);
                self.cells = cells;
            }
            Err(error) => {
                // The smaller one fitted before; without it no sequence is left.
                self.context = if self.cells > 0 { self.context_of(self.cells).ok() } else { None };
                self.take_over(saved.as_deref());
                return Err(error);
            }
        }
        self.take_over(saved.as_deref());
        Ok(())
    }

    /// Fills a new context with the cells of the one before.
    fn take_over(&mut self, saved: Option<&[u8]>) {
        let taken = match (self.context.as_mut(), saved) {
            (Some(context), Some(saved)) => context.restore(saved),
            (Some(_), None) => true,
            (None, _) => false,
        };
        if !taken {
            // What was in the cache will be computed again.
            tracing::warn!("the KV cache could not be carried over");
            for sequence in 0..self.limits.sequences as usize {
                self.forget(sequence);
            }
        }
    }

    fn context_of(&self, cells: u32) -> Result<Context, LlamaError> {
        let parameters = ContextParameters {
            cells,
            sequences: self.limits.sequences,
            batch_tokens: self.limits.batch_tokens,
            outputs: self.limits.outputs,
            kv_type: self.limits.kv_type,
            threads: self.limits.threads,
            poll: self.limits.poll,
            kernels: self.limits.kernels,
        };
        Context::new(Arc::clone(&self.model), parameters, Arc::clone(&self.abort))
            .map_err(|reason| ErrorKind::Context { cells, reason }.into())
    }
}

#[cfg(test)]
#[path = "kv_tests.rs"]
mod tests;
