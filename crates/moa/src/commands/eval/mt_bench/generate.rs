//! `moa eval mt-bench generate`: both turns of every question, at its category's temperature.

use std::path::PathBuf;

use clap::Args;
use moa_core::{Conversation, Message, Usage};
use moa_eval::calls::Calls;
use moa_eval::mt_bench::{self, Answer, Choice, Question, latest_by_question, read_questions, write_answers};
use moa_eval::runner::{
    Answer as RunAnswer, Contender, CostCap, Done, ItemKey, Journal, JournalHeader, Record, Undone, WorkItem,
    read_journal,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::files::{BENCHMARK, QUESTIONS, Results};
use crate::commands::eval::arguments::GenerateArgs;
use crate::commands::eval::contender::{Resolved, resolve};
use crate::commands::eval::data::{DataFolder, write_whole};
use crate::commands::eval::generation::{calls, refuse_unknown_prices, verdict, work};
use crate::commands::eval::{eval_complaint, input, runner_complaint};
use crate::complaint::Complaint;
use crate::local::LocalModels;
use crate::workspace::Workspace;

/// The official number of tokens of an answer.
const MAX_TOKENS: u32 = 1024;

#[derive(Debug, Args)]
pub(crate) struct MtBenchGenerateArgs {
    #[command(flatten)]
    pub(crate) generate: GenerateArgs,

    /// Folder of the benchmark's own files, in place of the fetched ones
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
}

/// The answers to both turns of a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dialogue {
    pub(crate) turns: Vec<RunAnswer>,
    pub(crate) answer_id: String,
    /// When, in seconds since 1970.
    pub(crate) at: f64,
}

pub(crate) async fn execute(workspace: &Workspace, arguments: &MtBenchGenerateArgs) -> Result<(), Complaint> {
    let data = DataFolder::new(BENCHMARK, arguments.data.as_deref())?;
    let mut questions = data.read(&QUESTIONS)?.parse(read_questions)?;
    let arguments = &arguments.generate;
    questions.truncate(arguments.limit.unwrap_or(usize::MAX));
    if questions.is_empty() {
        return Err(Complaint::usage("there is no question to answer"));
    }
    let config = workspace.config()?;
    let wanted = GenerateArgs { max_tokens: arguments.max_tokens.or(Some(MAX_TOKENS)), ..arguments.clone() };
    let resolved = wanted.contenders.iter().map(|written| resolve(&config, written, &wanted));
    let resolved = resolved.collect::<Result<Vec<Resolved>, Complaint>>()?;
    let cap = arguments.work.max_cost.map(CostCap::new);
    let results = Results::new(&arguments.output);
    for resolved in resolved {
        let mut local = LocalModels::new(workspace, &config, arguments.work.yes)?;
        let mut models = local.prepare(&resolved.models).await?;
        if let Some(cap) = cap.clone().or_else(|| resolved.max_cost_usd.map(CostCap::new)) {
            refuse_unknown_prices(&models, &resolved)?;
            models = cap.around(models);
        }
        let calls = calls(models, arguments.work.no_cache)?;
        let done = answers(workspace, &wanted, &questions, &resolved, &calls, &results).await;
        // What there is goes to the official file, however the work ended.
        let path = write_official(&results, resolved.contender.name())?;
        crate::commands::print(&format!("{}\n", path.display()))?;
        done?;
    }
    Ok(())
}

async fn answers(
    workspace: &Workspace,
    arguments: &GenerateArgs,
    questions: &[Question],
    resolved: &Resolved,
    calls: &Calls,
    results: &Results,
) -> Result<(), Complaint> {
    let name = resolved.contender.name();
    let content = resolved.contender.content(calls.models());
    let header = JournalHeader {
        benchmark: BENCHMARK.to_owned(),
        contender: name.to_owned(),
        settings: serde_json::json!({
            "seed": arguments.seed, "temperature": arguments.temperature, "contender": content
        }),
    };
    let path = results.journal("answers", &[name]);
    let mut journal: Journal<Dialogue> =
        Journal::open(&path, &header).map_err(|error| runner_complaint(&error))?;
    let forced = arguments.temperature;
    let mut items = Vec::new();
    for question in questions {
        let temperature =
            mt_bench::temperature(question, forced).map_err(|error| input::complaint(&error))?;
        let contender = at_temperature(resolved.contender.clone(), temperature);
        let content = serde_json::json!({
            "what": "mt-bench answers",
            "contender": contender.content(calls.models()),
            "seed": arguments.seed,
            "turns": question.turns,
        });
        let key = ItemKey::of(&content).map_err(|error| eval_complaint(&error))?;
        items.push(WorkItem { id: question.question_id.to_string(), key, input: (contender, question) });
    }
    let seed = arguments.seed;
    let ask = |(contender, question): (Contender, &Question)| {
        let turns = question.turns.clone();
        async move { conversation(&contender, &turns, seed, calls).await }
    };
    let label = format!("{BENCHMARK}  {name}");
    let report =
        work(workspace, &arguments.work, resolved.concurrency, &label, items, &mut journal, ask).await?;
    verdict(&report, &path.display().to_string())
}

#[expect(clippy::cast_possible_truncation, reason = "temperatures have one decimal")]
fn at_temperature(contender: Contender, temperature: f64) -> Contender {
    contender.with_agents(|agent| agent.sampling.temperature = temperature as f32)
}

/// Asks turn by turn; each sees the final answers before it, and nothing of the layers that led to them.
async fn conversation(
    contender: &Contender,
    turns: &[String],
    seed: u64,
    calls: &Calls,
) -> Result<Done<Dialogue>, Undone> {
    let mut history = Conversation::default();
    let mut answers = Vec::new();
    let (mut usage, mut wall_ms) = (Usage::default(), 0.0);
    for turn in turns {
        history = history.with_message(Message::user(turn));
        // Free text has no majority: the first sample stands for a vote.
        let done =
            contender.answer(&history, seed, calls, &|_| 0).await.map_err(|undone| undone.after(usage))?;
        history = history.with_message(Message::assistant(&done.result.text));
        usage += done.usage;
        wall_ms += done.wall_ms;
        answers.push(done.result);
    }
    let at = jiff::Timestamp::now().as_millisecond();
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact")]
    let at = at as f64 / 1e3;
    let answer_id = Uuid::now_v7().simple().to_string();
    Ok(Done { result: Dialogue { turns: answers, answer_id, at }, usage, wall_ms })
}

/// Writes a model's answers as the official scripts read them, sorted by question.
fn write_official(results: &Results, name: &str) -> Result<PathBuf, Complaint> {
    let stored = read_journal::<Dialogue>(&results.journal("answers", &[name]))
        .map_err(|error| runner_complaint(&error))?;
    let answers: Vec<Answer> = stored.records.into_iter().map(|record| official(name, record)).collect();
    let path = results.answers(name);
    let text = write_answers(&latest_by_question(answers)).map_err(|error| eval_complaint(&error))?;
    write_whole(&path, text)?;
    Ok(path)
}

fn official(name: &str, record: Record<Dialogue>) -> Answer {
    let Dialogue { turns, answer_id, at } = record.result;
    let id = record.item;
    Answer {
        question_id: id.parse().map_or_else(|_| mt_bench::QuestionId::Text(id), mt_bench::QuestionId::Number),
        answer_id,
        model_id: name.to_owned(),
        choices: vec![Choice { index: 0, turns: turns.into_iter().map(|turn| turn.text).collect() }],
        tstamp: at,
    }
}
