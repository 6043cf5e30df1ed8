//! Where a request belongs in its client's trace.

use axum::http::HeaderMap;
use moa_core::TraceContext;

/// What the headers say, unchecked. They are not handed on: an endpoint is no part of the client's system.
pub(crate) fn of(headers: &HeaderMap) -> Option<TraceContext> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Some(TraceContext { traceparent: text("traceparent")?, tracestate: text("tracestate") })
}
