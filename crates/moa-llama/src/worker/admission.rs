//! Who gets a sequence, and who waits for one.

use moa_core::{ChatEvent, Progress};

use super::running::Running;
use super::{Waiting, Worker};
use crate::request::PreparedRequest;
use crate::sequences::common_prefix;

/// Waiting for another request's prompt is only worth it for more tokens than this.
const WORTH_WAITING_TOKENS: usize = 16;

impl Worker {
    pub(super) fn take_in(&mut self, request: PreparedRequest) {
        self.waiting.push_back(Waiting { request, told: false });
    }

    /// Frees the places of calls that nobody waits for any more.
    pub(super) fn drop_abandoned(&mut self) {
        self.waiting.retain(|waiting| !waiting.request.replies.is_closed());
        let kv = &mut self.kv;
        self.running.retain(|running| {
            let keep = !running.is_abandoned();
            if !keep {
                kv.release(running.sequence);
            }
            keep
        });
    }

    /// Gives sequences to waiting requests, the oldest first. A request that another one's prompt will help waits for it.
    pub(super) fn admit(&mut self) {
        self.make_way();
        let mut index = 0;
        while index < self.waiting.len() && self.running.len() < self.most_running {
            let request = &self.waiting[index].request;
            if self.will_share(request) || request.reads_ahead && self.has_more_important(index) {
                self.tell_queued(index);
                index += 1;
                continue;
            }
            let Some(claim) = self.kv.claim(&self.waiting[index].request.prompt) else { break };
            let Some(Waiting { request, .. }) = self.waiting.remove(index) else { break };
            if !request.reads_ahead {
                self.book(|stats| {
                    stats.requests += 1;
                    stats.cached_tokens += claim.cached_tokens as u64;
                });
            }
            self.running.push(Running::new(request, claim.sequence, claim.cached_tokens));
        }
        for index in index..self.waiting.len() {
            self.tell_queued(index);
        }
    }

    /// Whether a request that reads ahead has to wait: as long as another one does, or anybody behind it waits for an answer.
    fn has_more_important(&self, index: usize) -> bool {
        self.running.iter().any(|running| running.reads_ahead)
            || self.waiting.iter().skip(index + 1).any(|waiting| !waiting.request.reads_ahead)
    }

    /// Ends a reading that holds the last place where somebody waits for an answer. What it has read stays.
    fn make_way(&mut self) {
        let is_full = self.running.len() >= self.most_running;
        if is_full && self.waiting.iter().any(|waiting| !waiting.request.reads_ahead) {
            let kv = &mut self.kv;
            self.running.retain(|running| {
                if running.reads_ahead {
                    kv.release(running.sequence);
                }
                !running.reads_ahead
            });
        }
    }

    /// Whether a running request is about to compute a beginning of this prompt that no sequence holds yet.
    fn will_share(&self, request: &PreparedRequest) -> bool {
        if !self.kv.shares_prefixes() {
            return false;
        }
        let most = request.prompt.len().saturating_sub(1);
        let (_, held) = self.kv.table().longest_match(&request.prompt, most);
        // Nobody waits for what is read with what others leave, but for those who read alike.
        let mut others = self.running.iter().filter(|running| request.reads_ahead || !running.reads_ahead);
        others.any(|running| {
            let computed = self.kv.table().length(running.sequence);
            if computed >= running.prompt_tokens {
                return false;
            }
            let common = common_prefix(&running.tokens[..running.prompt_tokens], &request.prompt).min(most);
            common > computed && common > held + WORTH_WAITING_TOKENS
        })
    }

    fn tell_queued(&mut self, index: usize) {
        if let Some(waiting) = self.waiting.get_mut(index).filter(|waiting| !waiting.told) {
            waiting.told = true;
            let _ = waiting.request.replies.try_send(Ok(ChatEvent::Progress(Progress::Queued)));
        }
    }
}
