//! The question of a run again: of another mixture, or to another aggregator over the same proposals.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use moa_config::ResolvedPreset;
use moa_core::{Mixture, RunStart, Trace};

use super::start::launch;
use super::stored::{run_id, trace};
use crate::access::Caller;
use crate::answering::replayed;
use crate::app::App;
use crate::chat::{Fields, Plan};
use crate::error::ApiError;

/// Asks again.
pub(crate) async fn run_again(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let body = app.read(&headers, body).await?;
    let mut fields = if body.is_empty() { Fields::parse(b"{}")? } else { Fields::parse(&body)? };
    let preset: Option<String> = fields.take("preset")?;
    let aggregator: Option<String> = fields.take("aggregator")?;
    if preset.is_some() && aggregator.is_some() {
        return Err(ApiError::invalid("give either 'preset' or 'aggregator'"));
    }
    let earlier = trace(&app, run_id(&id)?).await?;
    let start = earlier.start.clone().ok_or_else(|| ApiError::invalid("the run has no beginning"))?;
    let resolved = match (&preset, &aggregator) {
        (Some(name), _) => app.names.mixture(name)?.as_ref().clone(),
        (None, Some(model)) => with_aggregator(&app, &earlier, &start, model)?,
        (None, None) => resolve(&app, start.mixture.clone())?,
    };
    let mut models = app.models(&resolved).await?;
    if aggregator.is_some() {
        models = replayed(models, &earlier);
    }
    let plan = Plan {
        preset: resolved,
        conversation: start.conversation,
        seed: None,
        tools: None,
        response_format: None,
        unused: serde_json::Map::new(),
    };
    launch(&app, &caller, &headers, &plan, models).await
}

/// The run's mixture with another model in the aggregator's place, under the old one's settings.
fn with_aggregator(
    app: &App,
    earlier: &Trace,
    start: &RunStart,
    model: &str,
) -> Result<ResolvedPreset, ApiError> {
    let planned: usize = start.mixture.layers.iter().map(|layer| layer.agents.len()).sum();
    let proposed = earlier
        .layers
        .iter()
        .take(start.mixture.layers.len())
        .flat_map(moa_core::LayerTrace::answers)
        .filter(|call| call.outcome.is_some())
        .count();
    // A run that ended well has all that it asked for, even where it stopped early.
    let is_whole = matches!(earlier.end, Some(moa_core::RunEnd::Finished(_)));
    if !is_whole && proposed < planned {
        let message =
            format!("the run has {proposed} of the {planned} proposals that an aggregator would read");
        return Err(ApiError::invalid_value("aggregator", message));
    }
    let (id, resolved) = app.names.model(model)?;
    let mut mixture = start.mixture.clone();
    mixture.aggregator.model = id.clone();
    model.clone_into(&mut mixture.aggregator.name);
    mixture.fallback_aggregators.clear();
    // Somebody wants to see what it writes.
    mixture.aggregation = moa_core::Aggregation::Synthesise;
    let models = BTreeMap::from([(id.clone(), resolved.clone())]);
    Ok(ResolvedPreset {
        mixture,
        models,
        max_cost_usd: start.max_cost_usd.or(app.names.cost_cap()),
        calibration: None,
    })
}

/// The models of a mixture that was run before, as they are now.
fn resolve(app: &App, mixture: Mixture) -> Result<ResolvedPreset, ApiError> {
    let mut models = BTreeMap::new();
    for id in mixture.models() {
        let (id, model) = app.names.model(id.as_str())?;
        models.insert(id.clone(), model.clone());
    }
    Ok(ResolvedPreset { mixture, models, max_cost_usd: app.names.cost_cap(), calibration: None })
}
