//! What follows from a decode call: figures are booked, tokens chosen, drafts judged, answers ended.

use std::time::Duration;

use moa_core::{Failure, FailureKind};

use super::Worker;
use super::batching::Share;
use super::drafting::Draft;
use crate::lookup::{Verified, Written, verify};

impl Worker {
    /// Books what a decode call computed, and what follows from it.
    pub(super) fn settle(&mut self, shares: Vec<Share>, time: Duration) {
        let (mut prompt_tokens, mut answer_tokens, mut drafted_tokens) = (0, 0, 0);
        for share in &shares {
            let running = &self.running[share.running];
            let start = self.kv.table().length(running.sequence);
            let end = start + share.tokens;
            self.kv.computed(running.sequence, &running.tokens[start..end]);
            // What was written and is read again, because its cells were given away, is read as a prompt is.
            let of_answer = usize::from(end > running.prompt_tokens && share.output.is_some());
            prompt_tokens += share.tokens - of_answer;
            answer_tokens += of_answer;
            drafted_tokens += share.draft.tokens.len();
        }
        // Before any call hears of it, so that who sees progress or an answer's end sees its figures, too.
        self.book_decode(prompt_tokens, answer_tokens, drafted_tokens, time);
        for share in &shares {
            let running = &self.running[share.running];
            let computed = self.kv.table().length(running.sequence);
            if computed - share.tokens < running.prompt_tokens {
                running.report_prefill(computed);
            }
        }
        let tokens = prompt_tokens + answer_tokens;
        let plain_seconds = self.costs.seconds(tokens).unwrap_or_default();
        let draft_cost = DraftCost {
            plain_seconds,
            seconds_per_draft_token: match u32::try_from(drafted_tokens) {
                Ok(drafted @ 1..) => (time.as_secs_f64() - plain_seconds) / f64::from(drafted),
                _ => 0.0,
            },
        };
        self.advance(shares, draft_cost);
    }

    /// Chooses the next tokens of every request whose last token was in the batch, and ends those that are complete.
    fn advance(&mut self, shares: Vec<Share>, draft_cost: DraftCost) {
        let mut done = Vec::new();
        for share in shares {
            let is_done = match share.output {
                Some(output) => self.write(share.running, output, &share.draft, draft_cost),
                None => self.running[share.running].reads_ahead && self.is_read(share.running),
            };
            if is_done {
                done.push(share.running);
            }
        }
        // From the back, so that the places of the others stay.
        for index in done.into_iter().rev() {
            let running = self.running.remove(index);
            self.kv.release(running.sequence, running.reads_ahead);
        }
    }

    /// Whether all tokens of a request are computed.
    fn is_read(&self, index: usize) -> bool {
        let running = &self.running[index];
        self.kv.table().length(running.sequence) >= running.tokens.len()
    }

    /// Writes the next token of a request, and one more for each token of its draft that is what the model writes anyway. Returns whether
    /// the answer is complete.
    fn write(&mut self, index: usize, output: usize, draft: &Draft, draft_cost: DraftCost) -> bool {
        let (running, kv, model) = (&mut self.running[index], &mut self.kv, &self.model);
        let sequence = running.sequence;
        let Verified { accepted, has_ended } = verify(&draft.tokens, |place| {
            if let Some(right) = place.checked_sub(1).and_then(|place| draft.tokens.get(place)) {
                kv.computed(sequence, &[*right]);
            }
            let missing = || Failure::new(FailureKind::ModelError, "llama.cpp computed no logits");
            let written = kv.logits(output + place).ok_or_else(missing);
            match written.and_then(|logits| running.advance(model, logits)) {
                Ok(false) => running.tokens.last().map_or(Written::End, |token| Written::Token(*token)),
                Ok(true) => Written::End,
                Err(failure) => {
                    running.fail(failure);
                    Written::End
                }
            }
        });
        if accepted < draft.tokens.len() {
            self.kv.cut_back(sequence);
        }
        if !draft.tokens.is_empty() {
            running.judged(draft, accepted, draft_cost.saved_seconds(draft.tokens.len(), accepted));
            self.book(|stats| {
                stats.decode_tokens += accepted as u64;
                stats.accepted_tokens += accepted as u64;
            });
        }
        has_ended
    }

    fn book_decode(&self, prompt_tokens: usize, answer_tokens: usize, drafted_tokens: usize, time: Duration) {
        let cells = self.kv.cells();
        let peak = u32::try_from(self.kv.table().peak_cells()).unwrap_or(u32::MAX);
        let kv_bytes = self.kv_bytes_per_token * (u64::from(cells) + self.kv.parked_cells() as u64);
        self.book(|stats| {
            stats.book(prompt_tokens, answer_tokens, drafted_tokens, time);
            stats.kv_cells = cells;
            stats.kv_bytes = kv_bytes;
            stats.peak_kv_cells = peak;
        });
    }
}

/// What drafts cost in one call.
#[derive(Debug, Clone, Copy)]
struct DraftCost {
    /// What the call takes without them.
    plain_seconds: f64,
    seconds_per_draft_token: f64,
}

impl DraftCost {
    /// What a draft saved: the calls that its right tokens would have taken, less what it added to this one.
    fn saved_seconds(&self, drafted: usize, accepted: usize) -> f64 {
        let times = |tokens: usize| f64::from(u32::try_from(tokens).unwrap_or(u32::MAX));
        times(accepted) * self.plain_seconds - times(drafted) * self.seconds_per_draft_token
    }
}
