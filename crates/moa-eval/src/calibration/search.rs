//! The course of a calibration: each model alone, candidates on one half of the items, the few that are left on the other half.

use std::collections::BTreeMap;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use moa_core::{Agent, Failure, ModelId};

use super::candidate::Candidate;
use super::document::Calibration;
use super::documenting::{Facts, document};
use super::error::CalibrationError;
use super::expense::Currency;
use super::forecast::{Forecast, Pace};
use super::half::Half;
use super::item::{Item, places};
use super::kinds;
use super::measuring::{Mark, Measuring, Watch};
use super::roster::{Roster, alone};
use super::scoreboard::Scoreboard;
use super::settings::{Settings, Told};
use super::workbench::Workbench;

/// Items that a model is timed on where nothing is known of it yet.
const FIRST_LOOKS: usize = 2;
/// Roles are measured on all items of the search, unless that takes more than this share of the time that is left.
const MOST_FOR_ROLES: f64 = 0.25;
/// Of fewer items than this in a half little can be told.
const FEW_ITEMS: usize = 20;

/// What a candidate came to in the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was asked all items of the search.
    Searched,
    /// Others did better on the items of this round, counted from 1.
    LeftOut(usize),
    /// The budget was used up before.
    NotTried,
}

/// Calibrates: measures models and mixtures of them, and says which to use.
///
/// # Errors
/// Where nothing could be recommended. What was answered until then is kept.
///
/// # Cancel safety
/// Dropping the future stops every model; what was answered is kept.
pub async fn calibrate(
    bench: &Workbench,
    items: &[Item],
    roster: &Roster,
    settings: &Settings,
    mark: &Mark<'_>,
    watch: &mut Watch<'_>,
) -> Result<Calibration, CalibrationError> {
    Search::new(bench, items, roster, settings, mark)?.run(watch).await
}

/// What a calibration would take, as far as calls were timed before. Nobody is asked.
///
/// # Errors
/// Where there is nothing to calibrate.
pub fn forecast(
    bench: &Workbench,
    items: &[Item],
    roster: &Roster,
    settings: &Settings,
) -> Result<Forecast, CalibrationError> {
    let mut search = Search::new(bench, items, roster, settings, &unmarked)?;
    search.singles = search.board.add(kinds::singles(roster));
    search.known_pace();
    Ok(search.forecast_now())
}

/// Marks nothing: nobody is asked.
fn unmarked<'a>(_: &'a Item, _: &'a str) -> BoxFuture<'a, Result<bool, Failure>> {
    async { Ok(false) }.boxed()
}

/// A calibration under way.
pub(super) struct Search<'a> {
    pub(super) measuring: Measuring<'a>,
    pub(super) roster: Roster,
    pub(super) searched: Vec<usize>,
    pub(super) confirmed: Vec<usize>,
    pub(super) board: Scoreboard,
    /// The samples of each model, as rows of their own.
    draws: Scoreboard,
    pub(super) singles: Vec<usize>,
    pub(super) fates: BTreeMap<usize, Fate>,
    pub(super) pace: Pace,
    pub(super) currency: Currency,
    pub(super) remarks: Vec<String>,
}

impl<'a> Search<'a> {
    fn new(
        bench: &'a Workbench,
        items: &'a [Item],
        roster: &Roster,
        settings: &'a Settings,
        mark: &'a Mark<'a>,
    ) -> Result<Self, CalibrationError> {
        if roster.agents.is_empty() {
            return Err(CalibrationError::NoModels);
        }
        let (searched, confirmed) = (places(items, Half::Search), places(items, Half::Confirmation));
        for (half, name) in [(&searched, "search"), (&confirmed, "confirm")] {
            if half.is_empty() {
                return Err(CalibrationError::EmptyHalf { items: items.len(), half: name });
            }
        }
        Ok(Self {
            measuring: Measuring { bench, items, mark, settings },
            roster: roster.clone(),
            searched,
            confirmed,
            board: Scoreboard::default(),
            draws: Scoreboard::default(),
            singles: Vec::new(),
            fates: BTreeMap::new(),
            pace: Pace::new(settings.concurrency, settings.known_seconds.clone()),
            currency: Currency::Tokens,
            remarks: Vec::new(),
        })
    }

    async fn run(&mut self, watch: &mut Watch<'_>) -> Result<Calibration, CalibrationError> {
        self.singles = self.board.add(kinds::singles(&self.roster));
        let (search, confirm) = (self.searched.len(), self.confirmed.len());
        if search.min(confirm) < FEW_ITEMS {
            self.remark(format!("With {search} items to search on and {confirm} to confirm on, intervals are wide: only large differences can be told."), watch);
        }
        self.alone(watch).await?;
        let roles = self.chosen_and_roles(watch).await?;
        self.asking(watch).await?;
        let best = self.best_single();
        let finalists = self.finalists(best);
        self.confirm(&finalists, watch).await?;
        document(&Facts {
            bench: self.measuring.bench,
            items: self.measuring.items,
            roster: &self.roster,
            searched: &self.searched,
            confirmed: &self.confirmed,
            board: &self.board,
            draws: &self.draws,
            singles: &self.singles,
            roles: &roles,
            fates: &self.fates,
            best,
            finalists: &finalists,
            currency: self.currency,
            remarks: &self.remarks,
        })
    }

    /// Each model alone: its likeliest answer to every item, and its samples on the half to search on.
    async fn alone(&mut self, watch: &mut Watch<'_>) -> Result<(), CalibrationError> {
        self.known_pace();
        self.forecast(watch)?;
        let first: Vec<usize> = self.searched.iter().take(FIRST_LOOKS).copied().collect();
        let untimed: Vec<usize> = self
            .singles
            .iter()
            .copied()
            .filter(|place| !self.model_of(*place).is_some_and(|model| self.pace.knows(&model)))
            .collect();
        if !untimed.is_empty() {
            if let Some(refusal) = self.measure("a first look at each model", untimed, &first, watch).await? {
                return Err(CalibrationError::GivenUp(refusal));
            }
            self.forecast(watch)?;
        }
        let all: Vec<usize> = self.searched.iter().chain(&self.confirmed).copied().collect();
        for single in self.singles.clone() {
            let name = self.board.row(single).map(|row| row.candidate.name.clone()).unwrap_or_default();
            if let Some(refusal) = self.measure(&format!("{name} alone"), vec![single], &all, watch).await? {
                return Err(CalibrationError::GivenUp(refusal));
            }
            if !self.board.has_all(single, &all) {
                return Err(self.too_short(self.forecast_now().alone.seconds.unwrap_or(0.0)));
            }
        }
        self.settle_currency();
        self.put_best_first();
        self.leave_hopeless_unsampled(watch);
        for agent in self.roster.sampled_agents().to_vec() {
            let draws = self.draws_of(&agent);
            let places = self.draws.add(draws);
            let pairs =
                places.iter().flat_map(|place| self.searched.iter().map(|item| (*place, *item))).collect();
            let stage = format!("samples of {}", agent.name);
            let _ = self.measuring.measure(&stage, &mut self.draws, pairs, watch).await?;
        }
        Ok(())
    }

    /// What proposals decide by themselves, and every model as an aggregator. Gives the places of the latter.
    async fn chosen_and_roles(&mut self, watch: &mut Watch<'_>) -> Result<Vec<usize>, CalibrationError> {
        let chosen = self.board.add(kinds::chosen(&self.roster));
        let searched = self.searched.clone();
        let _ = self.measure("mixtures that choose", chosen, &searched, watch).await?;
        self.forecast(watch)?;
        let roles = self.board.add(kinds::roles(&self.roster));
        let candidates: Vec<Candidate> =
            roles.iter().filter_map(|place| Some(self.board.row(*place)?.candidate.clone())).collect();
        let needed = self
            .pace
            .of_candidates(&self.roster, &candidates, candidates.len() * searched.len())
            .seconds
            .unwrap_or(0.0);
        let share = self
            .seconds_to_search()
            .map_or(1.0, |left| (left * MOST_FOR_ROLES / needed.max(1e-9)).clamp(0.0, 1.0));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count of items"
        )]
        let count = (crate::count::as_f64(searched.len()) * share) as usize;
        let items = searched.get(..count).unwrap_or(&searched).to_vec();
        let _ = self.measure("models as aggregators", roles.clone(), &items, watch).await?;
        Ok(roles)
    }

    pub(super) async fn measure(
        &mut self,
        stage: &str,
        candidates: Vec<usize>,
        items: &[usize],
        watch: &mut Watch<'_>,
    ) -> Result<Option<Failure>, CalibrationError> {
        let pairs = candidates.iter().flat_map(|place| items.iter().map(|item| (*place, *item))).collect();
        let refusal = self.measuring.measure(stage, &mut self.board, pairs, watch).await?;
        for place in candidates {
            if let (Some(model), true) = (self.model_of(place), self.singles.contains(&place)) {
                self.pace.count(&model, self.board.expense(place, items));
            }
        }
        Ok(refusal)
    }

    pub(super) fn model_of(&self, place: usize) -> Option<ModelId> {
        Some(self.board.row(place)?.candidate.mixture.aggregator.model.clone())
    }

    pub(super) fn draws_of(&self, agent: &Agent) -> Vec<Candidate> {
        let roster = &self.roster;
        let draws = roster.temperatures.iter().flat_map(|temperature| {
            (0..roster.samples)
                .map(move |number| (*temperature, number, roster.sample(agent, *temperature, number)))
        });
        let named = |(temperature, number, sample): (f32, u32, Agent)| {
            let name = format!("{} at {temperature}, sample {}", agent.name, number + 1);
            Candidate::new(name, "sample", alone(&sample))
        };
        draws.map(named).collect()
    }

    pub(super) fn remark(&mut self, text: String, watch: &mut Watch<'_>) {
        watch(Told::Remark(&text));
        self.remarks.push(text);
    }
}
