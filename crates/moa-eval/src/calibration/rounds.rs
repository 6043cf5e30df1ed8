//! The candidates that ask a model, round by round.

use super::candidate::Candidate;
use super::error::CalibrationError;
use super::halving::{rounds, runs, survivors};
use super::kinds;
use super::measuring::Watch;
use super::search::{Fate, Search};

/// At most this share of the time that is left after the models alone is kept for the confirmation.
const MOST_SET_ASIDE: f64 = 0.5;

impl Search<'_> {
    /// Candidates that ask a model: many on few items, few on many.
    pub(super) async fn asking(&mut self, watch: &mut Watch<'_>) -> Result<(), CalibrationError> {
        let mut all = kinds::asking(&self.roster);
        let beyond = all.len().saturating_sub(self.measuring.settings.most_asking);
        all.truncate(self.measuring.settings.most_asking);
        if beyond > 0 {
            self.remark(
                format!(
                    "{beyond} further candidates that ask a model were not tried: the list ends at {}.",
                    all.len()
                ),
                watch,
            );
        }
        let rounds = rounds(self.searched.len());
        let affordable = self.affordable(&all, &rounds);
        let places = self.board.add(all);
        let (mut left, rest) = places.split_at(affordable.min(places.len()));
        if !rest.is_empty() {
            self.remark(
                format!(
                    "{} of {} candidates that ask a model were not tried: the budget does not suffice.",
                    rest.len(),
                    places.len()
                ),
                watch,
            );
        }
        self.fates.extend(
            rest.iter()
                .filter(|place| !self.board.has_all(**place, &self.searched))
                .map(|place| (*place, Fate::NotTried)),
        );
        let mut kept;
        for (count, round) in rounds.iter().zip(1_usize..) {
            let items = self.searched.get(..*count).unwrap_or_default().to_vec();
            let stage = format!("mixtures that ask, round {round} of {}", rounds.len());
            let _ = self.measure(&stage, left.to_vec(), &items, watch).await?;
            let (whole, broken): (Vec<usize>, Vec<usize>) =
                left.iter().copied().partition(|place| self.board.has_all(*place, &items));
            self.fates.extend(broken.into_iter().map(|place| (place, Fate::NotTried)));
            if round == rounds.len() {
                break;
            }
            let right: Vec<(usize, usize)> =
                whole.iter().map(|place| (*place, self.board.right(*place, &items))).collect();
            kept = survivors(&right, self.measuring.settings.finalists, |one, other| {
                self.cheaper(one, other, &items)
            });
            self.fates.extend(
                whole
                    .iter()
                    .filter(|place| !kept.contains(place))
                    .map(|place| (*place, Fate::LeftOut(round))),
            );
            left = &kept;
        }
        Ok(())
    }

    /// How many of the candidates can be tried in the time that is left.
    fn affordable(&self, candidates: &[Candidate], rounds: &[usize]) -> usize {
        let Some(seconds) = self.seconds_to_search() else { return candidates.len() };
        let finalists = self.measuring.settings.finalists;
        let fits = |count: &usize| {
            let runs = runs(*count, rounds, finalists);
            let part =
                self.pace.of_candidates(&self.roster, candidates.get(..*count).unwrap_or_default(), runs);
            part.seconds.is_some_and(|needed| needed <= seconds)
        };
        (1..=candidates.len()).rev().find(fits).unwrap_or(0)
    }

    /// The seconds that are left to search with, what the confirmation may take set aside.
    pub(super) fn seconds_to_search(&self) -> Option<f64> {
        let left = self.measuring.settings.seconds_left()?;
        // What the confirmation takes is an upper bound: it must not leave a short budget without any search.
        let confirmation = self.forecast_now().confirmation.seconds.unwrap_or(0.0);
        Some(left - confirmation.min(left * MOST_SET_ASIDE))
    }
}
