//! What goes into the next decode call: the tokens that the scheduler gives each request, and drafts beyond them.

use super::drafting::Draft;
use super::{MOST_DRAFT_TOKENS, Worker};
use crate::lookup::draft_lengths;
use crate::scheduler::{Demand, NextCall, next_call};

/// A place in a batch: which running request, how many tokens, and where its logits will be.
pub(super) struct Share {
    pub(super) running: usize,
    pub(super) tokens: usize,
    /// The place of the last of `tokens`, if its logits were asked for; those of the draft follow.
    pub(super) output: Option<usize>,
    pub(super) draft: Draft,
}

impl Worker {
    /// Puts the next tokens of the running requests into the batch.
    pub(super) fn fill_batch(&mut self) -> Vec<Share> {
        if self.running.is_empty() {
            return Vec::new();
        }
        let (demands, counts) = self.next_tokens();
        let mut drafts = self.drafts(&demands, &counts);
        let table = self.kv.table();
        self.batch.clear();
        let mut shares = Vec::with_capacity(counts.len());
        for (index, (running, tokens)) in self.running.iter().zip(counts).enumerate() {
            if tokens == 0 {
                continue;
            }
            let start = table.length(running.sequence);
            let end = start + tokens;
            let is_last = end == running.tokens.len() && !running.reads_ahead;
            let sequence = i32::try_from(running.sequence).unwrap_or(0);
            for position in start..end {
                let output = is_last && position + 1 == end;
                self.batch.push(running.tokens[position], position, sequence, output);
            }
            let output = is_last.then(|| self.batch.len() - 1);
            let draft = std::mem::take(&mut drafts[index]);
            for (position, token) in (end..).zip(&draft.tokens) {
                self.batch.push(*token, position, sequence, true);
            }
            shares.push(Share { running: index, tokens, output, draft });
        }
        shares
    }

    /// What the running requests want, and what each has in the next call. Some may have given way then.
    fn next_tokens(&mut self) -> (Vec<Demand>, Vec<usize>) {
        loop {
            let table = self.kv.table();
            let demands: Vec<Demand> =
                self.running.iter().map(|running| running.demand(table.length(running.sequence))).collect();
            // Where a whole batch finds room, nobody can have to give way.
            let is_roomy = self.kv.lacking_cells(self.batch_limits.batch_tokens) == 0;
            let tenants = if is_roomy { Vec::new() } else { self.tenants() };
            let member = self.member.get_or_insert_with(|| self.budget.join());
            let beside_others = member.offer() < self.budget.cores();
            let kv = &mut self.kv;
            match next_call(&demands, &tenants, beside_others, self.batch_limits, |tokens| {
                kv.lacking_cells(tokens)
            }) {
                NextCall::Tokens(counts) => return (demands, counts),
                NextCall::GiveWay(places) => self.set_back(places),
            }
        }
    }

    /// What each running request drafts in a call in which they have `counts` tokens.
    fn drafts(&mut self, demands: &[Demand], counts: &[usize]) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = self.running.iter().map(|_| Draft::default()).collect();
        let tokens: usize = counts.iter().sum();
        let mut most = MOST_DRAFT_TOKENS.min(self.batch_limits.batch_tokens.saturating_sub(tokens));
        if self.kv.lacking_cells(tokens + most) > 0 {
            // Nobody gives way for a guess.
            most = 0;
        }
        if !self.lookup || most == 0 {
            return drafts;
        }
        let is_complete = |place: usize| {
            counts[place] > 0 && counts[place] == demands[place].pending_tokens && !demands[place].is_ahead
        };
        let answers = (0..counts.len()).filter(|place| is_complete(*place)).count();
        let writing = (0..counts.len()).filter(|place| is_complete(*place) && !demands[*place].is_prompt);
        let model = &self.model;
        let running = &mut self.running;
        let (places, offers): (Vec<usize>, Vec<_>) =
            writing.filter_map(|place| Some((place, running[place].offer(model, most)?))).unzip();
        let lengths = draft_lengths(&offers, tokens, answers, most, |tokens| self.costs.seconds(tokens));
        for (place, length) in places.into_iter().zip(lengths) {
            drafts[place] = self.running[place].draft(length);
        }
        drafts
    }
}
