//! `POST /v1/chat/completions`.

use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use moa_core::{AnswerSource, Event, Trace, reusing};
use serde_json::{Value, json as value};
use tokio::time::{Instant, timeout_at};

use super::chunk::{Follower, Head, Step, finish_reason};
use super::completion::completion;
use super::outline::outline;
use super::plan::{Plan, Planner};
use super::request::ChatRequest;
use super::usage;
use crate::access::Caller;
use crate::answering::{Answering, Delivery, EarlierAnswers};
use crate::app::App;
use crate::error::ApiError;
use crate::failure;
use crate::runs::{Launch, Owner};
use crate::{json, sse, trace_context, unix_time};

/// The events of all choices of a request.
pub(super) type Events = Pin<Box<dyn Stream<Item = (usize, Arc<Event>)> + Send>>;

/// Answers a chat request, whole or in a stream.
pub(crate) async fn complete(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let body = app.read(&headers, body).await?;
    let request = ChatRequest::parse(&body)?;
    let mut plan =
        Planner { names: &app.names, settings: &app.settings, source: app.source.as_ref() }.plan(&request)?;
    if let Some(cap) = &mut plan.preset.max_cost_usd {
        // Each choice is a run of its own, and together they keep the cap.
        *cap /= f64::from(request.choices);
    }
    let (answering, head, delivery) = begin(&app, &caller, &headers, &body, plan, &request).await?;
    let is_mixture = answering.plan.is_mixture();
    let responding = Responding {
        head,
        delivery,
        is_mixture,
        choices: request.choices as usize,
        include_usage: request.include_usage,
        app: Arc::clone(&app),
    };
    let events: Events = Box::pin(answering.events());
    if request.stream { responding.stream(events).await } else { responding.whole(events).await }
}

/// Finds the run that answers the request, or starts one.
pub(super) async fn begin(
    app: &Arc<App>,
    caller: &Caller,
    headers: &HeaderMap,
    body: &[u8],
    plan: Plan,
    request: &ChatRequest,
) -> Result<(Answering, Head, Delivery), ApiError> {
    let retry = app.retries.look(caller.name(), headers, body)?;
    let mut models = app.models(&plan.preset).await?;
    let fingerprint = plan.fingerprint(&models);
    if let Some(earlier) = &retry.earlier {
        let answers: Arc<dyn AnswerSource> = Arc::new(EarlierAnswers::of(&earlier.trace()));
        models = reusing(models, &answers);
    }
    let trace_context = trace_context::of(headers);
    let (run, place) = match &retry.run {
        Some(run) => (Arc::clone(run), None),
        None => {
            let place = app.admission.enter(caller).await?;
            let launch = Launch {
                request: plan.run(),
                models: models.clone(),
                place: Some(Arc::clone(&place)),
                trace_context: trace_context.clone(),
            };
            (app.runs.start(launch), Some(place))
        }
    };
    let first = Owner::new(&run, app.settings.on_disconnect);
    let delivery = app.retries.remember(&retry, &run);
    let head = Head {
        id: format!("chatcmpl-{}", run.id().simple()),
        created: unix_time::unix_ms() / 1_000,
        model: request.model.clone(),
        fingerprint,
    };
    let answering = Answering {
        app: Arc::clone(app),
        plan,
        models,
        first,
        place,
        choices: request.choices,
        trace_context,
    };
    Ok((answering, head, delivery))
}

/// How a request is answered.
struct Responding {
    app: Arc<App>,
    head: Head,
    delivery: Delivery,
    is_mixture: bool,
    choices: usize,
    include_usage: bool,
}

impl Responding {
    /// One completion when all is there.
    async fn whole(self, mut events: Events) -> Result<Response, ApiError> {
        let mut traces = vec![Trace::default(); self.choices];
        while let Some((choice, event)) = events.next().await {
            if let Some(trace) = traces.get_mut(choice) {
                trace.apply(&event);
            }
            if matches!(
                event.kind,
                moa_core::EventKind::RunFailed { .. } | moa_core::EventKind::RunCancelled { .. }
            ) {
                traces.swap(0, choice);
                break;
            }
        }
        let completion = completion(&self.head, &traces, self.app.settings.reasoning, self.is_mixture)?;
        self.delivery.complete();
        Ok(json::ok(&completion))
    }

    /// Chunks as they come. What fails before there is anything to show is answered with a status of its own, which clients
    /// understand better than a stream that breaks off; but the head of the response is not held back for longer than the
    /// silence that streams may have.
    async fn stream(self, mut events: Events) -> Result<Response, ApiError> {
        let deadline = Instant::now() + self.app.settings.keep_alive;
        let mut chunks = Chunks::new(&self);
        let mut ready = Vec::new();
        while ready.is_empty() {
            match timeout_at(deadline, events.next()).await {
                Ok(Some((choice, event))) => {
                    ready = chunks.follow(choice, &event)?;
                }
                Ok(None) => return Err(failure::interrupted()),
                Err(_) => break,
            }
        }
        let keep_alive = self.app.settings.keep_alive;
        Ok(sse::response(self.frames(chunks, ready, events), keep_alive))
    }

    fn frames(
        self,
        mut chunks: Chunks,
        ready: Vec<Value>,
        mut events: Events,
    ) -> impl Stream<Item = Bytes> + Send + 'static {
        async_stream::stream! {
            for choice in 0..self.choices {
                yield sse::data(&chunks.chunk(choice, &value!({"role": "assistant", "content": ""}), None));
            }
            for chunk in ready {
                yield sse::data(&chunk);
            }
            while !chunks.is_complete() {
                let Some((choice, event)) = events.next().await else {
                    yield sse::data(&failure::interrupted().body());
                    return;
                };
                match chunks.follow(choice, &event) {
                    Ok(told) => {
                        for chunk in told {
                            yield sse::data(&chunk);
                        }
                    }
                    Err(failed) => {
                        yield sse::data(&failed.body());
                        return;
                    }
                }
            }
            if self.include_usage {
                yield sse::data(&chunks.usage());
            }
            yield Bytes::from_static(b"data: [DONE]\n\n");
            // Whoever asks for more has taken all of it.
            self.delivery.complete();
        }
    }
}

/// The chunks of one response.
struct Chunks {
    head: Head,
    include_usage: bool,
    is_mixture: bool,
    followers: Vec<Follower>,
    traces: Vec<Trace>,
    open: usize,
}

impl Chunks {
    fn new(responding: &Responding) -> Self {
        let field = responding.app.settings.reasoning;
        Self {
            head: responding.head.clone(),
            include_usage: responding.include_usage,
            is_mixture: responding.is_mixture,
            followers: (0..responding.choices).map(|choice| Follower::new(field, choice == 0)).collect(),
            traces: vec![Trace::default(); responding.choices],
            open: responding.choices,
        }
    }

    /// Whether every choice has ended.
    fn is_complete(&self) -> bool {
        self.open == 0
    }

    /// The chunks that an event makes.
    fn follow(&mut self, choice: usize, event: &Event) -> Result<Vec<Value>, ApiError> {
        if let Some(trace) = self.traces.get_mut(choice) {
            outline(trace, event);
        }
        let Some(follower) = self.followers.get_mut(choice) else { return Ok(Vec::new()) };
        let mut chunks = Vec::new();
        for step in follower.follow(event) {
            match step {
                Step::Delta(delta) => chunks.push(self.chunk(choice, &Value::Object(delta), None)),
                Step::Finished(reason) => {
                    self.open -= 1;
                    let mut chunk = self.chunk(choice, &value!({}), Some(finish_reason(reason)));
                    if self.open == 0
                        && let Value::Object(fields) = &mut chunk
                    {
                        fields.insert("moa".to_owned(), usage::account(&self.traces));
                    }
                    chunks.push(chunk);
                }
                Step::Failed(failure) => return Err(failure::of_run(&failure, self.is_mixture)),
            }
        }
        Ok(chunks)
    }

    fn chunk(&self, choice: usize, delta: &Value, finish_reason: Option<&str>) -> Value {
        let choices =
            value!([{"index": choice, "delta": delta, "logprobs": null, "finish_reason": finish_reason}]);
        Value::Object(self.head.chunk(choices, self.include_usage))
    }

    /// The chunk that tells the usage.
    fn usage(&self) -> Value {
        let mut chunk = self.head.chunk(value!([]), true);
        chunk.insert("usage".to_owned(), usage::usage(&self.traces));
        Value::Object(chunk)
    }
}
