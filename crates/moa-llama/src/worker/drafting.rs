//! What one answer drafts, and what comes of it.

use moa_core::Lookup;

use crate::lookup::{Acceptance, Continuation, LookupIndex, Offer};
use crate::native::Token;

/// The drafts of one answer.
#[derive(Debug, Default)]
pub(super) struct Drafting {
    index: LookupIndex,
    acceptance: Acceptance,
    /// Where the answer may go on as it did before.
    continuation: Option<Continuation>,
    figures: Lookup,
}

/// A draft in a decode call.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) tokens: Vec<Token>,
    match_tokens: usize,
}

impl Drafting {
    /// What could be drafted behind `tokens`, at most `most` tokens of it.
    pub(super) fn offer(&mut self, tokens: &[Token], most: usize) -> Option<Offer> {
        self.index.read(tokens);
        self.continuation = self.index.continuation(tokens);
        let Continuation { start, match_tokens } = self.continuation?;
        let likelihood = self.acceptance.likelihood(match_tokens);
        let tokens = tokens.len().saturating_sub(start).min(most);
        (tokens > 0).then_some(Offer { likelihood, tokens })
    }

    /// The first `length` tokens of what was offered last.
    pub(super) fn draft(&mut self, tokens: &[Token], length: usize) -> Draft {
        let Some(Continuation { start, match_tokens }) = self.continuation.take() else {
            return Draft::default();
        };
        if length == 0 {
            self.acceptance.rest();
        }
        let tokens = tokens.get(start..start + length).unwrap_or_default().to_vec();
        Draft { tokens, match_tokens }
    }

    /// A draft was judged: so many of its tokens stay, and that saved so many seconds (or cost them, where negative).
    pub(super) fn judged(&mut self, draft: &Draft, accepted: usize, saved_seconds: f64) {
        self.acceptance.record(draft.match_tokens, draft.tokens.len(), accepted);
        self.figures.steps += 1;
        self.figures.drafted_tokens += u32::try_from(draft.tokens.len()).unwrap_or(u32::MAX);
        self.figures.accepted_tokens += u32::try_from(accepted).unwrap_or(u32::MAX);
        self.figures.saved_ms += saved_seconds * 1_000.0;
    }

    /// What came of all drafts, if there were any.
    pub(super) fn figures(&self) -> Option<Lookup> {
        let saved_ms = (self.figures.saved_ms * 1_000.0).round() / 1_000.0;
        (self.figures.steps > 0).then_some(Lookup { saved_ms, ..self.figures })
    }
}
