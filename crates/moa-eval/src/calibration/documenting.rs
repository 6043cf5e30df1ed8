//! Puts the document together from what was measured.

use std::collections::BTreeMap;

use super::correlation::{effective, phi};
use super::document::{Alternative, Calibration, CandidateRow, Correlation, Measurement, TaskRow};
use super::equal_tokens::equal_tokens;
use super::error::CalibrationError;
use super::expense::Currency;
use super::half::Half;
use super::item::{Item, kinds};
use super::roles::{models, reliabilities};
use super::roster::Roster;
use super::scoreboard::{Scoreboard, Share};
use super::search::Fate;
use super::verdict::{Confirmed, Finding, TaskDifference, confidence, recommended};
use super::workbench::Workbench;
use crate::EvalError;
use crate::count;

/// What the document is made from.
pub(super) struct Facts<'a> {
    pub(super) bench: &'a Workbench,
    pub(super) items: &'a [Item],
    pub(super) roster: &'a Roster,
    pub(super) searched: &'a [usize],
    pub(super) confirmed: &'a [usize],
    pub(super) board: &'a Scoreboard,
    pub(super) draws: &'a Scoreboard,
    pub(super) singles: &'a [usize],
    pub(super) roles: &'a [usize],
    pub(super) fates: &'a BTreeMap<usize, Fate>,
    pub(super) best: usize,
    pub(super) finalists: &'a [usize],
    pub(super) currency: Currency,
    pub(super) remarks: &'a [String],
}

/// Puts together what came of it.
pub(super) fn document(facts: &Facts<'_>) -> Result<Calibration, CalibrationError> {
    let finalists: Vec<usize> = facts
        .finalists
        .iter()
        .copied()
        .filter(|place| facts.board.has_all(*place, facts.confirmed))
        .collect();
    let confirmed = finalists
        .iter()
        .map(|place| facts.confirmed(*place, finalists.len()))
        .collect::<Result<Vec<_>, _>>()?;
    let winner = recommended(&confirmed);
    let chosen = winner.and_then(|place| finalists.get(place)).copied().unwrap_or(facts.best);
    let candidate =
        facts.board.row(chosen).map(|row| row.candidate.clone()).ok_or(CalibrationError::NoModels)?;
    let correlations = facts.correlations();
    let known: Vec<f64> = correlations.iter().filter_map(|of| of.phi).collect();
    let best_single_accuracy = facts
        .board
        .share(facts.best, facts.confirmed)
        .ok_or(EvalError::NothingToScore { what: "the items to confirm on" })?;
    Ok(Calibration {
        tasks: facts.tasks(),
        kinds: kinds(facts.items),
        currency: facts.currency,
        temperatures: facts.roster.temperatures.clone(),
        samples: facts.roster.samples,
        models: models(facts)?,
        effective_answers: (!known.is_empty())
            .then(|| effective(facts.roster.agents.len(), count::mean(&known))),
        correlations,
        any_right: facts.any_right(),
        candidates: facts.candidates(chosen),
        equal_tokens: equal_tokens(facts),
        reliability: reliabilities(facts),
        best_single: facts.name(facts.best),
        best_single_accuracy,
        reason: facts.reason(winner.and_then(|place| confirmed.get(place)), confirmed.len()),
        cheaper: facts.cheaper(&finalists, &confirmed, winner),
        finalists: confirmed,
        unconfirmed: facts.unconfirmed(),
        recommended: candidate.name.clone(),
        remarks: facts.remarks.to_vec(),
        recommended_candidate: candidate,
    })
}

/// Why this is recommended, where the best single model is right now and then.
fn reason(winner: Option<&Confirmed>, best: &str, finalists: usize, unconfirmed: usize) -> String {
    let points = |value: f64| format!("{:+.1}", value * 100.0);
    match winner {
        None if finalists == 0 && unconfirmed > 0 => format!(
            "mixtures were right more often than {best} alone on the items of the search, and none of them was confirmed: the budget does not suffice"
        ),
        None if finalists == 0 => format!(
            "no mixture of these models was right more often than {best} alone on the items of the search, or as often and cheaper"
        ),
        None => format!(
            "no mixture of these models was shown to beat the best single model, {best}, on the items that nothing was chosen by"
        ),
        Some(confirmed) => {
            let Confirmed { difference, accuracy, confidence, .. } = confirmed;
            let figures = format!(
                "{} points (interval of {:.1} %: {} to {}) on {} items that nothing was chosen by",
                points(difference.mean),
                confidence * 100.0,
                points(difference.interval.low),
                points(difference.interval.high),
                accuracy.n
            );
            match confirmed.finding {
                Finding::Better => format!("it is right more often than {best} alone: {figures}"),
                Finding::AsGoodAndCheaper | Finding::NotBetter => {
                    format!("it is right as often as {best} alone and cheaper: {figures}")
                }
            }
        }
    }
}

impl Facts<'_> {
    pub(super) fn name(&self, place: usize) -> String {
        self.board.row(place).map(|row| row.candidate.name.clone()).unwrap_or_default()
    }

    /// Why this is recommended.
    fn reason(&self, winner: Option<&Confirmed>, finalists: usize) -> String {
        let right = self.board.right(self.best, self.searched) + self.board.right(self.best, self.confirmed);
        if winner.is_none() && right == 0 {
            return format!(
                "no model was right about any of the {} items, so that they tell nothing; {} is the cheapest",
                self.searched.len() + self.confirmed.len(),
                self.name(self.best)
            );
        }
        reason(winner, &self.name(self.best), finalists, self.unconfirmed().len())
    }

    /// The finalists that were not asked all items of the other half.
    fn unconfirmed(&self) -> Vec<String> {
        let places = self.finalists.iter().filter(|place| !self.board.has_all(**place, self.confirmed));
        places.map(|place| self.name(*place)).collect()
    }

    /// The cheapest finalist that is better than the best single model, where it costs less than the one that is recommended for the same.
    fn cheaper(
        &self,
        finalists: &[usize],
        confirmed: &[Confirmed],
        winner: Option<usize>,
    ) -> Option<Alternative> {
        let winner = confirmed.get(winner?).filter(|winner| winner.finding == Finding::Better)?;
        let better = finalists.iter().zip(confirmed).filter(|(_, of)| of.finding == Finding::Better);
        let cost = |of: &Confirmed| of.cost_ratio.unwrap_or(f64::INFINITY);
        let (place, cheapest) = better.min_by(|(_, one), (_, other)| cost(one).total_cmp(&cost(other)))?;
        let candidate = self.board.row(*place)?.candidate.clone();
        (cost(cheapest) < cost(winner)).then(|| Alternative {
            name: candidate.name.clone(),
            reason: reason(Some(cheapest), &self.name(self.best), confirmed.len(), 0),
            candidate,
        })
    }

    fn tasks(&self) -> Vec<TaskRow> {
        let mut tasks: Vec<TaskRow> = Vec::new();
        for item in self.items {
            let place = tasks.iter().position(|row| row.task == item.task).unwrap_or_else(|| {
                tasks.push(TaskRow { task: item.task.clone(), search: 0, confirmation: 0 });
                tasks.len() - 1
            });
            let Some(row) = tasks.get_mut(place) else { continue };
            match item.half {
                Half::Search => row.search += 1,
                Half::Confirmation => row.confirmation += 1,
            }
        }
        tasks
    }

    /// A finalist beside the best single model.
    fn confirmed(&self, place: usize, finalists: usize) -> Result<Confirmed, EvalError> {
        let confidence = confidence(finalists);
        let nothing = || EvalError::NothingToScore { what: "the items to confirm on" };
        let share = |place: usize, items: &[usize]| self.board.share(place, items).ok_or_else(nothing);
        let tasks = self.tasks();
        let mut by_task = Vec::new();
        for task in tasks.iter().filter(|task| tasks.len() > 1 && task.confirmation > 0) {
            let is_of = |place: &usize| self.items.get(*place).is_some_and(|item| item.task == task.task);
            let items: Vec<usize> = self.confirmed.iter().copied().filter(is_of).collect();
            by_task.push(TaskDifference {
                task: task.task.clone(),
                accuracy: share(place, &items)?,
                accuracy_of_best: share(self.best, &items)?,
                difference: self.board.difference(self.best, place, &items, confidence)?,
            });
        }
        let difference = self.board.difference(self.best, place, self.confirmed, confidence)?;
        let (mine, its) =
            (self.board.expense(place, self.confirmed), self.board.expense(self.best, self.confirmed));
        let ratio = |mine: f64, its: f64| (its > 0.0).then_some(mine / its);
        let best_model = self.board.row(self.best).map(|row| row.candidate.mixture.aggregator.model.clone());
        let includes = self
            .board
            .row(place)
            .is_some_and(|row| best_model.is_some_and(|model| row.candidate.always_asks(&model)));
        let cost_ratio = ratio(self.currency.price(&mine), self.currency.price(&its));
        Ok(Confirmed {
            candidate: self.name(place),
            accuracy: share(place, self.confirmed)?,
            accuracy_of_best: share(self.best, self.confirmed)?,
            // What asks the best single model in any case is not cheaper, whatever the clock says.
            finding: Finding::of(&difference, &by_task, cost_ratio.filter(|_| !includes)),
            difference,
            confidence,
            by_task,
            cost_ratio,
            time_ratio: ratio(mine.wall_ms, its.wall_ms),
        })
    }

    fn correlations(&self) -> Vec<Correlation> {
        let mut correlations = Vec::new();
        for (place, one) in self.singles.iter().enumerate() {
            for other in self.singles.get(place + 1..).unwrap_or_default() {
                let right = |item: &usize| {
                    Some((self.board.is_right(*one, *item)?, self.board.is_right(*other, *item)?))
                };
                let pairs: Vec<(bool, bool)> = self.searched.iter().filter_map(right).collect();
                correlations.push(Correlation {
                    one: self.name(*one),
                    other: self.name(*other),
                    phi: phi(&pairs),
                    n: pairs.len(),
                    both_wrong: pairs.iter().filter(|pair| **pair == (false, false)).count(),
                });
            }
        }
        correlations
    }

    fn any_right(&self) -> Option<Share> {
        let is_right = |item: &&usize| {
            self.singles.iter().any(|single| self.board.is_right(*single, **item) == Some(true))
        };
        Share::of(self.searched.iter().filter(is_right).count(), self.searched.len())
    }

    fn candidates(&self, chosen: usize) -> Vec<CandidateRow> {
        let mut places: Vec<usize> = (0..self.board.rows.len()).collect();
        let right = |place: usize| self.board.right(place, self.searched);
        let is_whole = |place: usize| self.board.has_all(place, self.searched);
        let expense = |place: usize| self.board.expense(place, self.searched);
        places.sort_by(|one, other| {
            (is_whole(*other).cmp(&is_whole(*one)))
                .then_with(|| right(*other).cmp(&right(*one)))
                .then_with(|| self.currency.compare(&expense(*one), &expense(*other)))
                .then(one.cmp(other))
        });
        let row = |place: usize| {
            let candidate = &self.board.row(place)?.candidate;
            Some(CandidateRow {
                name: candidate.name.clone(),
                kind: candidate.kind.clone(),
                members: candidate.members().iter().map(ToString::to_string).collect(),
                search: self.measurement(place, self.searched),
                confirmation: self.measurement(place, self.confirmed),
                fate: self.fate(place, chosen),
            })
        };
        places.into_iter().filter_map(row).collect()
    }

    fn measurement(&self, place: usize, items: &[usize]) -> Option<Measurement> {
        let scored: Vec<_> =
            items.iter().filter_map(|item| self.board.row(place)?.scored.get(item)).collect();
        Some(Measurement {
            accuracy: self.board.share(place, items)?,
            expense: self.board.expense(place, items),
            cut_off: scored.iter().filter(|of| of.is_cut_off).count(),
            stopped_early: scored.iter().filter(|of| of.stopped_early).count(),
        })
    }

    fn fate(&self, place: usize, chosen: usize) -> String {
        if place == chosen {
            return "recommended".to_owned();
        }
        if place == self.best {
            return "best single model".to_owned();
        }
        if self.finalists.contains(&place) {
            return if self.board.has_all(place, self.confirmed) {
                "finalist"
            } else {
                "finalist, not confirmed"
            }
            .to_owned();
        }
        match self.fates.get(&place).copied().unwrap_or(Fate::Searched) {
            Fate::LeftOut(round) if !self.board.has_all(place, self.searched) => {
                format!("left out after round {round}")
            }
            Fate::NotTried if !self.board.has_all(place, self.searched) => {
                "not tried: the budget was used up".to_owned()
            }
            _ => "not a finalist".to_owned(),
        }
    }
}

#[cfg(test)]
#[path = "documenting_tests.rs"]
mod tests;
