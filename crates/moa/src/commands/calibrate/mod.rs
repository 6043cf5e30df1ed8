//! `moa calibrate`: which mixture of the models that one has is best for the tasks that one cares about, or that the best model alone is.
//!
//! ```text
//! arguments ─ questions (items, who marks) ─┐
//!             players (models, ready)  ─────┼─ moa_eval::calibration::calibrate ── watching shows it
//!             CallBook (answers on disk) ───┘      └─ Calibration ─ preset (TOML), JSON, moa_report (page), summary (text)
//! ```

mod arguments;
mod budget;
pub(crate) mod explanation;
mod players;
mod preset;
mod questions;
mod remembered;
mod summary;
mod watching;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt as _;
use moa_config::ResolvedModel;
use moa_core::Models;
use moa_eval::calibration::{
    Calibration, CalibrationError, Mark, Settings, Told, Workbench, calibrate, forecast,
};
use moa_eval::calls::CallBook;
use moa_eval::runner::{CostCap, ResultCache};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

pub(crate) use self::arguments::CalibrateArgs;
use self::players::{Players, identity, players};
use self::questions::Questions;
use self::watching::Watcher;
use crate::commands::eval::data::write_whole;
use crate::commands::eval::{TableFormat, figures, folder, runner_complaint};
use crate::complaint::Complaint;
use crate::local::LocalModels;
use crate::workspace::Workspace;

/// Does what the command line says.
pub(crate) async fn execute(workspace: &Workspace, arguments: CalibrateArgs) -> Result<(), Complaint> {
    preset::check_name(&arguments.name)?;
    let config = workspace.config()?;
    let questions = Arc::new(Questions::read(&arguments).await?);
    let players = players(&config, &arguments, &questions.items)?;
    let mut local = LocalModels::new(workspace, &config, arguments.yes)?;
    let mut models = if arguments.estimate {
        local.prepare_present(&players.models).await?
    } else {
        local.prepare(&players.models).await?
    };
    let budget = arguments.budget.unwrap_or_default();
    if let Some(usd) = budget.usd {
        refuse_unknown_prices(&models, &players)?;
        models = CostCap::new(usd).around(models);
    }
    let cache = if arguments.no_cache { None } else { Some(ResultCache::new(folder::cache_folder()?)) };
    let book = CallBook::open(arguments.output.join("calls.jsonl"), cache);
    let book = Arc::new(book.map_err(|error| runner_complaint(&error))?);
    if let Some(runner) = models.candidate_runner().cloned() {
        models = models.with_candidate_runner(remembered::runner(runner));
    }
    let bench = Workbench::new(models, &book);
    let cancel = CancellationToken::new();
    let settings = Settings {
        finalists: arguments.finalists as usize,
        most_asking: arguments.most_asking as usize,
        concurrency: arguments.concurrency as usize,
        budget: budget.time.map(|time| (Instant::now(), time)),
        most_usd: budget.usd,
        known_seconds: players::known_seconds(&players, &questions.items),
        cancel: cancel.clone(),
    };
    let mut watcher = Watcher::default();
    if arguments.estimate {
        let forecast = forecast(&bench, &questions.items, &players.roster, &settings);
        let forecast = forecast.map_err(|error| complaint(&error, &arguments))?;
        note_missing(&players, &local);
        return match arguments.format {
            TableFormat::Json => crate::commands::print_json(&forecast),
            _ => crate::commands::print(&format!("{}\n", watching::describe_forecast(&forecast))),
        };
    }
    let _shield = workspace.interrupts.shield(cancel);
    let marking = Arc::clone(&questions);
    let mark: &Mark<'_> = &move |item, text| {
        let questions = Arc::clone(&marking);
        async move { questions.mark(item, text).await }.boxed()
    };
    let mut watch = |told: Told<'_>| watcher.see(told);
    let result = calibrate(&bench, &questions.items, &players.roster, &settings, mark, &mut watch).await;
    drop(watcher);
    // Whatever it came to, what was answered is kept.
    book.sync().map_err(|error| runner_complaint(&error))?;
    let calibration = result.map_err(|error| complaint(&error, &arguments))?;
    let identities = players
        .models
        .iter()
        .map(|(id, model)| (id.to_string(), identity(model, local.file(model).as_deref())));
    let written = Written::of(&arguments, &players, &calibration, &identities.collect())?;
    match arguments.format {
        TableFormat::Json => crate::commands::print_json(&calibration),
        TableFormat::Csv => crate::commands::print(&summary::csv(&calibration)?),
        TableFormat::Text => crate::commands::print(&summary::text(&calibration, &written)),
    }
}

/// Says which models the estimate leaves out the fetching of.
fn note_missing(players: &Players, local: &LocalModels) {
    let is_missing =
        |model: &ResolvedModel| matches!(model, ResolvedModel::Local(_)) && local.file(model).is_none();
    let missing: Vec<&str> =
        players.models.iter().filter(|(_, model)| is_missing(model)).map(|(id, _)| id.as_str()).collect();
    if !missing.is_empty() {
        let text = format!("not on disk, and fetching is not counted: {}\n", missing.join(", "));
        crate::commands::eval::input::eprint(&text);
    }
}

/// The files that a calibration leaves.
pub(super) struct Written {
    pub(super) preset: PathBuf,
    pub(super) page: PathBuf,
    pub(super) json: PathBuf,
    pub(super) name: String,
}

/// The JSON document.
#[derive(Serialize)]
struct Document<'a> {
    made_at: String,
    command: String,
    #[serde(flatten)]
    calibration: &'a Calibration,
}

impl Written {
    /// Writes the preset, the document and the page.
    fn of(
        arguments: &CalibrateArgs,
        players: &Players,
        calibration: &Calibration,
        identities: &BTreeMap<String, String>,
    ) -> Result<Self, Complaint> {
        let now = jiff::Timestamp::now();
        let day = now.strftime("%Y-%m-%d").to_string();
        let made_at = now.strftime("%Y-%m-%d %H:%M UTC").to_string();
        let output = &arguments.output;
        let written = Self {
            preset: output.join(format!("{}.toml", folder::file_name(&arguments.name))),
            page: output.join("calibration.html"),
            json: output.join("calibration.json"),
            name: arguments.name.clone(),
        };
        let command = command_line(arguments);
        let document = Document { made_at: made_at.clone(), command: command.clone(), calibration };
        let mut json = serde_json::to_string_pretty(&document).map_err(Complaint::failed)?;
        json.push('\n');
        write_whole(&written.json, json)?;
        let report = moa_report::calibration(calibration, &made_at, &command);
        figures::write(&report.figures, output, &arguments.pictures)?;
        write_whole(&written.page, &report.html)?;
        let text = preset::text(&preset::Source {
            name: &arguments.name,
            day: &day,
            command: &command,
            calibration,
            written: &players.written,
            identities,
        })?;
        write_whole(&written.preset, text)?;
        Ok(written)
    }
}

/// The command that measures the same again.
fn command_line(arguments: &CalibrateArgs) -> String {
    let CalibrateArgs {
        tasks,
        models,
        limit,
        samples,
        temperature,
        max_tokens,
        seed,
        finalists,
        most_asking,
        ..
    } = arguments;
    let mut parts = vec!["moa calibrate".to_owned(), format!("--tasks {}", tasks.join(","))];
    if !models.is_empty() {
        parts.push(format!("--models {}", models.join(",")));
    }
    parts.extend(limit.map(|limit| format!("--limit {limit}")));
    parts.push(format!("--samples {samples}"));
    let temperatures: Vec<String> = temperature.iter().map(ToString::to_string).collect();
    parts.push(format!("--temperature {}", temperatures.join(",")));
    parts.extend(max_tokens.map(|tokens| format!("--max-tokens {tokens}")));
    parts.push(format!("--seed {seed} --finalists {finalists} --most-asking {most_asking}"));
    parts.join(" ")
}

/// An end without a result.
fn complaint(error: &CalibrationError, arguments: &CalibrateArgs) -> Complaint {
    let kept = format!(
        "every answer so far is kept in {}; the same command goes on from there",
        arguments.output.display()
    );
    match error {
        CalibrationError::Stopped => Complaint::interrupted(format!("stopped; {kept}")),
        CalibrationError::EmptyHalf { .. }
        | CalibrationError::BudgetTooSmall { .. }
        | CalibrationError::NoModels => Complaint::usage(error).with_hint(error.hint()),
        CalibrationError::GivenUp(_) | CalibrationError::Failures { .. } => {
            Complaint::failed(format!("{error}; {kept}")).with_hint(error.hint())
        }
        _ => Complaint::failed(error).with_hint(error.hint()),
    }
}

/// Under a budget in money, every model must have a price.
fn refuse_unknown_prices(models: &Models, players: &Players) -> Result<(), Complaint> {
    let unknown = players.roster.agents.iter().find(|agent| {
        models.get(&agent.model).is_some_and(|model| matches!(model.pricing(), moa_core::Pricing::Unknown))
    });
    let Some(agent) = unknown else { return Ok(()) };
    let hint =
        "set price = { input-usd = ..., output-usd = ... } for the model, in dollars per million tokens";
    Err(Complaint::usage(format!(
        "a budget in money needs prices, and that of '{}' is not known",
        agent.model
    ))
    .with_hint(Some(hint.to_owned())))
}
