//! Answering a request of the responses protocol.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use moa_core::{RunEnd, Trace};
use tokio::time::{Instant, timeout_at};

use super::body::ResponsesRequest;
use super::object::ResponseObject;
use super::stream::EventWriter;
use crate::access::Caller;
use crate::answering::Delivery;
use crate::app::App;
use crate::chat::chunk::{Follower, Step};
use crate::chat::handler::{Events, begin};
use crate::chat::outline::outline;
use crate::chat::{Planner, usage};
use crate::error::ApiError;
use crate::{failure, json, sse};

/// Answers, whole or in a stream.
pub(crate) async fn respond(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let body = app.read(&headers, body).await?;
    let ResponsesRequest { chat, repeated } = ResponsesRequest::parse(&body)?;
    let plan =
        Planner { names: &app.names, settings: &app.settings, source: app.source.as_ref() }.plan(&chat)?;
    let (answering, mut head, delivery) = begin(&app, &caller, &headers, &body, plan, &chat).await?;
    head.id = head.id.replacen("chatcmpl-", "resp_", 1);
    let responding = Responding {
        is_mixture: answering.plan.is_mixture(),
        response: ResponseObject { head, repeated },
        app: Arc::clone(&app),
        delivery,
    };
    let events: Events = Box::pin(answering.events());
    if chat.stream { responding.stream(events).await } else { responding.whole(events).await }
}

struct Responding {
    app: Arc<App>,
    response: ResponseObject,
    delivery: Delivery,
    is_mixture: bool,
}

impl Responding {
    async fn whole(self, mut events: Events) -> Result<Response, ApiError> {
        let mut trace = Trace::default();
        while let Some((_, event)) = events.next().await {
            trace.apply(&event);
        }
        match &trace.end {
            Some(RunEnd::Finished(outcome)) => {
                let traces = std::slice::from_ref(&trace);
                let (usage, account) = (usage::usage(traces), usage::account(traces));
                let response = self.response.ended(&outcome.answer, outcome.finish_reason, &usage, account);
                self.delivery.complete();
                Ok(json::ok(&response))
            }
            Some(RunEnd::Failed { failure, .. }) => Err(failure::of_run(failure, self.is_mixture)),
            Some(RunEnd::Cancelled { .. }) => Err(failure::cancelled()),
            None => Err(failure::interrupted()),
        }
    }

    /// As of chat completions: what fails before the first word has a status.
    async fn stream(self, mut events: Events) -> Result<Response, ApiError> {
        let keep_alive = self.app.settings.keep_alive;
        let deadline = Instant::now() + keep_alive;
        let mut following = Following {
            // Proposals have no place in this protocol's streams.
            follower: Follower::new(moa_config::ReasoningField::Off, false),
            trace: Trace::default(),
            is_mixture: self.is_mixture,
        };
        let mut ready = Vec::new();
        while ready.is_empty() {
            match timeout_at(deadline, events.next()).await {
                Ok(Some((_, event))) => ready = following.follow(&event)?,
                Ok(None) => return Err(failure::interrupted()),
                Err(_) => break,
            }
        }
        Ok(sse::response(self.frames(following, ready, events), keep_alive))
    }

    fn frames(
        self,
        mut following: Following,
        ready: Vec<Told>,
        mut events: Events,
    ) -> impl Stream<Item = Bytes> + Send + 'static {
        async_stream::stream! {
            let mut writer = EventWriter::new(self.response);
            for frame in writer.begin() {
                yield frame;
            }
            let mut told = ready;
            loop {
                for told in std::mem::take(&mut told) {
                    match told {
                        Told::Text(text) => yield writer.delta(&text),
                        Told::End(reason) => {
                            let traces = std::slice::from_ref(&following.trace);
                            let (usage, account) = (usage::usage(traces), usage::account(traces));
                            for frame in writer.end(reason, &usage, account) {
                                yield frame;
                            }
                            self.delivery.complete();
                            return;
                        }
                    }
                }
                let failed = match events.next().await {
                    None => failure::interrupted(),
                    Some((_, event)) => match following.follow(&event) {
                        Ok(next) => {
                            told = next;
                            continue;
                        }
                        Err(failed) => failed,
                    },
                };
                yield writer.fail(&failed.body());
                return;
            }
        }
    }
}

/// What of a run belongs into the stream.
struct Following {
    follower: Follower,
    trace: Trace,
    is_mixture: bool,
}

enum Told {
    Text(String),
    End(moa_core::FinishReason),
}

impl Following {
    fn follow(&mut self, event: &moa_core::Event) -> Result<Vec<Told>, ApiError> {
        outline(&mut self.trace, event);
        let mut told = Vec::new();
        for step in self.follower.follow(event) {
            match step {
                Step::Delta(delta) => {
                    let text = delta.get("content").and_then(serde_json::Value::as_str);
                    told.extend(text.map(|text| Told::Text(text.to_owned())));
                }
                Step::Finished(reason) => told.push(Told::End(reason)),
                Step::Failed(failure) => return Err(failure::of_run(&failure, self.is_mixture)),
            }
        }
        Ok(told)
    }
}
