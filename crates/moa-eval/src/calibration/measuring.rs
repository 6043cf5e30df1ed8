//! Measuring: candidates on items, a few at a time, each answer marked.

use std::future::ready;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use futures::{StreamExt as _, stream};
use moa_core::{Failure, FailureKind, Mixture, Usage};
use tokio_util::sync::CancellationToken;

use super::error::CalibrationError;
use super::item::Item;
use super::scoreboard::{Scoreboard, Scored};
use super::settings::{Settings, Told};
use super::workbench::{Ran, Workbench};
use crate::runner::Progress;

/// How often the progress is told where nothing ends.
const TICK: Duration = Duration::from_secs(1);
/// When the budget is over, what is in flight has this part of it to end, and no more than a minute.
const SHARE_OF_PATIENCE: u32 = 10;
const MOST_PATIENCE: Duration = Duration::from_mins(1);
/// So many failures without a success between them mean that the rest would fail as well.
const MOST_FAILURES_IN_A_ROW: usize = 16;

/// Says whether an answer to an item is right. What holds nothing that could be marked is not.
pub type Mark<'m> =
    dyn for<'a> Fn(&'a Item, &'a str) -> BoxFuture<'a, Result<bool, Failure>> + Send + Sync + 'm;

/// What is told to whoever watches.
pub type Watch<'w> = dyn FnMut(Told<'_>) + 'w;

/// What is measured with what.
#[derive(Clone, Copy)]
pub(super) struct Measuring<'a> {
    pub(super) bench: &'a Workbench,
    pub(super) items: &'a [Item],
    pub(super) mark: &'a Mark<'a>,
    pub(super) settings: &'a Settings,
}

/// One candidate on one item.
struct Job<'a> {
    place: usize,
    item_place: usize,
    item: &'a Item,
    mixture: Arc<Mixture>,
}

impl Measuring<'_> {
    /// Lets candidates answer items and marks the answers, in the order of the pairs. What is on the board already is not done again. When
    /// the time or the money is over no new pair is begun; gives what refused to spend more.
    pub(super) async fn measure(
        &self,
        stage: &str,
        board: &mut Scoreboard,
        pairs: Vec<(usize, usize)>,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Failure>, CalibrationError> {
        let mut jobs: Vec<Job<'_>> = Vec::new();
        let mut mixture: Option<(usize, Arc<Mixture>)> = None;
        for (place, item_place) in pairs {
            let (Some(row), Some(item)) = (board.row(place), self.items.get(item_place)) else { continue };
            if row.scored.contains_key(&item_place) {
                continue;
            }
            let known = mixture.take().filter(|(of, _)| *of == place);
            let (_, shared) =
                mixture.insert(known.unwrap_or_else(|| (place, Arc::new(row.candidate.mixture.clone()))));
            jobs.push(Job { place, item_place, item, mixture: Arc::clone(shared) });
        }
        let mut progress = Progress { total: jobs.len(), ..Progress::default() };
        if jobs.is_empty() {
            return Ok(None);
        }
        let is_spent = CancellationToken::new();
        let mut refusal = None;
        let settings = self.settings;
        let start = Instant::now();
        let asked = stream::iter(jobs)
            .take_while(|_| ready(!settings.is_over() && !is_spent.is_cancelled()))
            .map(|job| self.run(job));
        let mut results = pin!(asked.buffer_unordered(settings.concurrency.max(1)));
        let mut ticks = tokio::time::interval(TICK);
        let mut first_failure: Option<(String, Failure)> = None;
        let mut in_a_row = 0;
        loop {
            let next = tokio::select! {
                biased;
                () = settings.cancel.cancelled() => return Err(CalibrationError::Stopped),
                next = results.next() => next,
                // What is in flight may end late; what takes for ever would make the budget a word.
                () = out_of_patience(settings) => break,
                _ = ticks.tick() => {
                    progress.elapsed = start.elapsed();
                    watch(Told::Progress { stage, progress: &progress });
                    continue;
                }
            };
            progress.elapsed = start.elapsed();
            match next {
                None => break,
                Some((place, item_place, Ok((ran, is_right)))) => {
                    in_a_row = 0;
                    count(&mut progress, &ran);
                    board.keep(place, item_place, scored(&ran, is_right));
                }
                Some((_, _, Err(failure))) if failure.kind == FailureKind::Cancelled => {
                    return Err(CalibrationError::Stopped);
                }
                Some((_, _, Err(failure))) if failure.kind == FailureKind::CostCap => {
                    is_spent.cancel();
                    refusal.get_or_insert(failure);
                }
                Some((_, item_place, Err(failure))) => {
                    in_a_row += 1;
                    progress.failed += 1;
                    if is_for_all(failure.kind) || in_a_row >= MOST_FAILURES_IN_A_ROW {
                        return Err(CalibrationError::GivenUp(failure));
                    }
                    let name = self.items.get(item_place).map(Item::name).unwrap_or_default();
                    first_failure.get_or_insert((name, failure));
                }
            }
            watch(Told::Progress { stage, progress: &progress });
        }
        watch(Told::Done { stage, progress: &progress });
        match first_failure {
            Some((first, failure)) => Err(CalibrationError::Failures {
                failed: progress.failed,
                total: progress.total,
                first,
                failure,
            }),
            None => Ok(refusal),
        }
    }

    async fn run(&self, job: Job<'_>) -> (usize, usize, Result<(Ran, bool), Failure>) {
        let Job { place, item_place, item, mixture } = job;
        let result = async {
            let ran = self.bench.run(&mixture, &item.conversation).await?;
            let is_right = (self.mark)(item, &ran.text).await?;
            Ok((ran, is_right))
        };
        (place, item_place, result.await)
    }
}

/// Waits until the budget is over and those that are in flight had time to end; for ever where there is no budget.
async fn out_of_patience(settings: &Settings) {
    match settings.budget {
        Some((start, length)) => {
            let patience = (length / SHARE_OF_PATIENCE).min(MOST_PATIENCE);
            tokio::time::sleep_until((start + length + patience).into()).await;
        }
        None => std::future::pending().await,
    }
}

fn count(progress: &mut Progress, ran: &Ran) {
    progress.done += 1;
    if ran.asked == 0 {
        progress.kept += 1;
        return;
    }
    // Sums of whole tokens of a single run: they fit.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of tokens of one run"
    )]
    let tokens = |count: f64| count as u32;
    progress.usage += Usage {
        prompt_tokens: tokens(ran.expense.prompt_tokens),
        completion_tokens: tokens(ran.expense.completion_tokens),
        cost_usd: (ran.expense.cost_usd > 0.0).then_some(ran.expense.cost_usd),
        ..Usage::default()
    };
}

fn scored(ran: &Ran, is_right: bool) -> Scored {
    let Ran { is_cut_off, expense, certainty, agreement, stopped_early, .. } = *ran;
    Scored { is_right, is_cut_off, expense, certainty, agreement, stopped_early }
}

/// Whether every other call would fail for the same reason.
fn is_for_all(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Unauthorized | FailureKind::ModelNotFound | FailureKind::InvalidRequest)
}
