//! Answers that `moa eval` got from the same models under the same settings: nobody is asked for them again.

use std::path::Path;

use moa_core::{
    Agent, CallOutcome, CallStatus, Certainty, Failure, FailureKind, FinishReason, Mixture, Models, Sampling,
    Usage,
};
use moa_eval::calibration::{CallBook, Item, KeptCall, Roster, Workbench};
use moa_eval::runner::{Answer, Contender, ItemKey, Record, ResultCache, read_journal};

use crate::commands::eval::folder::{ResultsFolder, cache_folder};
use crate::commands::eval::generation::answer_key;
use crate::commands::eval::runner_complaint;
use crate::complaint::Complaint;

/// The answers that `moa eval` works on at the same time where nobody says how many: what it tells of an answer's time is that of one among
/// so many.
const AT_ONCE: f64 = 8.0;

/// The most samples that votes are looked for with.
const MOST_SAMPLES: u32 = 32;

/// Takes over what the cache and the journals in `folder` have: likeliest answers, and samples of votes. Answers of local models without a
/// figure of certainty are left alone, because nothing could be compared by it then. Says how many were taken.
pub(super) fn take_over(
    book: &std::sync::Arc<CallBook>,
    models: &Models,
    roster: &Roster,
    items: &[Item],
    folder: &Path,
) -> Result<u64, Complaint> {
    let bench = Workbench::new(models.clone(), book);
    let cache = ResultCache::new(cache_folder()?);
    let folder = ResultsFolder::new(folder);
    let mut taken = 0;
    for agent in &roster.agents {
        let is_local = bench.is_local(std::slice::from_ref(&agent.model));
        let is_of_use = |certainty: Option<Certainty>| certainty.is_some() || !is_local;
        let greedy = contender(agent, 0.0);
        let content = greedy.content(models);
        let journal = folder_records(&folder, items, agent.name.as_str());
        for item in items {
            let wanted = roster.greedy(agent);
            if bench.known(&wanted, &item.conversation).is_some() {
                continue;
            }
            let key = answer_key(&item.task, &content, roster.seed, &item.conversation)?;
            let Some(record) =
                found(&journal, &cache, &key).filter(|record| is_of_use(record.result.certainty))
            else {
                continue;
            };
            let Answer { text, finish_reason, failure, certainty, .. } = record.result;
            let told = Said { text, finish_reason, failure, certainty, usage: record.usage };
            keep(book, &bench, &wanted, item, told.outcome(record.wall_ms), record.wall_ms / AT_ONCE)?;
            taken += 1;
        }
        for temperature in &roster.temperatures {
            for samples in (2..=MOST_SAMPLES).rev() {
                let content = contender(agent, *temperature).voting(samples).content(models);
                for item in items {
                    let key = answer_key(&item.task, &content, roster.seed, &item.conversation)?;
                    let Some(record) = found(&[], &cache, &key) else { continue };
                    for (sample, number) in record.result.samples.into_iter().zip(0..roster.samples) {
                        let wanted = roster.sample(agent, *temperature, number);
                        if !is_of_use(sample.certainty) || bench.known(&wanted, &item.conversation).is_some()
                        {
                            continue;
                        }
                        // Two items at a time, each with all its samples, or as many as make eight.
                        let at_once = f64::from(samples) * (AT_ONCE / f64::from(samples)).ceil().max(2.0);
                        let told = Said {
                            text: sample.text,
                            finish_reason: Some(if sample.is_cut_off {
                                FinishReason::Length
                            } else {
                                FinishReason::Stop
                            }),
                            failure: None,
                            certainty: sample.certainty,
                            usage: sample.usage,
                        };
                        keep(
                            book,
                            &bench,
                            &wanted,
                            item,
                            told.outcome(record.wall_ms),
                            record.wall_ms / at_once,
                        )?;
                        taken += 1;
                    }
                }
            }
        }
    }
    Ok(taken)
}

/// The model alone, as `moa eval` asks it.
fn contender(agent: &Agent, temperature: f32) -> Contender {
    let sampling = Sampling { temperature, seed: None, ..agent.sampling.clone() };
    let agent = Agent { sampling, ..agent.clone() };
    Contender::new(agent.name.clone(), Mixture::new(agent.name.clone(), Vec::new(), agent))
}

/// The records of a contender in the journals of a folder, whatever they are about.
fn folder_records(folder: &ResultsFolder, items: &[Item], contender: &str) -> Vec<Record<Answer>> {
    let mut tasks: Vec<&str> = items.iter().map(|item| item.task.as_str()).collect();
    tasks.dedup();
    let journals =
        tasks.into_iter().filter_map(|task| read_journal::<Answer>(&folder.answers(task, contender)).ok());
    journals.flat_map(|stored| stored.records).collect()
}

fn found(journal: &[Record<Answer>], cache: &ResultCache, key: &ItemKey) -> Option<Record<Answer>> {
    journal.iter().find(|record| record.key == *key).cloned().or_else(|| cache.get(key))
}

/// An answer as `moa eval` has kept it.
struct Said {
    text: String,
    finish_reason: Option<FinishReason>,
    failure: Option<Failure>,
    certainty: Option<Certainty>,
    usage: Usage,
}

impl Said {
    /// The same as the outcome of a call.
    fn outcome(self, wall_ms: f64) -> CallOutcome {
        let empty = || Failure::new(FailureKind::EmptyAnswer, "the model answered nothing");
        let error = self.failure.or_else(|| self.text.is_empty().then(empty));
        CallOutcome {
            status: if error.is_none() { CallStatus::Ok } else { CallStatus::Failed },
            text: self.text,
            reasoning: String::new(),
            tool_calls: Vec::new(),
            finish_reason: self.finish_reason,
            error,
            usage: self.usage,
            certainty: self.certainty.map(Box::new),
            first_token_ms: None,
            wall_ms,
        }
    }
}

fn keep(
    book: &CallBook,
    bench: &Workbench,
    agent: &Agent,
    item: &Item,
    outcome: CallOutcome,
    machine_ms: f64,
) -> Result<(), Complaint> {
    let call = KeptCall { model: agent.model.to_string(), outcome, machine_ms };
    book.keep(&bench.key(agent, &item.conversation), call).map_err(|error| runner_complaint(&error))
}
