//! How long the rest of a calibration takes, and whether its budget suffices.

use std::collections::BTreeMap;

use moa_core::{Agent, ModelId};

use super::error::CalibrationError;
use super::expense::Expense;
use super::forecast::{Forecast, Part};
use super::halving::{rounds, runs};
use super::kinds;
use super::measuring::{Measuring, Watch};
use super::search::Search;
use super::settings::Told;
use crate::count;

/// The smallest budget is so many times what measuring each model alone takes.
const ROOM: f64 = 1.25;

impl Search<'_> {
    /// What is known from earlier about how long calls take.
    pub(super) fn known_pace(&mut self) {
        for place in self.singles.clone() {
            let Some(row) = self.board.row(place) else { continue };
            let agent = row.candidate.mixture.aggregator.clone();
            let items = self.searched.iter().filter_map(|item| self.measuring.items.get(*item));
            let calls: Vec<_> =
                items.filter_map(|item| self.measuring.bench.known(&agent, &item.conversation)).collect();
            for kept in calls {
                let mut expense = Expense {
                    machine_ms: kept.machine_ms,
                    wall_ms: kept.outcome.wall_ms,
                    ..Expense::default()
                };
                expense.count(&kept.outcome.usage);
                if kept.machine_ms > 0.0 {
                    self.pace.count(&agent.model, expense);
                }
            }
        }
    }

    /// Tells how long it will take, and refuses a budget that cannot suffice.
    pub(super) fn forecast(&self, watch: &mut Watch<'_>) -> Result<(), CalibrationError> {
        let forecast = self.forecast_now();
        watch(Told::Forecast(&forecast));
        let settings = self.measuring.settings;
        // What is told from elsewhere may be far off: only what was timed here refuses a budget.
        if !self.roster.agents.iter().all(|agent| self.pace.knows(&agent.model)) {
            return Ok(());
        }
        if let (Some(left), Some(needed)) = (settings.seconds_left(), forecast.alone.seconds)
            && needed > left
        {
            return Err(self.too_short(needed));
        }
        match (settings.most_usd, forecast.alone.cost_usd) {
            (Some(most), Some(needed)) if needed > most => Err(CalibrationError::BudgetTooSmall {
                given: format!("${most:.4}"),
                needed: format!("${needed:.4}"),
                smallest: format!("'${:.4}'", needed * ROOM + forecast.confirmation.cost_usd.unwrap_or(0.0)),
            }),
            _ => Ok(()),
        }
    }

    /// The refusal of a time that does not suffice.
    pub(super) fn too_short(&self, needed: f64) -> CalibrationError {
        let given = self.measuring.settings.budget.map_or(0.0, |(_, length)| length.as_secs_f64());
        let confirmation = self.forecast_now().confirmation.seconds.unwrap_or(0.0);
        let smallest = (needed * ROOM + confirmation).max(given + 1.0);
        CalibrationError::BudgetTooSmall {
            given: format!("{given:.0} s"),
            needed: format!("{needed:.0} s"),
            smallest: format!("{:.0}m", (smallest / 60.0).ceil().max(1.0)),
        }
    }

    pub(super) fn forecast_now(&self) -> Forecast {
        let roster = &self.roster;
        let of_models = |count: &dyn Fn(&Agent) -> f64| -> BTreeMap<ModelId, f64> {
            roster.agents.iter().map(|agent| (agent.model.clone(), count(agent))).collect()
        };
        let samples = count::as_f64(roster.temperatures.len()) * f64::from(roster.samples);
        let alone = self.pace.calls(&of_models(&|agent| self.unknown_calls(agent)));
        let mut candidates = kinds::asking(roster);
        candidates.truncate(self.measuring.settings.most_asking);
        candidates.extend(kinds::roles(roster));
        let finalists = self.measuring.settings.finalists;
        let search = self.pace.of_candidates(
            roster,
            &candidates,
            runs(candidates.len(), &rounds(self.searched.len()), finalists),
        );
        let confirmed = self.confirmed.len();
        let is_sampled = |agent: &Agent| roster.is_sampled(std::slice::from_ref(agent));
        let draws = self.pace.calls(&of_models(&|agent| {
            if is_sampled(agent) { samples * count::as_f64(confirmed) } else { 0.0 }
        }));
        let last_words = self.pace.of_candidates(roster, &candidates, finalists * confirmed);
        let sum = |one: Option<f64>, other: Option<f64>| one.zip(other).map(|(one, other)| one + other);
        let confirmation = Part {
            calls: draws.calls + last_words.calls,
            seconds: sum(draws.seconds, last_words.seconds),
            cost_usd: sum(draws.cost_usd, last_words.cost_usd),
        };
        let is_by_earlier_runs = roster.agents.iter().any(|agent| self.pace.is_told(&agent.model));
        Forecast { alone, search, confirmation, is_by_earlier_runs }
    }

    /// Whether nobody has answered an item as this agent yet.
    pub(super) fn is_unknown(&self, agent: &Agent, place: usize) -> bool {
        let Measuring { bench, items, .. } = self.measuring;
        items.get(place).is_some_and(|item| bench.known(agent, &item.conversation).is_none())
    }

    /// The calls of an agent alone that nobody has answered yet.
    fn unknown_calls(&self, agent: &Agent) -> f64 {
        let greedy = self.roster.greedy(agent);
        let all = self.searched.iter().chain(&self.confirmed);
        let mut unknown = all.filter(|place| self.is_unknown(&greedy, **place)).count();
        let is_sampled = self.roster.is_sampled(std::slice::from_ref(agent));
        for draw in self.draws_of(agent).into_iter().filter(|_| is_sampled) {
            unknown += self
                .searched
                .iter()
                .filter(|place| self.is_unknown(&draw.mixture.aggregator, **place))
                .count();
        }
        count::as_f64(unknown)
    }
}
