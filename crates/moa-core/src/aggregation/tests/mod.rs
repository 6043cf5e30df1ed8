mod agreements;
mod ballots;
mod candidates_run;
mod certainties;
mod diversities;
mod foldings;
mod muxes;
mod permutations;
mod rankings;
mod votes;

use proptest::prelude::*;

use super::*;
use crate::agent::ModelId;
use crate::extraction::AnswerForm;
use crate::layer::{CallId, LayerIndex};

/// The call of the n-th agent of the first layer.
fn call(agent: u32) -> CallId {
    CallId { layer: LayerIndex(1), agent }
}

/// Proposals of `(model, text)`, in the agents' order.
struct Pool {
    rows: Vec<(ModelId, String)>,
}

impl Pool {
    fn of(rows: &[(&str, &str)]) -> Self {
        Self { rows: rows.iter().map(|(model, text)| ((*model).into(), (*text).to_owned())).collect() }
    }

    /// Texts of one model.
    fn texts(texts: &[&str]) -> Self {
        Self::of(&texts.iter().map(|text| ("m", *text)).collect::<Vec<_>>())
    }

    fn candidates(&self) -> Vec<Candidate<'_>> {
        let candidate = |((model, text), agent)| Candidate {
            call: call(agent),
            agent: ModelId::as_str(model),
            model,
            is_whole: true,
            text: String::as_str(text),
            certainty: None,
        };
        self.rows.iter().map(|(model, text)| (model, text)).zip(1..).map(candidate).collect()
    }

    /// The same, of which those at `places` were cut short.
    fn cut_short(&self, places: &[usize]) -> Vec<Candidate<'_>> {
        let mut candidates = self.candidates();
        for place in places {
            candidates[*place].is_whole = false;
        }
        candidates
    }

    fn decide(&self, choosing: &Choosing) -> Decision {
        choose(choosing, &self.candidates())
    }

    /// The text that wins.
    fn winner(&self, choosing: &Choosing) -> &str {
        let chosen = self.decide(choosing).chosen[0];
        &self.rows[chosen.agent as usize - 1].1
    }
}

fn by(by: ChoosingKind) -> Choosing {
    Choosing { by, keep: 1, prefer: Vec::new() }
}

/// Whether another order of the agents leaves the winning text the same.
fn is_fair(choosing: &Choosing, rows: &[(&str, &str)]) -> bool {
    let first = Pool::of(rows);
    let mut turned = rows.to_vec();
    (0..rows.len()).all(|_| {
        turned.rotate_left(1);
        let mut mirrored = turned.clone();
        mirrored.reverse();
        let winner = first.winner(choosing);
        Pool::of(&turned).winner(choosing) == winner && Pool::of(&mirrored).winner(choosing) == winner
    })
}
