//! The span of whoever sent the request that a run answers.

use moa_core::TraceContext;
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry_sdk::propagation::TraceContextPropagator;

/// What the headers of a request say; a context without a span where they are not understood.
pub(crate) fn context(told: &TraceContext) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(told))
}

struct Headers<'a>(&'a TraceContext);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => Some(&self.0.traceparent),
            "tracestate" => self.0.tracestate.as_deref(),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}
