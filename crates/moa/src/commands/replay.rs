//! `moa runs replay`: a run again from its stored answers, or another aggregator over its proposals.

use std::sync::Arc;

use moa_config::Overrides;
use moa_core::{ChatModel, LayerRole, Models, ReplayModel, RunSeed, RunStart, Trace};

use crate::candidates::sandboxed;
use crate::cli::{OutputArg, TraceArg};
use crate::complaint::Complaint;
use crate::local::LocalModels;
use crate::run::{self, Reader};
use crate::workspace::{self, Workspace, config_complaint};

/// What is to be run again, and how.
pub(crate) struct ReplayRequest<'a> {
    /// The run's id, its beginning, or `last`.
    pub(crate) name: &'a str,
    /// The model that writes a new answer.
    pub(crate) aggregator: Option<&'a str>,
    pub(crate) shown: TraceArg,
    pub(crate) output: OutputArg,
    /// Whether the new run is stored.
    pub(crate) keep: bool,
    /// Whether a missing model may be fetched without asking.
    pub(crate) yes: bool,
}

pub(crate) async fn execute(workspace: &Workspace, request: ReplayRequest<'_>) -> Result<(), Complaint> {
    let ReplayRequest { name, aggregator, shown, output, keep, yes } = request;
    let store = workspace::store()?;
    let stored = super::runs::load(&store, super::runs::resolve(&store, name)?)?;
    let start = stored
        .start
        .clone()
        .ok_or_else(|| Complaint::failed("the stored run has no beginning, so it cannot be replayed"))?;
    let stored_answers: Arc<dyn ChatModel> = Arc::new(ReplayModel::new("stored", stored.outcomes()));
    let mut models = Models::new().with_candidate_runner(sandboxed());
    for call in answered_calls(&stored, &start, aggregator.is_some())? {
        models = models.with_call(call, Arc::clone(&stored_answers));
    }
    let mut mixture = start.mixture;
    // Keeps the engine of the new aggregator until the run is over.
    let mut local = None;
    if let Some(model) = aggregator {
        let config = workspace.config()?;
        let alone =
            config.single_model(model, &Overrides::default()).map_err(|error| config_complaint(&error))?;
        let local = local.insert(LocalModels::new(workspace, &config, yes)?);
        models = models.with_all(local.prepare(&alone.models).await?);
        // The new model takes the old one's place and settings.
        mixture.aggregator.model = alone.mixture.aggregator.model;
        mixture.aggregator.name = alone.mixture.aggregator.name;
        // Somebody wants to see what it writes.
        mixture.aggregation = moa_core::Aggregation::Synthesise;
    }
    let recorder = if keep { store.recorder().ok() } else { None };
    let mut reader = Reader::new(output, shown);
    let mut request = run::request(mixture, start.conversation, None);
    // The same seed, but chosen by nobody: the new answers have the names that they would have in any run.
    request.seed = RunSeed::Drawn(start.seed);
    let trace = run::drive(request, models, recorder.as_ref(), &mut reader, workspace).await;
    workspace::settle(recorder.as_ref());
    drop(local);
    run::verdict(&trace?, &reader, recorder.is_some())
}

/// The calls that the stored answers serve: all of them, or all but the aggregator's.
fn answered_calls(
    stored: &Trace,
    start: &RunStart,
    without_aggregator: bool,
) -> Result<Vec<moa_core::CallId>, Complaint> {
    let planned = start.mixture.layers.iter().map(|layer| layer.agents.len()).sum::<usize>();
    let calls: Vec<moa_core::CallId> = stored
        .layers
        .iter()
        .filter(|layer| !(without_aggregator && layer.role == LayerRole::Aggregator))
        .flat_map(|layer| &layer.calls)
        .filter(|call| call.outcome.is_some())
        .map(|call| call.call)
        .collect();
    let wanted = if without_aggregator { planned } else { planned + 1 };
    // A run whose answer was chosen, or that stopped early, has all its answers although these are fewer than were planned.
    let is_whole = matches!(stored.end, Some(moa_core::RunEnd::Finished(_)));
    if !is_whole && calls.len() < wanted {
        return Err(Complaint::failed(format!(
            "the stored run has {} of the {wanted} answers that a replay needs: it ended too early",
            calls.len()
        ))
        .with_hint(Some("`moa runs list` shows how each run ended".to_owned())));
    }
    Ok(calls)
}
