//! The live events of a run, from any of them on.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use moa_core::Event;
use serde::Deserialize;

use super::stored::{events, run_id};
use crate::app::App;
use crate::error::ApiError;
use crate::runs::Subscription;
use crate::sse;

/// Says that no event follows.
const END: &[u8] = b"event: end\ndata: {}\n\n";

/// From where on.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct EventsQuery {
    after: Option<u64>,
}

/// Where the events come from.
enum Source {
    Live(Subscription),
    Stored(std::vec::IntoIter<Arc<Event>>),
}

impl Source {
    async fn next(&mut self) -> Option<Arc<Event>> {
        match self {
            Self::Live(subscription) => subscription.next().await,
            Self::Stored(events) => events.next(),
        }
    }
}

/// Streams the events of a run, each under its number, and says when there are no more.
pub(crate) async fn run_events(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    query: Result<Query<EventsQuery>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Query(query) = query.map_err(|error| ApiError::invalid_value("after", error.body_text()))?;
    let id = run_id(&id)?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
    // The header is of a connection that broke, and so newer than the address.
    let from = last.or(query.after).map_or(0, |seen| seen.saturating_add(1));
    let mut source = match app.runs.find(id) {
        Some(run) => Source::Live(run.subscribe(from)),
        None => {
            let stored = events(&app, id).await?;
            let rest: Vec<_> = stored.into_iter().filter(|event| event.sequence >= from).collect();
            Source::Stored(rest.into_iter())
        }
    };
    let frames = async_stream::stream! {
        while let Some(event) = source.next().await {
            yield sse::numbered(event.sequence, event.as_ref());
        }
        yield Bytes::from_static(END);
    };
    Ok(sse::response(frames, app.settings.keep_alive))
}
