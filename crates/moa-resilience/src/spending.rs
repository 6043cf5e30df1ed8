//! What the requests of one call have consumed together.

use moa_core::{ChatEvent, Pricing, Usage};

/// What requests have consumed that were made for one purpose: attempts that follow each other, or a request and its hedge.
#[derive(Debug)]
pub(crate) struct Spending {
    pricing: Pricing,
    /// By those that ended without an answer.
    lost: Usage,
    /// By each of those that may still answer, as far as it told.
    open: Vec<Usage>,
}

impl Spending {
    /// `requests` of them at the same time, at this price.
    pub(crate) fn new(pricing: Pricing, requests: usize) -> Self {
        Self { pricing, lost: Usage::default(), open: vec![Usage::default(); requests] }
    }

    /// The event of one of the requests, with what all of them have consumed in place of its own.
    pub(crate) fn total(&mut self, request: usize, event: ChatEvent) -> ChatEvent {
        match event {
            ChatEvent::Consumed(usage) => ChatEvent::Consumed(self.note(request, usage)),
            ChatEvent::Finished { finish_reason, usage } => {
                ChatEvent::Finished { finish_reason, usage: self.note(request, usage) }
            }
            event => event,
        }
    }

    /// One of the requests ended without an answer. Whether it had consumed anything, as far as it told.
    pub(crate) fn close(&mut self, request: usize) -> bool {
        let consumed = std::mem::take(&mut self.open[request]);
        self.lost += consumed;
        !consumed.is_nothing()
    }

    fn note(&mut self, request: usize, usage: Usage) -> Usage {
        // Each with its own cost: a sum of one that is known and one that is not would be too little.
        self.open[request] = self.pricing.priced(usage);
        let mut sum = self.lost;
        self.open.iter().for_each(|usage| sum += *usage);
        sum
    }
}
