//! The answer of which its own model was most sure.

use serde::{Deserialize, Serialize};

use super::candidate::{Candidate, Standings};
use super::choosing::{Ranked, share};
use crate::certainty::Certainty;

/// What says how sure a model was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertaintyMeasure {
    /// The mean log-probability of the tokens that were written.
    #[default]
    LogProbability,
    /// The mean entropy of what could have been written. Not known behind endpoints.
    Entropy,
}

impl CertaintyMeasure {
    /// The figure that is compared: more is surer.
    fn figure(self, certainty: Certainty) -> Option<f64> {
        match self {
            Self::LogProbability => Some(certainty.mean_logprob),
            Self::Entropy => certainty.mean_entropy.map(|entropy| -entropy),
        }
        .filter(|figure| figure.is_finite())
    }

    fn words(self) -> &'static str {
        match self {
            Self::LogProbability => "mean log-probability",
            Self::Entropy => "negative mean entropy",
        }
    }
}

/// Ranks the candidates by how sure their models were; those whose models did not say come last.
pub(super) fn certainty(
    measure: CertaintyMeasure,
    candidates: &[Candidate<'_>],
    standings: &Standings<'_>,
) -> Ranked {
    let figures: Vec<Option<f64>> =
        candidates.iter().map(|candidate| candidate.certainty.and_then(|c| measure.figure(c))).collect();
    let figure = |place: usize| figures.get(place).copied().flatten().unwrap_or(f64::NEG_INFINITY);
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|one, other| {
        figure(*other).total_cmp(&figure(*one)).then_with(|| standings.compare(*one, *other))
    });
    let known = figures.iter().flatten().count();
    let best = order.first().copied().map_or(f64::NEG_INFINITY, figure);
    let equals = figures.iter().flatten().filter(|figure| figure.total_cmp(&best).is_eq()).count();
    let reason = if known == 0 {
        "no model said how sure it was; this one agrees most with the others by its words".to_owned()
    } else {
        let next = order.get(1).copied().map_or(f64::NEG_INFINITY, figure);
        let next = if next.is_finite() { format!(", the next {next:.3}") } else { String::new() };
        let said = if known == candidates.len() {
            String::new()
        } else {
            format!("; {} said how sure they were", share(known, candidates.len()))
        };
        format!("its model was most sure of it: {} {best:.3}{next}{said}", measure.words())
    };
    let seen = figures.iter().map(|figure| (None, *figure)).collect();
    Ranked { order, reason, tie: known == 0 || equals > 1, seen }
}
