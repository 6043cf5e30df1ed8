//! Starting a run that belongs to nobody: it goes on whoever reads it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use moa_core::{AnswerSource, CallOutcome, ContentKey, Conversation, Models, reusing};
use moa_store::Store;
use serde_json::json;

use super::stored::with_store;
use crate::access::Caller;
use crate::app::App;
use crate::chat::{
    ChatMessage, ChatRequest, Fields, InlineMixture, Plan, Planner, SamplingFields, conversation, seed,
};
use crate::error::ApiError;
use crate::runs::Launch;
use crate::{json, trace_context};

/// How long a request that takes stored answers waits for the last of them to be on disk.
const FLUSH_PATIENCE: Duration = Duration::from_secs(5);

/// What the page asks.
pub(super) struct StartRequest {
    name: Option<String>,
    inline: Option<InlineMixture>,
    conversation: Conversation,
    seed: Option<u64>,
    max_cost_usd: Option<f64>,
    reuse: bool,
    sampling: SamplingFields,
}

impl StartRequest {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut fields = Fields::parse(body)?;
        let preset: Option<String> = fields.take("preset")?;
        let model: Option<String> = fields.take("model")?;
        let inline: Option<InlineMixture> = fields.take("moa")?;
        if [preset.is_some(), model.is_some(), inline.is_some()].into_iter().filter(|given| *given).count()
            > 1
        {
            return Err(ApiError::invalid("give one of 'preset', 'model' and 'moa'"));
        }
        let messages: Vec<ChatMessage> = fields.require("messages")?;
        let max_cost_usd: Option<f64> = fields.take("max_cost_usd")?;
        if max_cost_usd.is_some_and(|usd| !(0.0..=1e6).contains(&usd)) {
            return Err(ApiError::invalid_value("max_cost_usd", "'max_cost_usd' must be from 0 to 1000000"));
        }
        Ok(Self {
            name: preset.or(model),
            inline,
            conversation: conversation(messages)?,
            seed: seed(&mut fields)?,
            max_cost_usd,
            reuse: fields.take("reuse")?.unwrap_or(false),
            sampling: SamplingFields::take(&mut fields)?,
        })
    }

    /// Who would be asked what.
    pub(super) fn plan(&self, app: &App) -> Result<Plan, ApiError> {
        let model = match (&self.name, &self.inline) {
            (Some(name), _) => name.clone(),
            (None, Some(_)) => "inline".to_owned(),
            (None, None) => app.config.default_preset().value.clone(),
        };
        let request = ChatRequest {
            model,
            conversation: self.conversation.clone(),
            inline: self.inline.clone(),
            stream: false,
            include_usage: false,
            choices: 1,
            seed: self.seed,
            sampling: self.sampling.clone(),
            tools: None,
            response_format: None,
            unused: serde_json::Map::new(),
        };
        let mut plan = Planner { names: &app.names, settings: &app.settings, source: app.source.as_ref() }
            .plan(&request)?;
        plan.preset.max_cost_usd = match (plan.preset.max_cost_usd, self.max_cost_usd) {
            // A request may lower the operator's cap, not raise it.
            (Some(operators), Some(wanted)) => Some(operators.min(wanted)),
            (operators, wanted) => operators.or(wanted),
        };
        Ok(plan)
    }
}

/// The store as a source of answers. One that cannot be read is one that has no answer.
struct StoredAnswers(Arc<Store>);

impl AnswerSource for StoredAnswers {
    fn answer(&self, key: &ContentKey) -> Option<CallOutcome> {
        self.0.answer(key).ok().flatten()
    }
}

/// Starts a run and says its id.
pub(crate) async fn start_run(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let body = app.read(&headers, body).await?;
    let request = StartRequest::parse(&body)?;
    let plan = request.plan(&app)?;
    let mut models = app.models(&plan.preset).await?;
    if let Some(store) = app.store.as_ref().filter(|_| request.reuse) {
        // Answers of a moment ago are on their way to the disk.
        with_store(&app, |store| store.recorder()?.flush(FLUSH_PATIENCE)).await?;
        let answers: Arc<dyn AnswerSource> = Arc::new(StoredAnswers(Arc::clone(store)));
        models = reusing(models, &answers);
    }
    launch(&app, &caller, &headers, &plan, models).await
}

/// Starts a run of a plan once there is a place for it.
pub(super) async fn launch(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    plan: &Plan,
    models: Models,
) -> Result<Response, ApiError> {
    let place = app.admission.enter(caller).await?;
    let trace_context = trace_context::of(headers);
    let run = app.runs.start(Launch { request: plan.run(), models, place: Some(place), trace_context });
    Ok(json::with_status(StatusCode::CREATED, &json!({"run": run.id()})))
}
