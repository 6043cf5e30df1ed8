//! Everything that requests share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use moa_config::{Config, ResolvedPreset, ServerSettings};
use moa_core::{CandidateRunner, ChatModel, ModelId, Models, Watchers};
use moa_store::Store;
use tokio_util::sync::CancellationToken;

use crate::access::{Admission, Keys};
use crate::answering::Retries;
use crate::error::ApiError;
use crate::failure;
use crate::metrics::Metrics;
use crate::names::Names;
use crate::runs::{Runs, RunsOptions};
use crate::source::ModelSource;
use crate::unix_time::unix_ms;

/// How long a client may take to send a request.
const BODY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);

/// What a server is made from.
pub struct ServerOptions {
    /// The presets, and what there is to know of models.
    pub config: Arc<Config>,
    /// How it listens and whom it lets in.
    pub settings: ServerSettings,
    /// Where models come from.
    pub source: Arc<dyn ModelSource>,
    /// Where runs are kept; without one they are forgotten soon after their end.
    pub store: Option<Arc<Store>>,
    /// Who else reads the events of runs.
    pub watchers: Option<Watchers>,
}

/// A server that does not listen yet.
pub struct Server {
    pub(crate) app: Arc<App>,
}

/// Everything that requests share.
pub(crate) struct App {
    pub(crate) config: Arc<Config>,
    pub(crate) settings: ServerSettings,
    pub(crate) source: Arc<dyn ModelSource>,
    pub(crate) store: Option<Arc<Store>>,
    pub(crate) names: Names,
    pub(crate) runs: Runs,
    pub(crate) admission: Admission,
    pub(crate) keys: Keys,
    pub(crate) retries: Retries,
    pub(crate) metrics: Arc<Metrics>,
    /// Cancelled when the server is told to stop.
    pub(crate) stop: CancellationToken,
    pub(crate) started_at_unix_s: u64,
    models: Mutex<HashMap<ModelId, Arc<dyn ChatModel>>>,
}

impl Server {
    /// A server of what the options say. Nothing is opened yet.
    #[must_use]
    pub fn new(options: ServerOptions) -> Self {
        let ServerOptions { config, settings, source, store, watchers } = options;
        let metrics = Arc::new(Metrics::default());
        let stop = CancellationToken::new();
        // Runs that have ended are kept for two reasons, each of which may keep others.
        let half_of_kept = settings.max_kept_bytes as usize / 2;
        let admission =
            Admission::new(settings.max_runs, settings.max_queue, Arc::clone(&metrics), stop.clone());
        Self {
            app: Arc::new(App {
                names: Names::new(&config, source.as_ref()),
                runs: Runs::new(RunsOptions {
                    store: store.clone(),
                    metrics: Arc::clone(&metrics),
                    watchers,
                    most_run_bytes: settings.max_run_bytes as usize,
                    most_kept_bytes: half_of_kept,
                }),
                admission,
                keys: Keys::new(&settings.keys),
                retries: Retries::new(settings.retry_window, half_of_kept),
                metrics,
                stop,
                started_at_unix_s: unix_ms() / 1_000,
                models: Mutex::default(),
                config,
                settings,
                source,
                store,
            }),
        }
    }
}

impl App {
    /// The models of a preset, ready to be asked.
    pub(crate) async fn models(&self, preset: &ResolvedPreset) -> Result<Models, ApiError> {
        let mut models = Models::new().with_candidate_runner(self.candidate_runner());
        let mut missing = Vec::new();
        for (id, resolved) in &preset.models {
            let known = self.models.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
            let model = match known {
                Some(model) => Ok(model),
                None => self.source.model(id, resolved).await,
            };
            match model {
                Ok(model) => {
                    let mut known = self.models.lock().unwrap_or_else(PoisonError::into_inner);
                    known.entry(id.clone()).or_insert_with(|| Arc::clone(&model));
                    models = models.with(model);
                }
                Err(unavailable) => missing.push(unavailable),
            }
        }
        if missing.is_empty() { Ok(models) } else { Err(failure::of_models(&missing)) }
    }

    /// Who runs the programs that models write: nobody, unless the operator wants it.
    fn candidate_runner(&self) -> CandidateRunner {
        if self.settings.run_candidates {
            self.source.candidate_runner()
        } else {
            CandidateRunner::refusing(
                "this server runs no programs that models wrote (`run-candidates` under [server] lets it)",
            )
        }
    }

    /// Reads a JSON body, up to the largest that is taken.
    pub(crate) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, ApiError> {
        check_content_type(headers)?;
        let limit = self.settings.max_body_bytes;
        let too_large = || {
            let message = format!("the body is larger than {limit} bytes");
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", message)
        };
        let told =
            headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if told.is_some_and(|length| length > u64::from(limit)) {
            return Err(too_large());
        }
        let read = Limited::new(body, limit as usize).collect();
        match tokio::time::timeout(BODY_TIMEOUT, read).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
            Ok(Err(error)) => Err(ApiError::invalid(format!("the body cannot be read: {error}"))),
            Err(_) => {
                let message = "the body took too long";
                Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", message))
            }
        }
    }
}

/// Another site's page can send a form or plain text without asking; nothing of that kind is read.
fn check_content_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let kind = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let is_json =
        kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json");
    if is_json {
        return Ok(());
    }
    let message = "send the body as application/json";
    Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message))
}
