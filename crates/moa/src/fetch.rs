//! Fetching the files of models: whether it is wanted, and how far it is.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use moa_hub::{Hub, HubError, MissingModel, ModelReference, Progress};
use moa_terminal::{DownloadView, quantities};

use crate::complaint::Complaint;
use crate::interrupt::Interrupts;
use crate::workspace::hub_complaint;

/// Whether a person is asked before models are fetched that were not asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// Asked where there is somebody to ask; otherwise told.
    Ask,
    /// Given beforehand.
    Given,
}

/// Makes sure that whatever is missing of `references` is wanted. Says nothing where nothing is missing.
///
/// # Cancel safety
/// Dropping the future gives the question up; a thread goes on waiting for the answer until the program ends.
pub(crate) async fn agree(
    hub: &Hub,
    references: &[ModelReference],
    consent: Consent,
    interrupts: &Interrupts,
) -> Result<(), Complaint> {
    let missing: Vec<MissingModel> =
        references.iter().filter_map(|reference| hub.missing(reference)).collect();
    // Without a source there is nothing to agree to: fetching says what is missing and how to get it.
    if missing.is_empty() || hub.options().sources.is_empty() {
        return Ok(());
    }
    let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
    if consent == Consent::Given || !can_ask {
        let _ = io::stderr().write_all(summary(hub, &missing).as_bytes());
        return Ok(());
    }
    let _doing = interrupts.doing(|| "nothing was fetched".to_owned());
    let _ = io::stderr().write_all(question(hub, &missing).as_bytes());
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|read| (read > 0).then_some(line))
    })
    .await;
    let answer = match answer {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(Complaint::failed(format!("cannot read the answer: {error}"))),
        Err(error) => return Err(Complaint::failed(format!("cannot read the answer: {error}"))),
    };
    if answer.as_deref().is_some_and(means_yes) {
        return Ok(());
    }
    if answer.is_none() {
        let _ = io::stderr().write_all(b"\n");
    }
    let ids: Vec<String> = missing.iter().map(|model| model.reference.to_string()).collect();
    Err(Complaint::failed("nothing was fetched, so nobody can be asked").with_hint(Some(format!(
        "`moa models pull {}` fetches them later; `moa models list` shows what is on disk",
        ids.join(" ")
    ))))
}

/// Whether what was typed agrees. Nothing typed does.
fn means_yes(answer: &str) -> bool {
    ["", "y", "yes"].contains(&answer.trim().to_lowercase().as_str())
}

/// One line: what is fetched, how much it is, and where it goes.
fn summary(hub: &Hub, missing: &[MissingModel]) -> String {
    let ids: Vec<String> = missing.iter().map(|model| model.reference.to_string()).collect();
    format!("fetching {} ({}) {}\n", ids.join(", "), total(missing), place(hub))
}

/// What would be fetched, model by model, and whether it should be.
fn question(hub: &Hub, missing: &[MissingModel]) -> String {
    let ids: Vec<String> = missing.iter().map(|model| model.reference.to_string()).collect();
    let width = ids.iter().map(|id| id.chars().count()).max().unwrap_or(0);
    let mut text = match missing {
        [_] => "a model is not on this machine yet:\n".to_owned(),
        _ => format!("{} models are not on this machine yet:\n", missing.len()),
    };
    for (model, id) in missing.iter().zip(&ids) {
        let size = model.total_bytes.map_or_else(|| "size unknown".to_owned(), quantities::bytes);
        let licence = model.licence.as_ref().map_or("", |licence| licence.name.as_str());
        let there = match model.done_bytes {
            0 => String::new(),
            done => format!(" ({} of it there)", quantities::bytes(done)),
        };
        let _ = writeln!(text, "{}", format!("  {id:width$}  {size:>12}{there}  {licence}").trim_end());
    }
    let pronoun = if missing.len() == 1 { "it" } else { "them" };
    let _ = write!(text, "Fetch {pronoun}, {}, {}? [Y/n] ", total(missing), place(hub));
    text
}

/// What remains to be fetched of all, as far as that is known.
fn total(missing: &[MissingModel]) -> String {
    let known: u64 = missing.iter().filter_map(MissingModel::remaining_bytes).sum();
    let unknown = missing.iter().filter(|model| model.total_bytes.is_none()).count();
    match (known, unknown) {
        (known, 0) => quantities::bytes(known),
        (0, _) => "of a size that only the hub knows".to_owned(),
        (known, _) => format!("{} and what only the hub knows the size of", quantities::bytes(known)),
    }
}

/// Where it goes, and how much room is there.
fn place(hub: &Hub) -> String {
    let folder = hub.options().models_folder.display();
    match hub.free_bytes() {
        Ok(free) => format!("into {folder} ({} free)", quantities::bytes(free)),
        Err(_) => format!("into {folder}"),
    }
}

/// Gets a model's file, showing how far it is.
///
/// # Cancel safety
/// Dropping the future stops the download; the next one continues it.
pub(crate) async fn pull(
    hub: &Hub,
    reference: &ModelReference,
    interrupts: &Interrupts,
) -> Result<PathBuf, Complaint> {
    if let Some(located) = hub.locate(reference) {
        return Ok(located.path);
    }
    let view = Arc::new(Mutex::new(DownloadView::stderr()));
    // Progress that cannot be written is no reason to stop a download.
    let _ = lock(&view).begin(&reference.to_string());
    let (doing_hub, doing_reference) = (hub.clone(), reference.clone());
    let _doing = interrupts.doing(move || kept(&doing_hub, &doing_reference));
    let drawn = Arc::clone(&view);
    let result = hub.pull(reference, move |progress| drop(draw(&mut lock(&drawn), &progress))).await;
    match &result {
        Ok(_) => drop(lock(&view).finish(None)),
        Err(_) => lock(&view).abandon(),
    }
    result.map_err(|error: HubError| hub_complaint(&error))
}

/// What a download that is given up leaves.
fn kept(hub: &Hub, reference: &ModelReference) -> String {
    let done = hub.missing(reference).map_or(0, |model| model.done_bytes);
    match done {
        0 => format!("nothing of {reference} is kept"),
        done => {
            format!("{} of {reference} are kept, fetching it again goes on there", quantities::bytes(done))
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn draw(view: &mut DownloadView<io::Stderr>, progress: &Progress) -> io::Result<()> {
    match progress {
        Progress::Waiting => view.phase("waiting for another process that gets the same model"),
        Progress::SourceTried { source, place } => view.phase(&format!("asking the {source} ({place})")),
        Progress::Resumed { done_bytes, total_bytes } => {
            view.phase("continuing an earlier download")?;
            view.progress(*done_bytes, Some(*total_bytes))
        }
        Progress::Downloading { done_bytes, total_bytes } => {
            view.phase("downloading")?;
            view.progress(*done_bytes, Some(*total_bytes))
        }
        Progress::Verifying { done_bytes, total_bytes } => {
            view.phase("verifying")?;
            view.progress(*done_bytes, Some(*total_bytes))
        }
        Progress::Restarted { reason } => view.failure(&format!("starting again: {reason}")),
        Progress::SourceFailed { source, reason } => view.failure(&format!("{source}: {reason}")),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
