//! Contenders answer questions: resolved, made ready, asked by the runner, their answers kept.

use std::sync::Arc;

use moa_core::{Conversation, ModelId, Models};
use moa_eval::calls::{CallBook, Calls};
use moa_eval::runner::{
    Answer, Choose, CostCap, Done, End, ItemKey, Journal, JournalHeader, Report, ResultCache, Runner, Undone,
    Vote, WorkItem,
};
use moa_terminal::quantities;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::arguments::{GenerateArgs, WorkArgs};
use super::contender::{Resolved, resolve};
use super::folder::{ResultsFolder, cache_folder};
use super::progress::{ProgressLine, describe};
use super::{eval_complaint, runner_complaint};
use crate::complaint::Complaint;
use crate::local::LocalModels;
use crate::workspace::Workspace;

/// A question of a benchmark.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) id: String,
    pub(super) conversation: Conversation,
}

/// The questions of a benchmark, and how samples of answers to them vote.
#[expect(clippy::struct_field_names, reason = "the questions among all that belongs to them")]
pub(super) struct Questions<'a> {
    pub(super) benchmark: &'a str,
    /// All of them; the command line may want fewer.
    pub(super) questions: Vec<Question>,
    /// Of one question, by its id: which of several samples is the answer.
    pub(super) choose: &'a (dyn Fn(&str, &[Vote<'_>]) -> usize + Send + Sync),
}

/// All that the answer to one question depends on.
#[derive(Serialize)]
struct AnswerContent<'a> {
    what: &'static str,
    benchmark: &'a str,
    contender: &'a serde_json::Value,
    seed: u64,
    conversation: &'a Conversation,
}

/// Lets every contender answer, one contender after the other.
pub(super) async fn generate(
    workspace: &Workspace,
    arguments: &GenerateArgs,
    mut questions: Questions<'_>,
) -> Result<(), Complaint> {
    let config = workspace.config()?;
    questions.questions.truncate(arguments.limit.unwrap_or(usize::MAX));
    if questions.questions.is_empty() {
        return Err(Complaint::usage("there is no question to answer"));
    }
    // All names first: a mistake in the last one should not show after hours.
    let contenders = arguments.contenders.iter().map(|written| resolve(&config, written, arguments));
    let contenders = contenders.collect::<Result<Vec<Resolved>, Complaint>>()?;
    // Answers that were chosen without the programs having run would be kept, and found again where they could be run.
    if contenders.iter().any(|resolved| resolved.contender.mixture().runs_candidates()) {
        super::human_eval::open().await?;
    }
    let folder = ResultsFolder::new(&arguments.output);
    let cap = arguments.work.max_cost.map(CostCap::new);
    for resolved in contenders {
        // Models of the contender before are unloaded first: only what is asked takes memory.
        let mut local = LocalModels::new(workspace, &config, arguments.work.yes)?;
        let mut models = local.prepare(&resolved.models).await?;
        if let Some(cap) = cap.clone().or_else(|| resolved.max_cost_usd.map(CostCap::new)) {
            refuse_unknown_prices(&models, &resolved)?;
            models = cap.around(models);
        }
        let calls = calls(models, arguments.work.no_cache)?;
        answers(workspace, arguments, &questions, &resolved, &calls, &folder).await?;
    }
    Ok(())
}

/// The models, behind the calls that are known: a sample that a vote has asked for is not asked for again by a mixture.
pub(super) fn calls(models: Models, is_asked_anew: bool) -> Result<Calls, Complaint> {
    let cache = if is_asked_anew { None } else { Some(ResultCache::new(cache_folder()?)) };
    Ok(Calls::new(models, &Arc::new(CallBook::cached(cache))))
}

async fn answers(
    workspace: &Workspace,
    arguments: &GenerateArgs,
    questions: &Questions<'_>,
    resolved: &Resolved,
    calls: &Calls,
    folder: &ResultsFolder,
) -> Result<(), Complaint> {
    let contender = &resolved.contender;
    let (benchmark, seed) = (questions.benchmark, arguments.seed);
    let content = contender.content(calls.models());
    let header = JournalHeader {
        benchmark: benchmark.to_owned(),
        contender: contender.name().to_owned(),
        settings: serde_json::json!({ "seed": seed, "contender": content }),
    };
    let path = folder.answers(benchmark, contender.name());
    let mut journal: Journal<Answer> =
        Journal::open(&path, &header).map_err(|error| runner_complaint(&error))?;
    let item = |question: &Question| -> Result<WorkItem<Question>, Complaint> {
        let Question { id, conversation } = question;
        let key = answer_key(benchmark, &content, seed, conversation)?;
        Ok(WorkItem { id: id.clone(), key, input: question.clone() })
    };
    let items = questions.questions.iter().map(item).collect::<Result<Vec<_>, Complaint>>()?;
    let ask = |question: Question| async move {
        let choose: &Choose<'_> = &|samples: &[Vote<'_>]| (questions.choose)(&question.id, samples);
        contender.answer(&question.conversation, seed, calls, choose).await
    };
    let label = format!("{benchmark}, {}", contender.name());
    let report =
        work(workspace, &arguments.work, resolved.concurrency, &label, items, &mut journal, ask).await?;
    verdict(&report, &path.display().to_string())
}

/// The name of a contender's answer to a question, by all that it depends on.
fn answer_key(
    benchmark: &str,
    contender: &serde_json::Value,
    seed: u64,
    conversation: &Conversation,
) -> Result<ItemKey, Complaint> {
    let content = AnswerContent { what: "answer", benchmark, contender, seed, conversation };
    ItemKey::of(&content).map_err(|error| eval_complaint(&error))
}

/// Lets the runner do the work, shows how far it is, and stops in good order when somebody wants that.
pub(super) async fn work<T, R, A, F>(
    workspace: &Workspace,
    arguments: &WorkArgs,
    concurrency: u32,
    label: &str,
    items: Vec<WorkItem<T>>,
    journal: &mut Journal<R>,
    ask: A,
) -> Result<Report, Complaint>
where
    R: Clone + Serialize + serde::de::DeserializeOwned,
    A: Fn(T) -> F,
    F: Future<Output = Result<Done<R>, Undone>>,
{
    let cache = if arguments.no_cache { None } else { Some(ResultCache::new(cache_folder()?)) };
    let cancel = CancellationToken::new();
    let _shield = workspace.interrupts.shield(cancel.clone());
    let runner = Runner { concurrency: concurrency as usize, cache, cancel };
    let mut line = ProgressLine::new(label);
    let report = runner
        .work(items, journal, ask, |progress| line.show(progress))
        .await
        .map_err(|error| runner_complaint(&error))?;
    line.finish(&describe(&report.progress));
    Ok(report)
}

/// What the end of the work means for the program.
pub(super) fn verdict(report: &Report, kept_in: &str) -> Result<(), Complaint> {
    let kept = format!(
        "{} of {} kept in {kept_in}",
        quantities::counted(report.progress.done as u64, "result"),
        report.progress.total
    );
    match &report.end {
        End::Cancelled => {
            Err(Complaint::interrupted(format!("stopped; {kept}; the same command goes on from there")))
        }
        End::GivenUp(failure) => Err(Complaint::failed(format!("{}; {kept}", failure.message)).with_hint(
            failure.hint.clone().or_else(|| Some("the same command goes on from there".to_owned())),
        )),
        End::Finished => match report.failures.first() {
            None => Ok(()),
            Some((item, failure)) => Err(Complaint::failed(format!(
                "{} of {} items failed, the first of them {item}: {}; {kept}",
                report.failures.len(),
                report.progress.total,
                failure.message
            ))
            .with_hint(Some("run the same command again: only these are asked".to_owned()))),
        },
    }
}

/// Under a cap, every model must have a price.
pub(super) fn refuse_unknown_prices(models: &Models, resolved: &Resolved) -> Result<(), Complaint> {
    let unknown: Option<ModelId> = models.without_price(resolved.contender.mixture());
    match unknown {
        None => Ok(()),
        Some(model) => Err(Complaint::usage(format!(
            "the cost cannot be capped, because the price of '{model}' is not known"
        ))
        .with_hint(Some(
            "set price = { input-usd = ..., output-usd = ... } for the model, in dollars per million tokens"
                .to_owned(),
        ))),
    }
}
