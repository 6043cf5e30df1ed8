//! The finalists on the half that nothing was chosen by.

use std::collections::BTreeMap;

use moa_core::ModelId;

use super::error::CalibrationError;
use super::measuring::Watch;
use super::search::Search;
use crate::count;

impl Search<'_> {
    /// Measures the finalists on the other half, the cheapest first: where the time does not suffice for all, it goes to those that it suffices for.
    pub(super) async fn confirm(
        &mut self,
        finalists: &[usize],
        watch: &mut Watch<'_>,
    ) -> Result<(), CalibrationError> {
        let confirmed = self.confirmed.clone();
        let mut in_order = finalists.to_vec();
        let mut skipped = 0;
        in_order.sort_by(|one, other| self.cheaper(*one, *other, &self.searched));
        for (place, number) in in_order.into_iter().zip(1..) {
            if self.takes_too_long(place, watch) {
                skipped += 1;
                continue;
            }
            let stage = format!("finalist {number} of {} on the other half", finalists.len());
            let _ = self.measure(&stage, vec![place], &confirmed, watch).await?;
        }
        let missing = finalists.iter().filter(|place| !self.board.has_all(**place, &confirmed)).count();
        let broken_off = missing.saturating_sub(skipped);
        if broken_off > 0 {
            self.remark(
                format!(
                    "{broken_off} of {} finalists could not be confirmed: the budget was used up.",
                    finalists.len()
                ),
                watch,
            );
        }
        Ok(())
    }

    /// Whether confirming a finalist would take longer than there is time for, which is then told.
    fn takes_too_long(&mut self, place: usize, watch: &mut Watch<'_>) -> bool {
        let (Some(left), Some(needed)) =
            (self.measuring.settings.seconds_left(), self.seconds_to_confirm(place))
        else {
            return false;
        };
        if needed <= left {
            return false;
        }
        let name = self.board.row(place).map(|row| row.candidate.name.clone()).unwrap_or_default();
        let minutes = |seconds: f64| (seconds / 60.0).ceil();
        self.remark(
            format!(
                "Not confirmed, because that takes about {} min and {} min are left: {name}.",
                minutes(needed),
                minutes(left)
            ),
            watch,
        );
        true
    }

    /// How many of the calls behind its first layer a candidate made in the search: fewer than all where it stops early.
    fn share_beyond_first_layer(&self, place: usize) -> f64 {
        let Some(row) = self.board.row(place) else { return 1.0 };
        let mixture = &row.candidate.mixture;
        let first = mixture.layers.first().map_or(0, |layer| layer.agents.len());
        let beyond: usize = mixture.layers.iter().skip(1).map(|layer| layer.agents.len()).sum();
        if mixture.early_stop.is_none() || beyond == 0 {
            return 1.0;
        }
        let made = self.board.expense(place, &self.searched).calls - count::as_f64(first);
        (made / count::as_f64(beyond)).clamp(0.0, 1.0)
    }

    /// What confirming a finalist takes beyond the calls that are known, as calls were timed so far; nothing where a model was never timed.
    fn seconds_to_confirm(&self, place: usize) -> Option<f64> {
        let row = self.board.row(place)?;
        let goes_on = self.share_beyond_first_layer(place);
        let mut calls: BTreeMap<ModelId, f64> = BTreeMap::new();
        for (number, layer) in row.candidate.mixture.layers.iter().enumerate() {
            let share = if number == 0 { 1.0 } else { goes_on };
            let shared = layer.agents.iter().filter(|_| number == 0 || layer.independent);
            for agent in shared.filter(|agent| self.roster.is_shared(agent)) {
                let unknown = self.confirmed.iter().filter(|item| self.is_unknown(agent, **item)).count();
                *calls.entry(agent.model.clone()).or_default() += share * count::as_f64(unknown);
            }
        }
        for model in row.candidate.extra_calls(&self.roster) {
            *calls.entry(model).or_default() += goes_on * count::as_f64(self.confirmed.len());
        }
        self.pace.calls(&calls).seconds
    }
}
