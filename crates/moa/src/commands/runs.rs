//! `moa runs`: list, show, export, rm.

use std::fmt::Write as _;

use moa_core::{RunId, Trace};
use moa_export::RunDocument;
use moa_store::{RunFilter, RunSummary, Store};
use moa_terminal::{TerminalSize, color_is_wanted, neutral_line, quantities};
use serde::Serialize;

use super::replay::ReplayRequest;
use crate::cli::{ExportFormat, RunsCommand};
use crate::complaint::Complaint;
use crate::workspace::{self, Workspace, store_complaint};

pub(crate) async fn execute(workspace: &Workspace, command: RunsCommand) -> Result<(), Complaint> {
    match command {
        RunsCommand::List { search, preset, limit, json } => {
            let filter =
                RunFilter { text: search, preset, limit: Some(limit as usize), ..RunFilter::default() };
            list(&workspace::store()?, &filter, json)
        }
        RunsCommand::Show { id } => show(&workspace::store()?, &id),
        RunsCommand::Export { id, format } => export_run(&workspace::store()?, &id, format),
        RunsCommand::Replay { id, aggregator, trace, output, no_store, yes } => {
            let request = ReplayRequest {
                name: &id,
                aggregator: aggregator.as_deref(),
                shown: trace,
                output,
                keep: !no_store,
                yes,
            };
            super::replay::execute(workspace, request).await
        }
        RunsCommand::Resume { id, trace, output, max_cost, yes } => {
            super::resume::execute(workspace, &id, trace, output, max_cost, yes).await
        }
        RunsCommand::Rm { ids, all } => remove(&workspace::store()?, &ids, all),
    }
}

/// The run that a name means.
pub(crate) fn resolve(store: &Store, name: &str) -> Result<RunId, Complaint> {
    store.resolve(name).map_err(|error| store_complaint(&error))
}

/// A stored run, put together from its events.
pub(crate) fn load(store: &Store, run: RunId) -> Result<Trace, Complaint> {
    let events = store.events(run).map_err(|error| store_complaint(&error))?;
    Ok(Trace::of(&events))
}

#[derive(Serialize)]
struct ListedRun<'a> {
    id: String,
    started_at: String,
    preset: &'a str,
    status: &'static str,
    prompt: &'a str,
    answer: Option<&'a str>,
    wall_ms: f64,
    layers: u32,
    models: &'a [String],
    prompt_tokens: u32,
    completion_tokens: u32,
}

fn list(store: &Store, filter: &RunFilter, json: bool) -> Result<(), Complaint> {
    let runs = store.list(filter).map_err(|error| store_complaint(&error))?;
    if json {
        let documents: Vec<ListedRun<'_>> = runs.iter().map(document).collect();
        return super::print_json(&documents);
    }
    if runs.is_empty() {
        return super::print("no runs\n");
    }
    let width = usize::from(TerminalSize::detect().width).max(60);
    let mut text = String::new();
    for run in &runs {
        // The id's last digits differ most; the first ones are the time.
        let head = format!(
            "{}  {}  {:<11} {:>8}  {:<9} ",
            run.id,
            local_time(run.started_at_unix_ms),
            run.status.as_str(),
            quantities::milliseconds(run.wall_ms),
            neutral_line(&run.preset),
        );
        let _ = writeln!(text, "{}", head.trim_end());
        let _ = writeln!(text, "    {}", shorten(&neutral_line(&run.prompt), width - 4));
    }
    super::print(&text)
}

fn document(run: &RunSummary) -> ListedRun<'_> {
    ListedRun {
        id: run.id.to_string(),
        started_at: timestamp(run.started_at_unix_ms).to_string(),
        preset: &run.preset,
        status: run.status.as_str(),
        prompt: &run.prompt,
        answer: run.answer.as_deref(),
        wall_ms: run.wall_ms,
        layers: run.layer_count,
        models: &run.models,
        prompt_tokens: run.usage.prompt_tokens,
        completion_tokens: run.usage.completion_tokens,
    }
}

fn show(store: &Store, name: &str) -> Result<(), Complaint> {
    let run = resolve(store, name)?;
    let trace = load(store, run)?;
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stdout());
    let color = color_is_wanted() && is_terminal;
    let size = TerminalSize::detect();
    // In a pipe the answers stay as they were written.
    let width = is_terminal.then_some(size.width);
    let mut text = String::new();
    if let Some(start) = &trace.start {
        let when = local_time(start.started_at_unix_ms);
        let _ = writeln!(text, "run {run}, {when}, preset {}, seed {}\n", start.mixture.name, start.seed);
        for message in start.conversation.messages() {
            let _ = writeln!(
                text,
                "{}: {}\n",
                message.role.as_str(),
                moa_terminal::neutral(message.content.trim())
            );
        }
    }
    text.push_str(&moa_terminal::answers_by_layer(&trace, None, width, color));
    text.push('\n');
    text.push_str(&moa_terminal::layers_table(&trace, size.width, color));
    if trace.end.is_none() {
        text.push_str("\nThe run was interrupted before its end.\n");
    }
    super::print(&text)
}

fn export_run(store: &Store, name: &str, format: ExportFormat) -> Result<(), Complaint> {
    let trace = load(store, resolve(store, name)?)?;
    match format {
        ExportFormat::Json => super::print_json(&RunDocument::of(&trace)),
        ExportFormat::Markdown => super::print(&moa_export::markdown(&trace)),
        ExportFormat::Html => super::print(&moa_export::html(&trace)),
    }
}

fn remove(store: &Store, names: &[String], all: bool) -> Result<(), Complaint> {
    if all {
        let removed = store.remove_before(None).map_err(|error| store_complaint(&error))?;
        store.vacuum().map_err(|error| store_complaint(&error))?;
        return super::print(&format!("removed {}\n", quantities::counted(removed, "run")));
    }
    for name in names {
        let run = resolve(store, name)?;
        store.remove(run).map_err(|error| store_complaint(&error))?;
        super::print(&format!("removed {run}\n"))?;
    }
    Ok(())
}

fn timestamp(unix_ms: u64) -> jiff::Timestamp {
    i64::try_from(unix_ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()).unwrap_or_default()
}

fn local_time(unix_ms: u64) -> String {
    timestamp(unix_ms).to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The beginning of a line.
fn shorten(line: &str, width: usize) -> String {
    match line.char_indices().nth(width.saturating_sub(1)) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
