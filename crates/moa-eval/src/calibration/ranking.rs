//! Who did better: the order of candidates, the models' own, and what they are paid in.

use std::cmp::Ordering;

use moa_core::ModelId;

use super::expense::Currency;
use super::measuring::Watch;
use super::search::Search;

/// Who is measurably right less often than this share of the best model's right answers is not sampled.
const LEAST_SHARE_OF_BEST: f64 = 0.5;

impl Search<'_> {
    /// The model that is best alone, over all items: knowing the other half favours it, and so no mixture.
    pub(super) fn best_single(&self) -> usize {
        let all: Vec<usize> = self.searched.iter().chain(&self.confirmed).copied().collect();
        self.ranked(self.singles.clone(), &all).first().copied().unwrap_or(0)
    }

    /// Those that did best on the whole half to search on, better than the best single model, or as good and cheaper: first those that nothing cheaper is as
    /// good as, so that whoever cannot pay for the best finds what costs less among them, then the others.
    pub(super) fn finalists(&self, best: usize) -> Vec<usize> {
        let items = &self.searched;
        let single = self.board.right(best, items);
        let could_win = |place: &usize| {
            let is_mixture = self.board.row(*place).is_some_and(|row| !row.candidate.is_single());
            let right = self.board.right(*place, items);
            let is_cheaper =
                || self.cheaper(*place, best, items) == Ordering::Less && !self.includes(*place, best);
            is_mixture
                && self.board.has_all(*place, items)
                && (right > single || right == single && is_cheaper())
        };
        let mut cheaper_singles: Vec<usize> = self
            .singles
            .iter()
            .copied()
            .filter(|place| {
                *place != best
                    && self.board.right(*place, items) >= single
                    && self.cheaper(*place, best, items) == Ordering::Less
            })
            .collect();
        let mut places: Vec<usize> = (0..self.board.rows.len()).filter(could_win).collect();
        places.append(&mut cheaper_singles);
        let is_cheaper = |one: usize, other: usize| self.cheaper(one, other, items) == Ordering::Less;
        let chosen = front_first(&self.ranked(places, items), self.measuring.settings.finalists, is_cheaper);
        // In the order of the search, by which the first that passes is recommended.
        self.ranked(chosen, items)
    }

    /// Candidates by how many of the items they got right, of equals the cheaper first.
    fn ranked(&self, mut places: Vec<usize>, items: &[usize]) -> Vec<usize> {
        let right = |place: usize| self.board.right(place, items);
        places.sort_by(|one, other| {
            right(*other).cmp(&right(*one)).then_with(|| self.cheaper(*one, *other, items))
        });
        places
    }

    pub(super) fn cheaper(&self, one: usize, other: usize, items: &[usize]) -> Ordering {
        let expense = |place: usize| self.board.expense(place, items);
        self.currency.compare(&expense(one), &expense(other)).then(one.cmp(&other))
    }

    /// Puts the models into the order of how good they are alone, and notes whether they say how sure they are.
    pub(super) fn put_best_first(&mut self) {
        let ranked = self.ranked(self.singles.clone(), &self.searched);
        let old: Vec<usize> =
            ranked.iter().filter_map(|place| self.singles.iter().position(|of| of == place)).collect();
        self.roster = self.roster.in_order(&old);
        let tells = |place: &usize| {
            self.board
                .row(*place)
                .is_some_and(|row| row.scored.values().any(|scored| scored.certainty.is_some()))
        };
        self.roster.tells_certainty = ranked.iter().all(tells);
        self.singles = ranked;
    }

    /// Models that are measurably right less than half as often as the best one are not sampled: in a vote they could only be outvoted, and
    /// samples are what a calibration spends most of its time on. Their likeliest answers stay in the search.
    pub(super) fn leave_hopeless_unsampled(&mut self, watch: &mut Watch<'_>) {
        let share = |place: &usize| self.board.share(*place, &self.searched);
        let Some(best) = self.singles.first().and_then(share) else { return };
        let is_hopeless = |place: &usize| {
            share(place).is_some_and(|of| of.interval.high < best.accuracy * LEAST_SHARE_OF_BEST)
        };
        let hopeful = self.singles.iter().position(is_hopeless).unwrap_or(self.singles.len());
        let left_out: Vec<String> = self
            .singles
            .get(hopeful..)
            .unwrap_or_default()
            .iter()
            .filter_map(|place| {
                let (row, of) = (self.board.row(*place)?, share(place)?);
                Some(format!("{} ({} of {})", row.candidate.name, of.right, of.n))
            })
            .collect();
        self.roster.worth_sampling = hopeful;
        if !left_out.is_empty() {
            self.remark(
                format!(
                    "Not sampled, because measurably less than half as often right as the best model: {}.",
                    left_out.join(", ")
                ),
                watch,
            );
        }
    }

    /// Whether a candidate asks the best single model in any case: then it is not cheaper, whatever the clock says.
    fn includes(&self, place: usize, best: usize) -> bool {
        let model = self.model_of(best);
        self.board.row(place).is_some_and(|row| model.is_some_and(|model| row.candidate.always_asks(&model)))
    }

    /// Money where there is any to pay, the machine's time where it does everything, tokens otherwise.
    pub(super) fn settle_currency(&mut self) {
        let all: Vec<usize> = self.searched.iter().chain(&self.confirmed).copied().collect();
        let models: Vec<ModelId> = self.roster.agents.iter().map(|agent| agent.model.clone()).collect();
        let costs = self.singles.iter().any(|place| self.board.expense(*place, &all).cost_usd > 0.0);
        self.currency = match (costs, self.measuring.bench.is_local(&models)) {
            (true, _) => Currency::UsDollars,
            (false, true) => Currency::MachineSeconds,
            (false, false) => Currency::Tokens,
        };
    }
}

/// So many of those that are ranked, the best first: at first those that are cheaper than all before them, then the others.
fn front_first(ranked: &[usize], count: usize, is_cheaper: impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let (mut front, mut behind): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for place in ranked {
        let is_on_front = front.last().is_none_or(|cheapest| is_cheaper(*place, *cheapest));
        if is_on_front { front.push(*place) } else { behind.push(*place) }
    }
    front.append(&mut behind);
    front.truncate(count);
    front
}

#[cfg(test)]
#[path = "ranking_tests.rs"]
mod tests;
