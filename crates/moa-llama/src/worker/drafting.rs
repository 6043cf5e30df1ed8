//! What one answer drafts, and what comes of it.

use moa_core::{Lookup, Peers};

use super::peer_text::PeerText;
use crate::lookup::{Acceptance, Continuation, LookupIndex, Offer};
use crate::native::Token;

/// Peers whose answers are looked at.
const MOST_PEERS: usize = 8;

/// The drafts of one answer: from what it has read and written itself, and from what others write in answer to the same question.
#[derive(Debug, Default)]
pub(super) struct Drafting {
    own: Source,
    peers: Option<Peers>,
    peer_texts: Vec<(PeerText, Source)>,
    /// Where the answer may go on as it or another one did.
    chosen: Option<Chosen>,
    figures: Lookup,
}

/// A text that is drafted from.
#[derive(Debug, Default)]
struct Source {
    index: LookupIndex,
    acceptance: Acceptance,
}

#[derive(Debug, Clone, Copy)]
struct Chosen {
    /// The place of the peer; none for the answer itself.
    peer: Option<usize>,
    likelihood: f64,
    continuation: Continuation,
}

/// A draft in a decode call.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) tokens: Vec<Token>,
    peer: Option<usize>,
    match_tokens: usize,
}

impl Drafting {
    /// For the answer to a prompt.
    pub(super) fn new(peers: Option<Peers>, prompt: &[Token]) -> Self {
        let count = peers.as_ref().map_or(0, |peers| peers.count().min(MOST_PEERS));
        let peer_texts = (0..count).map(|peer| (PeerText::new(peer, prompt), Source::default())).collect();
        Self { peers, peer_texts, ..Self::default() }
    }

    /// What could be drafted behind `tokens`, at most `most` tokens of it: of all that may follow the likeliest, and of those the one that is
    /// alike for longer.
    pub(super) fn offer(
        &mut self,
        tokens: &[Token],
        most: usize,
        tokenize: impl Fn(&str) -> Vec<Token>,
    ) -> Option<Offer> {
        if let Some(peers) = &self.peers {
            for (text, _) in &mut self.peer_texts {
                text.catch_up(peers, &tokenize);
            }
        }
        let own = self.own.look(tokens, tokens, None);
        let of_peers = self.peer_texts.iter_mut().enumerate();
        let of_peers =
            of_peers.filter_map(|(peer, (text, source))| source.look(text.tokens(), tokens, Some(peer)));
        let by_likelihood = |one: &Chosen, other: &Chosen| {
            let by_match = || one.continuation.match_tokens.cmp(&other.continuation.match_tokens);
            one.likelihood.total_cmp(&other.likelihood).then_with(by_match)
        };
        self.chosen = own.into_iter().chain(of_peers).max_by(by_likelihood);
        let Chosen { peer, likelihood, continuation } = self.chosen?;
        let tokens = self.text(peer, tokens).len().saturating_sub(continuation.start).min(most);
        (tokens > 0).then_some(Offer { likelihood, tokens })
    }

    /// The first `length` tokens of what was offered last.
    pub(super) fn draft(&mut self, tokens: &[Token], length: usize) -> Draft {
        let Some(Chosen { peer, continuation, .. }) = self.chosen.take() else { return Draft::default() };
        if length == 0
            && let Some(source) = self.source(peer)
        {
            source.acceptance.rest();
        }
        let Continuation { start, match_tokens } = continuation;
        let tokens = self.text(peer, tokens).get(start..start + length).unwrap_or_default().to_vec();
        Draft { tokens, peer, match_tokens }
    }

    /// A draft was judged: so many of its tokens stay, and that saved so many seconds (or cost them, where negative).
    pub(super) fn judged(&mut self, draft: &Draft, accepted: usize, saved_seconds: f64) {
        if let Some(source) = self.source(draft.peer) {
            source.acceptance.record(draft.match_tokens, draft.tokens.len(), accepted);
        }
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

    fn text<'text>(&'text self, peer: Option<usize>, own: &'text [Token]) -> &'text [Token] {
        let Some(peer) = peer else { return own };
        self.peer_texts.get(peer).map_or(&[], |(text, _)| text.tokens())
    }

    fn source(&mut self, peer: Option<usize>) -> Option<&mut Source> {
        let Some(peer) = peer else { return Some(&mut self.own) };
        self.peer_texts.get_mut(peer).map(|(_, source)| source)
    }
}

impl Source {
    /// Where the answer may go on as the text did.
    fn look(&mut self, text: &[Token], answer: &[Token], peer: Option<usize>) -> Option<Chosen> {
        self.index.read(text);
        let continuation = self.index.continuation(text, answer)?;
        let likelihood = self.acceptance.likelihood(continuation.match_tokens);
        Some(Chosen { peer, likelihood, continuation })
    }
}

#[cfg(test)]
#[path = "drafting_tests.rs"]
mod tests;
