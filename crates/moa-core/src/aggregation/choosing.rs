//! Choosing between the answers of a layer.

use serde::{Deserialize, Serialize};

use super::candidate::{Candidate, Standings};
use super::certainty::{CertaintyMeasure, certainty};
use super::consistency::consistency;
use super::decision::{Decision, Judged};
use super::diversity::diversity;
use super::mux::mux;
use super::rank::{MOST_RANKED, RankMethod, Shown, both_ways};
use super::run_candidates::{Tried, run_candidates};
use super::vote::vote;
use crate::extraction::AnswerForm;

/// How it is chosen between the answers of a layer, and how many of them are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choosing {
    /// By what.
    pub by: ChoosingKind,
    /// The most answers that are kept; as the answer of a mixture the first of them counts.
    pub keep: u32,
    /// Names of agents or models, the best first: who wins where a kind sees no difference, such as by what they were measured to be
    /// worth.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefer: Vec<String>,
}

/// By what it is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChoosingKind {
    /// The answer that most texts give.
    ///
    /// # Source
    /// Self-consistency: Wang et al. 2022, arXiv:2203.11171, without weights.
    Vote {
        /// Where the answers are looked for.
        answer: AnswerForm,
    },
    /// An answer of the model whose own samples agree most with each other.
    ///
    /// # Source
    /// SLM-MUX: arXiv:2510.05077.
    Mux {
        /// Where the answers are looked for.
        answer: AnswerForm,
    },
    /// The answer of which its own model was most sure: the best of n by the model's own probabilities.
    Certainty {
        /// What says how sure it was.
        measure: CertaintyMeasure,
    },
    /// The answer that a judge puts first, asked in several orders.
    ///
    /// # Source
    /// Pairwise ranking before fusion: LLM-Blender, arXiv:2306.02561; the switched order: Zheng et al. 2023, arXiv:2306.05685.
    Rank {
        /// How it is asked.
        method: RankMethod,
    },
    /// The answer that a judge finds most consistent with the others.
    ///
    /// # Source
    /// Universal self-consistency: Chen et al. 2023, arXiv:2311.17311; here asked in two orders.
    UniversalSelfConsistency,
    /// The answer whose program passes most of the examples that the prompt gives.
    ///
    /// # Source
    /// Filtering by the examples of the problem, then clustering by behaviour: `AlphaCode`, arXiv:2203.07814, there on inputs that a model invents as
    /// well; agreement of programs: `CodeT`, arXiv:2207.10397.
    RunCandidates,
    /// Answers that differ from each other. To go on, not to be the answer: the first of them is the one that agrees most with the others.
    ///
    /// # Source
    /// Choosing the k most diverse answers: `RMoA`, arXiv:2505.24442; here by shared words.
    Diverse,
}

impl ChoosingKind {
    /// The kind in the words of the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Vote { .. } => "vote",
            Self::Mux { .. } => "mux",
            Self::Certainty { .. } => "certainty",
            Self::Rank { .. } => "rank",
            Self::UniversalSelfConsistency => "universal-self-consistency",
            Self::RunCandidates => "run-candidates",
            Self::Diverse => "diverse",
        }
    }

    /// Whether a judge is asked.
    #[must_use]
    pub fn asks(self) -> bool {
        matches!(self, Self::Rank { .. } | Self::UniversalSelfConsistency)
    }

    /// How many calls of a judge it takes to choose between `count` answers.
    #[must_use]
    pub fn calls(self, count: usize) -> usize {
        self.questions(count.min(MOST_RANKED)).len()
    }

    /// What the judge is asked about `count` answers: nothing where there is nothing to compare.
    pub(crate) fn questions(self, count: usize) -> Vec<Shown> {
        match self {
            _ if count < 2 => Vec::new(),
            Self::Rank { method } => method.questions(count),
            Self::UniversalSelfConsistency => both_ways(count),
            Self::Vote { .. }
            | Self::Mux { .. }
            | Self::Certainty { .. }
            | Self::RunCandidates
            | Self::Diverse => Vec::new(),
        }
    }
}

/// What a kind makes of the candidates.
pub(super) struct Ranked {
    /// The places, best first.
    pub(super) order: Vec<usize>,
    pub(super) reason: String,
    pub(super) tie: bool,
    /// What was seen in each candidate: its answer and the figure that was compared.
    pub(super) seen: Vec<(Option<String>, Option<f64>)>,
}

/// What the judge replied to a question; nothing where the call failed.
pub(crate) type Reply = (Shown, Option<String>);

/// The candidates that a judge compares, in the agents' order: those that stand best, where there are too many to compare all.
pub(crate) fn shortlist<'run>(choosing: &Choosing, candidates: Vec<Candidate<'run>>) -> Vec<Candidate<'run>> {
    if !choosing.by.asks() || candidates.len() <= MOST_RANKED {
        return candidates;
    }
    let standings = Standings::of(&candidates, &choosing.prefer);
    let mut places: Vec<usize> = (0..candidates.len()).collect();
    places.sort_by(|one, other| standings.compare(*one, *other));
    places.truncate(MOST_RANKED);
    places.sort_unstable();
    places.into_iter().filter_map(|place| candidates.get(place).copied()).collect()
}

/// Decides between `candidates` without asking anybody.
#[cfg(test)]
pub(crate) fn choose(choosing: &Choosing, candidates: &[Candidate<'_>]) -> Decision {
    choose_by(choosing, candidates, &[])
}

/// Decides between `candidates`, by what a judge replied where one is asked. Where there is only one, it is chosen whatever the kind is; where there are none, nothing is.
pub(crate) fn choose_by(choosing: &Choosing, candidates: &[Candidate<'_>], replies: &[Reply]) -> Decision {
    let standings = Standings::of(candidates, &choosing.prefer);
    let ranked = match choosing.by {
        ChoosingKind::Vote { answer } => vote(answer, candidates, &standings),
        ChoosingKind::Mux { answer } => mux(answer, candidates, &standings),
        ChoosingKind::Certainty { measure } => certainty(measure, candidates, &standings),
        ChoosingKind::Rank { method } => method.ranked(candidates.len(), replies, &standings),
        ChoosingKind::UniversalSelfConsistency => consistency(candidates.len(), replies, &standings),
        ChoosingKind::RunCandidates => {
            let nothing = Tried::NotRun("nothing was run".to_owned());
            run_candidates(&nothing, candidates.len(), &standings)
        }
        ChoosingKind::Diverse => diversity(candidates, &standings),
    };
    decision(choosing, candidates, ranked)
}

/// Decides between `candidates` by what came of their programs.
pub(crate) fn choose_by_running(
    choosing: &Choosing,
    candidates: &[Candidate<'_>],
    tried: &Tried,
) -> Decision {
    let standings = Standings::of(candidates, &choosing.prefer);
    decision(choosing, candidates, run_candidates(tried, candidates.len(), &standings))
}

/// The decision that a ranking comes to.
fn decision(choosing: &Choosing, candidates: &[Candidate<'_>], ranked: Ranked) -> Decision {
    let Ranked { order, reason, tie, seen } = ranked;
    let called = |place: &usize| candidates.get(*place).map(|candidate| candidate.call);
    let chosen = order.iter().filter_map(called).take(choosing.keep.max(1) as usize).collect();
    let mut judged: Vec<Judged> = candidates
        .iter()
        .zip(seen)
        .map(|(candidate, (answer, score))| Judged { call: candidate.call, answer, score })
        .collect();
    judged.sort_by_key(|judged| judged.call);
    let reason = match candidates.len() {
        0 => "there was no answer to choose from".to_owned(),
        1 => "it was the only answer".to_owned(),
        _ => reason,
    };
    let tie = tie && candidates.len() > 1;
    Decision { kind: choosing.by.name().to_owned(), chosen, reason, settles: false, tie, judged }
}

/// `3 of 5`
pub(super) fn share(part: usize, whole: usize) -> String {
    format!("{part} of {whole}")
}
