//! One attempt: a request, and the events of its answer.

use std::collections::VecDeque;
use std::time::Duration;

use futures::stream;
use moa_core::{ChatEvent, ChatRequest, ChatStream, Failure, FailureKind, Progress, Upstream};
use reqwest::Response;
use reqwest::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use crate::client::Connection;
use crate::failure::{Attempted, ErrorBody, Refusal};
use crate::listing::models_like;
use crate::model::OpenAiModel;
use crate::reply::ReplyDecoder;
use crate::request::Question;
use crate::settings::ModelSettings;

/// The most of an error's body that is read.
const MAX_ERROR_BYTES: usize = 64 << 10;

/// How long the end of a stream is waited for once the answer is complete: counts may follow, but some servers never close.
const END_PATIENCE: Duration = Duration::from_secs(5);

/// How long the last bytes of a complete answer are waited for, so that the connection serves the next request.
const DRAIN_PATIENCE: Duration = Duration::from_secs(1);

/// How many fields one question may find out to be unwanted.
const MAX_ADJUSTMENTS: usize = 5;

/// Headers in which services name a request.
const REQUEST_ID_HEADERS: [&str; 4] = ["x-request-id", "request-id", "apim-request-id", "x-generation-id"];

/// The longest name of a request that is passed on.
const MAX_REQUEST_ID_CHARS: usize = 120;

/// One attempt to get an answer.
pub(crate) struct Exchange {
    model: OpenAiModel,
    request: ChatRequest,
    pending: VecDeque<Result<ChatEvent, Failure>>,
    phase: Phase,
}

enum Phase {
    Begin,
    Ask,
    Read(Box<Reading>),
    Over,
}

/// A response that is being read.
struct Reading {
    response: Response,
    decoder: ReplyDecoder,
}

impl Exchange {
    pub(crate) fn new(model: OpenAiModel, request: ChatRequest) -> Self {
        Self { model, request, pending: VecDeque::new(), phase: Phase::Begin }
    }

    pub(crate) fn into_stream(self) -> ChatStream {
        Box::pin(stream::unfold(self, |mut exchange| async move {
            let event = exchange.next().await?;
            Some((event, exchange))
        }))
    }

    async fn next(&mut self) -> Option<Result<ChatEvent, Failure>> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Some(event);
            }
            match std::mem::replace(&mut self.phase, Phase::Over) {
                Phase::Begin => {
                    self.push(ChatEvent::Progress(Progress::Waiting));
                    self.phase = Phase::Ask;
                }
                Phase::Ask => match self.ask().await {
                    Ok(reading) => self.phase = Phase::Read(reading),
                    Err(failure) => self.pending.push_back(Err(self.told(failure))),
                },
                Phase::Read(reading) => self.read(reading).await,
                Phase::Over => return None,
            }
        }
    }

    fn push(&mut self, event: ChatEvent) {
        self.pending.push_back(Ok(event));
    }

    /// Puts the question, as often as the endpoint names fields that it does not take.
    async fn ask(&mut self) -> Result<Box<Reading>, Failure> {
        let model = self.model.clone();
        let connection = model.remote().connection()?;
        let conversation = self.request.prompt.render().map_err(|error| {
            Failure::new(FailureKind::InvalidRequest, format!("the prompt cannot be written: {error}"))
        })?;
        let dialect = model.remote().dialect();
        let settings = model.settings();
        let mut adjustments = model.adjustments();
        for rounds_left in (0..=MAX_ADJUSTMENTS).rev() {
            let question =
                Question { model: settings, dialect, request: &self.request, conversation: &conversation };
            let body = question.body(&adjustments);
            let missed = question.missed(&adjustments);
            let mut response = send(connection, &body, settings.stream).await?;
            let upstream = upstream_of(&model, connection, response.headers());
            if upstream != Upstream::default() {
                self.push(ChatEvent::Upstream(upstream.clone()));
            }
            if response.status().is_success() {
                check_encoding(&response)?;
                if !missed.is_empty() {
                    let message = format!("the endpoint does not take {}: left out", missed.join(", "));
                    self.push(ChatEvent::Warning(message));
                }
                let key = self.request.key.clone();
                let decoder = ReplyDecoder::with_upstream(&settings.remote_id, key, conversation, upstream);
                // They lie in the connection's first buffer, which would be kept with them until the answer is there.
                drop(std::mem::take(response.headers_mut()));
                return Ok(Box::new(Reading { response, decoder }));
            }
            let refusal = refusal_of(response).await;
            let is_about_fields = matches!(refusal.status, 400 | 422);
            if rounds_left > 0
                && is_about_fields
                && adjustments.learn(&refusal.body, &body, settings.max_tokens_field, dialect)
            {
                model.keep_adjustments(adjustments.clone());
                continue;
            }
            let key_origin = model.remote().settings().key.origin();
            let failure = refusal.into_failure(settings, &key_origin);
            return Err(with_what_there_is(failure, settings, connection).await);
        }
        // The last round returns.
        Err(Failure::new(FailureKind::InvalidRequest, "the endpoint takes none of the request's fields"))
    }

    /// Reads one piece of the response.
    async fn read(&mut self, mut reading: Box<Reading>) {
        let piece = reading.response.chunk();
        let piece = if reading.decoder.has_ended() {
            // The answer is there: whatever becomes of the connection, no more than counts is lost.
            match tokio::time::timeout(END_PATIENCE, piece).await {
                Ok(Ok(piece)) => Ok(piece),
                Ok(Err(_)) | Err(_) => Ok(None),
            }
        } else {
            piece.await
        };
        let mut events = Vec::new();
        let decoded = match piece {
            Ok(Some(bytes)) => match reading.decoder.push(&bytes, &mut events) {
                Ok(()) if reading.decoder.is_done() => {
                    let Reading { response, decoder } = *reading;
                    drain(response);
                    decoder.finish(&mut events)
                }
                Ok(()) => {
                    self.phase = Phase::Read(reading);
                    Ok(())
                }
                Err(failure) => Err(failure),
            },
            Ok(None) => reading.decoder.finish(&mut events),
            Err(error) => Err(Attempted::Reading.failure(error)),
        };
        self.pending.extend(events.into_iter().map(|event| Ok(self.model.redacted(event))));
        if let Err(failure) = decoded {
            self.pending.push_back(Err(self.told(failure)));
        }
    }

    /// The failure with what was asked of whom, and without secrets.
    fn told(&self, mut failure: Failure) -> Failure {
        let (model, endpoint) = (&self.model.settings().remote_id, self.model.remote());
        failure.message = format!("{model} at {}: {}", endpoint.shown(), failure.message);
        // Without a connection nothing was sent, and no secret is known.
        if let Ok(connection) = endpoint.connection() {
            failure.message = connection.redactor.redact(&failure.message);
            failure.hint = failure.hint.map(|hint| connection.redactor.redact(&hint));
        }
        failure
    }
}

/// The failure with the models that the endpoint does have, where the one that was asked for is not among them and nobody configured
/// what could take its place.
async fn with_what_there_is(failure: Failure, model: &ModelSettings, connection: &Connection) -> Failure {
    if failure.kind != FailureKind::ModelNotFound || !model.successors.is_empty() {
        return failure;
    }
    let ids = models_like(&model.remote_id, connection).await;
    if ids.is_empty() {
        return failure;
    }
    let hint = format!(
        "the endpoint has {}: in the configuration, replace \"{}\"",
        ids.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", "),
        model.remote_id
    );
    failure.with_hint(hint)
}

async fn send(
    connection: &Connection,
    body: &Map<String, Value>,
    streams: bool,
) -> Result<Response, Failure> {
    let body = serde_json::to_vec(body).map_err(|error| {
        Failure::new(FailureKind::InvalidRequest, format!("the request cannot be written: {error}"))
    })?;
    let accept = if streams { "text/event-stream, application/json" } else { "application/json" };
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.extend(connection.headers.clone());
    connection
        .client
        .post(connection.url.clone())
        .headers(headers)
        .body(body)
        .send()
        .await
        .map_err(|error| Attempted::Asking.failure(error))
}

/// Reads an error's body, as far as it comes.
async fn refusal_of(mut response: Response) -> Refusal {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    while body.len() < MAX_ERROR_BYTES {
        match response.chunk().await {
            Ok(Some(bytes)) => body.extend_from_slice(&bytes),
            Ok(None) | Err(_) => break,
        }
    }
    Refusal { status, headers, body: ErrorBody::parse(&body) }
}

fn upstream_of(model: &OpenAiModel, connection: &Connection, headers: &HeaderMap) -> Upstream {
    let settings = model.remote().settings();
    let request_id = REQUEST_ID_HEADERS.iter().find_map(|name| headers.get(*name)?.to_str().ok());
    let request_id = request_id.map(|id| id.chars().take(MAX_REQUEST_ID_CHARS).collect::<String>());
    Upstream {
        model: None,
        replica: settings.is_replica.then(|| settings.address.to_string()),
        request_id: request_id.map(|id| connection.redactor.redact(&id)),
    }
}

/// We ask for no compression, since it would hold tokens back; a server that compresses all the same cannot be read.
fn check_encoding(response: &Response) -> Result<(), Failure> {
    match response.headers().get(CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => Err(Failure::new(
            FailureKind::BadResponse,
            format!(
                "the answer is compressed ({}), which was not asked for",
                encoding.to_str().unwrap_or("?")
            ),
        )),
        _ => Ok(()),
    }
}

/// Reads what still comes after the end of an answer, so that the connection can serve the next request.
///
/// A connection that is dropped before its last byte is closed. That byte often comes just after `[DONE]`, and the answer must not wait
/// for it.
fn drain(mut response: Response) {
    let rest = async move { while let Ok(Some(_)) = response.chunk().await {} };
    #[expect(
        clippy::disallowed_methods,
        reason = "the answer is complete: this ends by itself within a second and holds nothing up"
    )]
    drop(tokio::spawn(tokio::time::timeout(DRAIN_PATIENCE, rest)));
}
