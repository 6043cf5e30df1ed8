//! Giving sequences to requests and taking them back, as the scheduler decides.

use std::sync::atomic::Ordering;

use super::running::{Place, Running};
use super::{Waiting, Worker};
use crate::native::Token;
use crate::request::PreparedRequest;
use crate::scheduler::{Candidate, Entry, Tenant, entry, give_places, who_must_wait};
use crate::sequences::common_prefix;

impl Worker {
    pub(super) fn take_in(&mut self, request: PreparedRequest) {
        let tokens = request.prompt.len().saturating_add(request.max_tokens);
        let place = Place { turn: self.turns.arrives(request.run, tokens), arrival: self.arrivals };
        self.arrivals += 1;
        self.wait(Waiting { request: Running::new(request, place), told: false });
    }

    /// Puts a request at its place in the line.
    fn wait(&mut self, waiting: Waiting) {
        let behind = self.waiting.partition_point(|other| other.request.place < waiting.request.place);
        self.waiting.insert(behind, waiting);
    }

    /// Frees the places of calls that nobody waits for any more.
    pub(super) fn drop_abandoned(&mut self) {
        let leaves = self.leaves.load(Ordering::Relaxed);
        let is_wanted = |request: &Running| !(request.is_abandoned() || leaves && request.reads_ahead);
        self.waiting.retain(|waiting| is_wanted(&waiting.request));
        let kv = &mut self.kv;
        self.running.retain(|running| {
            let keep = is_wanted(running);
            if !keep {
                kv.release(running.sequence, false);
            }
            keep
        });
    }

    /// Gives sequences to waiting requests, as the scheduler decides.
    pub(super) fn admit(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let answer_waits = self.waiting.iter().any(|waiting| !waiting.request.reads_ahead);
        for place in give_places(&self.tenants(), self.most_running, answer_waits).into_iter().rev() {
            // What it has read stays.
            let reading = self.running.remove(place);
            self.kv.release(reading.sequence, true);
        }
        let mut index = 0;
        while index < self.waiting.len() {
            match self.entry(index) {
                Entry::Begins if self.begin(index) => {}
                Entry::IsPassed => {
                    self.tell_queued(index);
                    index += 1;
                }
                Entry::Begins | Entry::HoldsUp => break,
            }
        }
        for index in index..self.waiting.len() {
            self.tell_queued(index);
        }
    }

    fn entry(&mut self, index: usize) -> Entry {
        let tenants = self.tenants();
        let request = &self.waiting[index].request;
        let most = request.tokens.len().saturating_sub(1);
        let (source, held) = self.kv.longest_held(&request.tokens, most);
        // Cells of an idle sequence are free as long as nobody uses it.
        let shared = if source.is_some_and(|source| self.kv.table().is_active(source)) { held } else { 0 };
        let candidate = Candidate {
            prompt_tokens: request.tokens.len() - shared,
            answer_tokens: request.left_tokens(),
            is_ahead: request.reads_ahead,
            will_share: self.will_share(request, held),
        };
        let asked_behind = self.waiting.iter().skip(index + 1).any(|waiting| !waiting.request.reads_ahead);
        let kv = &mut self.kv;
        let has_room = |cells| kv.lacking_cells(cells) == 0;
        entry(&candidate, &tenants, self.most_running, asked_behind, has_room)
    }

    /// Lets a waiting request run. `false` when there is no sequence for it.
    fn begin(&mut self, index: usize) -> bool {
        let Some(claim) = self.kv.claim(&self.waiting[index].request.tokens) else { return false };
        let Some(Waiting { mut request, .. }) = self.waiting.remove(index) else { return false };
        let is_new = request.begin(claim.sequence, claim.cached_tokens);
        self.turns.begins(request.place.turn);
        if is_new && !request.reads_ahead {
            self.book(|stats| {
                stats.requests += 1;
                stats.cached_tokens += claim.cached_tokens as u64;
            });
        }
        self.running.push(request);
        true
    }

    /// The running requests, as far as cells and places go.
    pub(super) fn tenants(&self) -> Vec<Tenant> {
        let tenant = |running: &Running| Tenant {
            own_cells: self.kv.table().own_cells(running.sequence),
            prompt_tokens: running.tokens.len().saturating_sub(self.kv.table().length(running.sequence)),
            answer_tokens: running.left_tokens(),
            is_ahead: running.reads_ahead,
            gave_way: running.gave_way,
        };
        self.running.iter().map(tenant).collect()
    }

    /// Lets running requests wait again, at their places in the line. A reading is given up.
    pub(super) fn set_back(&mut self, mut places: Vec<usize>) {
        places.sort_unstable();
        for place in places.into_iter().rev() {
            let mut request = self.running.remove(place);
            self.kv.release(request.sequence, false);
            if !request.reads_ahead {
                request.gave_way = true;
                self.book(|stats| stats.set_back += 1);
                self.wait(Waiting { request, told: true });
            }
        }
    }

    /// Whether a running request is about to compute a beginning of this prompt that no sequence holds yet, and so much of it for so many
    /// that they wait for it.
    fn will_share(&self, request: &Running, held: usize) -> bool {
        if !self.kv.shares_prefixes() {
            return false;
        }
        let most = request.tokens.len().saturating_sub(1);
        // Nobody waits for what is read with what others leave, but for those who read alike.
        let counts = |other: &&Running| request.reads_ahead || !other.reads_ahead;
        self.running.iter().filter(counts).any(|running| {
            let computed = self.kv.table().length(running.sequence);
            if computed >= running.prompt_tokens {
                return false;
            }
            let common = common_prefix(&running.tokens[..running.prompt_tokens], &request.tokens).min(most);
            if common <= computed.max(held) {
                return false;
            }
            let waiting = self.waiting.iter().map(|waiting| &waiting.request).filter(counts);
            let mut alike = waiting.filter(|other| goes_on_from(other, &running.tokens[..common]));
            alike.nth(who_must_wait(common - held) - 1).is_some()
        })
    }

    fn tell_queued(&mut self, index: usize) {
        if let Some(waiting) = self.waiting.get_mut(index).filter(|waiting| !waiting.told) {
            waiting.told = true;
            waiting.request.tell_queued();
        }
    }
}

/// Whether a request's prompt begins so, with a token of its own behind it.
fn goes_on_from(request: &Running, beginning: &[Token]) -> bool {
    request.tokens.len() > beginning.len() && request.tokens.starts_with(beginning)
}
