//! `moa runs resume`: the rest of a run that did not come to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use moa_config::Config;
use moa_core::{CallId, CallStatus, ChatModel, LayerIndex, Mixture, ModelId, ReplayModel, RunSeed, Trace};

use crate::cli::{OutputArg, TraceArg};
use crate::complaint::Complaint;
use crate::local::LocalModels;
use crate::run::{self, Reader};
use crate::workspace::{self, Workspace, config_complaint};

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
    let answered = whole_answers(&stored);
    let config = workspace.config()?;
    let mut local = LocalModels::new(workspace, &config, yes)?;
    let wanted = unanswered(&start.mixture, &answered);
    let mut models = local.prepare(&resolved(&config, &wanted)?).await?;
    let replay: Arc<dyn ChatModel> = Arc::new(ReplayModel::new("stored", stored.outcomes()));
    for call in answered {
        models = models.with_call(call, Arc::clone(&replay));
    }
    let recorder = store.recorder().ok();
    let mut reader = Reader::new(output, shown);
    let mut request = run::request(start.mixture, start.conversation, None);
    request.seed = RunSeed::Drawn(start.seed);
    request.max_cost_usd = max_cost_usd.or(start.max_cost_usd);
    let trace = run::drive(request, models, recorder.as_ref(), &mut reader, &workspace.interrupts).await;
    workspace::settle(recorder.as_ref());
    run::verdict(&trace?, &reader, recorder.is_some())
}

/// The calls whose answers are there. What was cut short, failed or given up is asked again.
fn whole_answers(stored: &Trace) -> BTreeSet<CallId> {
    let is_whole = |call: &&moa_core::CallTrace| {
        call.outcome.as_ref().is_some_and(|outcome| outcome.status == CallStatus::Ok)
    };
    stored.calls().filter(is_whole).map(|call| call.call).collect()
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
