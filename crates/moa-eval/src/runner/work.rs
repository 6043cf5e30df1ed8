//! The work itself: items a few at a time, each result kept the moment that it is there.

use std::collections::HashMap;
use std::future::ready;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures::{StreamExt as _, stream};
use moa_core::{Failure, FailureKind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use super::cache::ResultCache;
use super::error::RunnerError;
use super::item::{Done, ItemKey, Record, Undone, WorkItem};
use super::journal::Journal;
use super::progress::Progress;

/// How often the progress is told where no item ends.
const TICK: Duration = Duration::from_secs(1);
/// So many failures without a single success between them mean that the rest would fail as well.
const MOST_FAILURES_IN_A_ROW: usize = 16;

/// How the work is done.
#[derive(Debug, Clone)]
pub struct Runner {
    /// Items that are worked on at the same time.
    pub concurrency: usize,
    /// Where results of other folders are found.
    pub cache: Option<ResultCache>,
    /// Stops the work: what is in flight is dropped, what is finished is kept.
    pub cancel: CancellationToken,
}

/// Why the work ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// Every item was tried.
    Finished,
    /// Somebody stopped it.
    Cancelled,
    /// The failure would repeat itself with every other item: the cost cap, a refused key, a row of failures.
    GivenUp(Failure),
}

/// What became of the work.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// How far it came.
    pub progress: Progress,
    /// Why it ended.
    pub end: End,
    /// The items that failed and why, first to last.
    pub failures: Vec<(String, Failure)>,
}

impl Runner {
    /// Works on all items that have no result yet, in their order. Once it gives up, no new item is begun. Items of equal keys are asked about once.
    ///
    /// `on_progress` is called when an item ends and once a second.
    ///
    /// # Errors
    /// Where results cannot be kept.
    ///
    /// # Cancel safety
    /// Dropping the future drops what is in flight; what was finished is in the journal.
    pub async fn work<T, R, A, F>(
        &self,
        items: Vec<WorkItem<T>>,
        journal: &mut Journal<R>,
        ask: A,
        mut on_progress: impl FnMut(&Progress),
    ) -> Result<Report, RunnerError>
    where
        R: Clone + Serialize + DeserializeOwned,
        A: Fn(T) -> F,
        F: Future<Output = Result<Done<R>, Undone>>,
    {
        let start = Instant::now();
        let mut state =
            State { progress: Progress { total: items.len(), ..Progress::default() }, names: HashMap::new() };
        let open = self.open(items, journal, &mut state)?;
        on_progress(&state.progress);
        let given_up = CancellationToken::new();
        let asked = stream::iter(open).take_while(|_| ready(!given_up.is_cancelled())).map(|(key, input)| {
            let answer = ask(input);
            async move { (key, answer.await) }
        });
        let mut results = pin!(asked.buffer_unordered(self.concurrency.max(1)));
        let mut ticks = tokio::time::interval(TICK);
        let mut failures: Vec<(String, Failure)> = Vec::new();
        let mut in_a_row = 0;
        let mut reason = None;
        let end = loop {
            let next = tokio::select! {
                biased;
                () = self.cancel.cancelled() => break End::Cancelled,
                next = results.next() => next,
                _ = ticks.tick() => {
                    state.progress.elapsed = start.elapsed();
                    on_progress(&state.progress);
                    continue;
                }
            };
            state.progress.elapsed = start.elapsed();
            match next {
                None => break reason.map_or(End::Finished, End::GivenUp),
                Some((key, Ok(done))) => {
                    in_a_row = 0;
                    state.progress.usage += done.usage;
                    self.keep(&key, done, journal, &mut state)?;
                }
                Some((_, Err(undone))) if undone.failure.kind == FailureKind::Cancelled => {
                    state.progress.usage += undone.usage;
                    break End::Cancelled;
                }
                Some((key, Err(Undone { failure, usage }))) => {
                    state.progress.usage += usage;
                    in_a_row += 1;
                    let names = state.names.remove(&key).unwrap_or_default();
                    state.progress.failed += names.len();
                    failures.extend(names.into_iter().map(|name| (name, failure.clone())));
                    if is_for_all(failure.kind) || in_a_row >= MOST_FAILURES_IN_A_ROW {
                        // What is in flight may be paid for already: it is waited for and kept.
                        given_up.cancel();
                        reason.get_or_insert(failure);
                    }
                }
            }
            on_progress(&state.progress);
        };
        journal.sync()?;
        Ok(Report { progress: state.progress, end, failures })
    }

    /// What has to be asked: items without a result, each key once.
    fn open<T, R>(
        &self,
        items: Vec<WorkItem<T>>,
        journal: &mut Journal<R>,
        state: &mut State,
    ) -> Result<Vec<(ItemKey, T)>, RunnerError>
    where
        R: Serialize + DeserializeOwned,
    {
        let mut open = Vec::new();
        for WorkItem { id, key, input } in items {
            if journal.get(&id, &key).is_some() {
                state.progress.done += 1;
                state.progress.kept += 1;
            } else if let Some(record) = self.cache.as_ref().and_then(|cache| cache.get::<R>(&key)) {
                journal.append(Record { item: id, ..record })?;
                state.progress.done += 1;
                state.progress.cached += 1;
            } else {
                let names = state.names.entry(key.clone()).or_default();
                names.push(id);
                if names.len() == 1 {
                    open.push((key, input));
                }
            }
        }
        Ok(open)
    }

    fn keep<R>(
        &self,
        key: &ItemKey,
        done: Done<R>,
        journal: &mut Journal<R>,
        state: &mut State,
    ) -> Result<(), RunnerError>
    where
        R: Clone + Serialize + DeserializeOwned,
    {
        let Done { result, usage, wall_ms } = done;
        for item in state.names.remove(key).unwrap_or_default() {
            let record = Record { item, key: key.clone(), usage, wall_ms, result: result.clone() };
            if let Some(cache) = &self.cache {
                // The journal has it: a cache that cannot be written costs time later, nothing else.
                let _ = cache.put(&record);
            }
            journal.append(record)?;
            state.progress.done += 1;
        }
        Ok(())
    }
}

/// What changes while the work goes on.
struct State {
    progress: Progress,
    /// The items that wait for a key's result.
    names: HashMap<ItemKey, Vec<String>>,
}

/// Whether every other item would fail for the same reason.
fn is_for_all(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::CostCap | FailureKind::Unauthorized | FailureKind::ModelNotFound)
}
