//! What the tokens of a mixture would have bought of the best model alone.

use serde::Serialize;

use super::documenting::Facts;
use super::scoreboard::Share;

/// A mixture beside self-consistency and Self-MoA of the best single model that wrote no more tokens, on the items of the search.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EqualTokens {
    /// The mixture.
    pub mixture: Weighed,
    /// The vote among samples of the best single model; nothing where none was tried that wrote as little.
    pub self_consistency: Option<Weighed>,
    /// The synthesis of samples of the best single model by itself.
    pub self_moa: Option<Weighed>,
}

/// A candidate, how often it is right, and what it writes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weighed {
    /// The candidate.
    pub name: String,
    /// Its share of right answers.
    pub accuracy: Share,
    /// Tokens written for an item, those of proposals included.
    pub completion_tokens: f64,
}

/// The finalists and the plain mixtures of all models, each beside what its tokens would have bought.
pub(super) fn equal_tokens(facts: &Facts<'_>) -> Vec<EqualTokens> {
    let mut places: Vec<usize> = facts.finalists.iter().chain(facts.roles).copied().collect();
    let mut seen = std::collections::HashSet::new();
    places.retain(|place| seen.insert(*place));
    let row = |place: usize| {
        let mixture = weighed(facts, place)?;
        let of_kind = |kind: &str| {
            let fitting = (0..facts.board.rows.len())
                .filter(|other| *other != place && is_of_best(facts, *other, kind));
            let weighed = fitting.filter_map(|other| weighed(facts, other));
            let affordable = weighed.filter(|other| other.completion_tokens <= mixture.completion_tokens);
            affordable.max_by(|one, other| one.completion_tokens.total_cmp(&other.completion_tokens))
        };
        Some(EqualTokens { self_consistency: of_kind("vote"), self_moa: of_kind("self-moa"), mixture })
    };
    places.into_iter().filter_map(row).collect()
}

/// Whether a candidate asks the best single model only, in this way.
fn is_of_best(facts: &Facts<'_>, place: usize, kind: &str) -> bool {
    let best = facts.board.row(facts.best).map(|row| row.candidate.members());
    let candidate = facts.board.row(place).map(|row| &row.candidate);
    candidate.is_some_and(|candidate| candidate.kind == kind && Some(candidate.members()) == best)
}

/// A candidate that was asked all items of the search.
fn weighed(facts: &Facts<'_>, place: usize) -> Option<Weighed> {
    let is_whole = facts.board.has_all(place, facts.searched);
    Some(Weighed {
        name: facts.name(place),
        accuracy: facts.board.share(place, facts.searched).filter(|_| is_whole)?,
        completion_tokens: facts.board.expense(place, facts.searched).completion_tokens,
    })
}
