//! What each event changes in the tables.

use std::collections::{HashMap, HashSet};
use std::fmt;

use moa_core::{CallId, CallStatus, ContentKey, Conversation, Event, EventKind, Mixture, RunId, Usage};
use rusqlite::{Connection, ErrorCode, params};

use crate::error::{StoreError, StoreErrorKind};
use crate::journal::Written;
use crate::queue::{Batch, Item};
use crate::summary::RunStatus;

/// The runs that are being written.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    writer: String,
    open: HashMap<RunId, OpenRun>,
    /// Runs of which something could not be stored; the rest of them is not stored either.
    broken: HashSet<RunId>,
    /// Lost events that are not yet entered in their run's row.
    lost: HashMap<RunId, u64>,
    /// Runs that are to be closed without a last event.
    cut_off: HashSet<RunId>,
}

#[derive(Debug, Clone)]
struct OpenRun {
    key: i64,
    usage: Usage,
    at_ms: f64,
    /// What the calls ask that have not ended.
    asked: HashMap<CallId, ContentKey>,
}

/// Why one item was not stored.
enum Refusal {
    /// The database works, but does not take this run.
    Run(String),
    /// The database does not work.
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
            return Self::Run(error.to_string());
        }
        Self::Database(error)
    }
}

impl Refusal {
    fn run(reason: impl fmt::Display) -> Self {
        Self::Run(reason.to_string())
    }
}

impl Ledger {
    pub(crate) fn new(writer: &str) -> Self {
        Self {
            writer: writer.to_owned(),
            open: HashMap::new(),
            broken: HashSet::new(),
            lost: HashMap::new(),
            cut_off: HashSet::new(),
        }
    }

    /// Enters a batch, within a transaction.
    pub(crate) fn enter(&mut self, database: &Connection, batch: &Batch) -> rusqlite::Result<Written> {
        let mut written = Written::default();
        self.note_lost(batch);
        for item in &batch.items {
            if self.broken.contains(&item.run()) {
                self.lose(item, &mut written);
                continue;
            }
            match self.enter_item(database, item) {
                Ok(()) => {}
                Err(Refusal::Database(error)) => return Err(error),
                Err(Refusal::Run(reason)) => {
                    let message = format!("the run {} is not stored completely: {reason}", item.run());
                    written.failure = Some(StoreError::new(StoreErrorKind::Rejected, message));
                    self.lose(item, &mut written);
                }
            }
        }
        let touched: HashSet<RunId> = batch.items.iter().map(Item::run).collect();
        for run in touched.iter().filter_map(|run| self.open.get(run)) {
            update_figures(database, run.key, run.usage, run.at_ms)?;
        }
        self.enter_losses(database)?;
        Ok(written)
    }

    /// Takes note that what was entered last is in the database.
    pub(crate) fn committed(&mut self) {
        self.lost.clear();
        self.cut_off.clear();
    }

    /// Counts a whole batch as lost.
    pub(crate) fn give_up(&mut self, batch: &Batch, failure: StoreError) -> Written {
        let mut written = Written { lost_events: 0, failure: Some(failure) };
        self.note_lost(batch);
        for item in &batch.items {
            self.lose(item, &mut written);
        }
        written
    }

    /// Takes note of what the queue could not hold.
    fn note_lost(&mut self, batch: &Batch) {
        for (run, events) in &batch.lost {
            *self.lost.entry(*run).or_default() += events;
        }
    }

    fn lose(&mut self, item: &Item, written: &mut Written) {
        let run = item.run();
        self.open.remove(&run);
        self.cut_off.insert(run);
        *self.lost.entry(run).or_default() += item.event_count();
        written.lost_events += item.event_count();
        if ends_run(item) {
            self.broken.remove(&run);
        } else {
            self.broken.insert(run);
        }
    }

    fn enter_item(&mut self, database: &Connection, item: &Item) -> Result<(), Refusal> {
        let run = item.run();
        if let Item::Event(event) = item
            && let EventKind::RunStarted { mixture, conversation, started_at_unix_ms, .. } = &event.kind
        {
            let key = self.insert_run(database, run, mixture, conversation, *started_at_unix_ms)?;
            let open = OpenRun { key, usage: Usage::default(), at_ms: event.at_ms, asked: HashMap::new() };
            self.open.insert(run, open);
        }
        let Some(open) = self.open.get_mut(&run) else {
            // The run was over when its recorder was dropped.
            let is_over = matches!(item, Item::Abandoned(_));
            return if is_over { Ok(()) } else { Err(Refusal::run("its start was not recorded")) };
        };
        match item {
            Item::Event(event) => {
                open.enter(database, event)?;
                if event.kind.is_last() {
                    close_run(database, open.key, &event.kind)?;
                    self.open.remove(&run);
                }
            }
            Item::Pieces(block) => {
                let body = block.encode().map_err(Refusal::run)?;
                insert_event(database, open.key, block.first_sequence(), "deltas", &body)?;
                open.at_ms = block.last_at_ms().unwrap_or(open.at_ms);
            }
            Item::Abandoned(_) => {
                update_figures(database, open.key, open.usage, open.at_ms)?;
                set_status(database, open.key, RunStatus::Interrupted)?;
                self.open.remove(&run);
            }
        }
        Ok(())
    }

    fn insert_run(
        &self,
        database: &Connection,
        run: RunId,
        mixture: &Mixture,
        conversation: &Conversation,
        started_at_unix_ms: u64,
    ) -> Result<i64, Refusal> {
        let models: Vec<String> = mixture.models().iter().map(ToString::to_string).collect();
        let models = serde_json::to_string(&models).map_err(Refusal::run)?;
        let mut insert = database.prepare_cached(
            "INSERT INTO run (id, started_at_unix_ms, preset, status, writer, layer_count, models, prompt)
             VALUES (?1, ?2, ?3, 'open', ?4, ?5, ?6, ?7)",
        )?;
        Ok(insert.insert(params![
            run.to_string(),
            i64::try_from(started_at_unix_ms).unwrap_or(i64::MAX),
            mixture.name,
            self.writer,
            i64::try_from(mixture.layer_count()).unwrap_or(i64::MAX),
            models,
            conversation.last_user_message().unwrap_or_default(),
        ])?)
    }

    /// Enters what was lost, in this batch and in those that could not be written.
    fn enter_losses(&self, database: &Connection) -> rusqlite::Result<()> {
        for (run, events) in &self.lost {
            let mut update = database.prepare_cached(
                "UPDATE run SET lost_events = lost_events + ?3 WHERE id = ?1 AND writer = ?2",
            )?;
            let events = i64::try_from(*events).unwrap_or(i64::MAX);
            update.execute(params![run.to_string(), self.writer, events])?;
        }
        for run in &self.cut_off {
            let mut update = database.prepare_cached(
                "UPDATE run SET status = 'interrupted' WHERE id = ?1 AND writer = ?2 AND status = 'open'",
            )?;
            update.execute(params![run.to_string(), self.writer])?;
        }
        Ok(())
    }
}

impl OpenRun {
    /// Enters an event that is no piece of an answer.
    fn enter(&mut self, database: &Connection, event: &Event) -> Result<(), Refusal> {
        let body = serde_json::to_string(event).map_err(Refusal::run)?;
        let is_outcome = matches!(event.kind, EventKind::CallFinished { .. });
        let form = if is_outcome { "outcome" } else { "event" };
        let row = insert_event(database, self.key, event.sequence, form, &body)?;
        self.at_ms = event.at_ms;
        match &event.kind {
            EventKind::CallStarted { call, key: Some(key), .. } => {
                self.asked.insert(*call, key.clone());
            }
            EventKind::CallFinished { call, outcome } => {
                self.usage += outcome.usage;
                let key = self.asked.remove(call).filter(|_| outcome.status == CallStatus::Ok);
                if let Some(key) = key {
                    insert_answer(database, &key, row)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn ends_run(item: &Item) -> bool {
    match item {
        Item::Event(event) => event.kind.is_last(),
        Item::Pieces(_) => false,
        Item::Abandoned(_) => true,
    }
}

fn insert_event(
    database: &Connection,
    run_key: i64,
    sequence: u64,
    form: &str,
    body: &str,
) -> Result<i64, Refusal> {
    let sequence = i64::try_from(sequence).map_err(Refusal::run)?;
    let mut insert =
        database.prepare_cached("INSERT INTO event (run, sequence, form, body) VALUES (?1, ?2, ?3, ?4)")?;
    Ok(insert.insert(params![run_key, sequence, form, body])?)
}

fn insert_answer(database: &Connection, key: &ContentKey, event: i64) -> rusqlite::Result<()> {
    database
        .prepare_cached("INSERT INTO answer (content_key, event) VALUES (?1, ?2)")?
        .execute(params![key.as_str(), event])?;
    Ok(())
}

fn close_run(database: &Connection, run_key: i64, last: &EventKind) -> rusqlite::Result<()> {
    let (status, usage, wall_ms, answer) = match last {
        EventKind::RunFinished { outcome } => {
            let status = if outcome.degraded { RunStatus::Degraded } else { RunStatus::Finished };
            (status, outcome.usage, outcome.wall_ms, Some(outcome.answer.as_str()))
        }
        EventKind::RunFailed { usage, wall_ms, .. } => (RunStatus::Failed, *usage, *wall_ms, None),
        EventKind::RunCancelled { usage, wall_ms } => (RunStatus::Cancelled, *usage, *wall_ms, None),
        _ => return Ok(()),
    };
    update_figures(database, run_key, usage, wall_ms)?;
    set_status(database, run_key, status)?;
    database
        .prepare_cached("UPDATE run SET answer = ?2 WHERE key = ?1")?
        .execute(params![run_key, answer])?;
    Ok(())
}

fn set_status(database: &Connection, run_key: i64, status: RunStatus) -> rusqlite::Result<()> {
    database
        .prepare_cached("UPDATE run SET status = ?2 WHERE key = ?1")?
        .execute(params![run_key, status.as_str()])?;
    Ok(())
}

fn update_figures(database: &Connection, run_key: i64, usage: Usage, wall_ms: f64) -> rusqlite::Result<()> {
    database
        .prepare_cached(
            "UPDATE run SET wall_ms = ?2, prompt_tokens = ?3, cached_tokens = ?4, completion_tokens = ?5,
             cost_usd = ?6, reasoning_tokens = ?7, estimated = ?8 WHERE key = ?1",
        )?
        .execute(params![
            run_key,
            // SQLite keeps what is not a number as NULL, which the column refuses.
            if wall_ms.is_nan() { 0.0 } else { wall_ms },
            usage.prompt_tokens,
            usage.cached_tokens,
            usage.completion_tokens,
            usage.cost_usd,
            usage.reasoning_tokens,
            usage.estimated,
        ])?;
    Ok(())
}
