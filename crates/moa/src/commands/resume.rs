//! `moa runs resume`: the rest of a run that did not come to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use moa_config::Config;
use moa_core::{
    CallId, CallOutcome, CallStatus, ChatModel, LayerIndex, Mixture, ModelId, ReplayModel, RunSeed, RunStart,
    Trace,
};
use moa_store::{RunFilter, Store};

use crate::cli::{OutputArg, TraceArg};
use crate::complaint::Complaint;
use crate::local::LocalModels;
use crate::run::{self, Reader};
use crate::workspace::{self, Workspace, config_complaint, store_complaint};

/// How many runs are looked through for other attempts at the one that is resumed, the latest.
const MOST_ATTEMPTS: usize = 200;

pub(crate) async fn execute(
    workspace: &Workspace,
    name: &str,
    shown: TraceArg,
    output: OutputArg,
    max_cost_usd: Option<f64>,
    yes: bool,
) -> Result<(), Complaint> {
    let store = workspace::store()?;
    let stored = super::runs::load(&store, super::runs::resolve(&store, name)?)?;
    let start = stored
        .start
        .clone()
        .ok_or_else(|| Complaint::failed("the stored run has no beginning, so it cannot be resumed"))?;
    let answers = whole_answers(&store, &stored, &start)?;
    let answered: BTreeSet<CallId> = answers.keys().copied().collect();
    let config = workspace.config()?;
    let mut local = LocalModels::new(workspace, &config, yes)?;
    let wanted = unanswered(&start.mixture, &answered);
    let mut models = local.prepare(&resolved(&config, &wanted)?).await?;
    let replay: Arc<dyn ChatModel> = Arc::new(ReplayModel::new("stored", answers));
    for call in answered {
        models = models.with_call(call, Arc::clone(&replay));
    }
    let recorder = store.recorder().ok();
    let mut reader = Reader::new(output, shown);
    let mut request = run::request(start.mixture, start.conversation, None);
    request.seed = RunSeed::Drawn(start.seed);
    request.max_cost_usd = max_cost_usd.or(start.max_cost_usd);
    let trace = run::drive(request, models, recorder.as_ref(), &mut reader, workspace).await;
    workspace::settle(recorder.as_ref());
    run::verdict(&trace?, &reader, recorder.is_some())
}

/// The whole answers of a run and of other attempts at it. What was cut short, failed or given up is asked again.
///
/// An attempt has the mixture, the question and the seed of the run that it resumes. It may have been killed before it had repeated all
/// that was there already.
fn whole_answers(
    store: &Store,
    stored: &Trace,
    start: &RunStart,
) -> Result<BTreeMap<CallId, CallOutcome>, Complaint> {
    let filter = RunFilter {
        preset: Some(start.mixture.name.clone()),
        limit: Some(MOST_ATTEMPTS),
        ..RunFilter::default()
    };
    let runs = store.list(&filter).map_err(|error| store_complaint(&error))?;
    let prompt = runs.iter().find(|run| run.id == start.run).map(|run| run.prompt.clone());
    let mut answers = whole(stored);
    for run in runs.iter().filter(|run| run.id != start.run && Some(&run.prompt) == prompt.as_ref()) {
        let other = super::runs::load(store, run.id)?;
        let is_attempt = other.start.as_ref().is_some_and(|other| {
            (other.seed, &other.mixture, &other.conversation)
                == (start.seed, &start.mixture, &start.conversation)
        });
        if is_attempt {
            for (call, outcome) in whole(&other) {
                answers.entry(call).or_insert(outcome);
            }
        }
    }
    Ok(answers)
}

fn whole(run: &Trace) -> BTreeMap<CallId, CallOutcome> {
    let is_whole = |(_, outcome): &(CallId, CallOutcome)| outcome.status == CallStatus::Ok;
    run.outcomes().into_iter().filter(is_whole).collect()
}

/// The models of the calls that have no answer yet.
fn unanswered(mixture: &Mixture, answered: &BTreeSet<CallId>) -> BTreeSet<ModelId> {
    let layers = mixture.layers.iter().map(|layer| layer.agents.iter().collect::<Vec<_>>());
    let layers = layers.chain([mixture.aggregators().collect()]);
    let mut wanted = BTreeSet::new();
    for (agents, layer) in layers.zip(1..) {
        for (agent, number) in agents.into_iter().zip(1..) {
            if !answered.contains(&CallId { layer: LayerIndex(layer), agent: number }) {
                wanted.insert(agent.model.clone());
            }
        }
    }
    wanted
}

fn resolved(
    config: &Config,
    wanted: &BTreeSet<ModelId>,
) -> Result<BTreeMap<ModelId, moa_config::ResolvedModel>, Complaint> {
    let resolve = |id: &ModelId| {
        let (_, model) = config.model(id.as_str()).map_err(|error| config_complaint(&error))?;
        Ok((id.clone(), model))
    };
    wanted.iter().map(resolve).collect()
}
