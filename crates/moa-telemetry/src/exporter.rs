//! Where spans go: set up by the environment, as every program with OpenTelemetry is.

use std::time::Duration;

use moa_core::TraceContext;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use crate::caller;
use crate::error::{ErrorKind, TelemetryError};
use crate::spans::RunSpans;

/// Makes spans of runs and sends them away.
#[derive(Debug, Clone)]
pub struct Telemetry {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    with_content: bool,
}

impl Telemetry {
    /// What the environment asks for: nothing unless `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` or
    /// `OTEL_TRACES_EXPORTER=otlp` is set, and `OTEL_SDK_DISABLED` is not. The library reads the other `OTEL_*` variables itself.
    ///
    /// What was said is in the spans only with `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true`.
    ///
    /// # Errors
    /// When something is asked for that cannot be.
    pub fn from_environment() -> Result<Option<Self>, TelemetryError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let is_true = |name| variable(name).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
        let is_wanted = match variable("OTEL_TRACES_EXPORTER").as_deref().map(str::trim) {
            Some("otlp") => true,
            Some("none") => false,
            Some(other) => return Err(ErrorKind::Exporter(other.to_owned()).into()),
            None => {
                variable("OTEL_EXPORTER_OTLP_ENDPOINT").is_some()
                    || variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").is_some()
            }
        };
        if !is_wanted || is_true("OTEL_SDK_DISABLED") {
            return Ok(None);
        }
        let protocol = variable("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
            .or_else(|| variable("OTEL_EXPORTER_OTLP_PROTOCOL"));
        let protocol = match protocol.as_deref().map(str::trim) {
            None | Some("http/protobuf") => Protocol::HttpBinary,
            Some("http/json") => Protocol::HttpJson,
            Some(other) => return Err(ErrorKind::Protocol(other.to_owned()).into()),
        };
        let exporter = SpanExporter::builder().with_http().with_protocol(protocol).build()?;
        let mut resource = Resource::builder();
        // The library's own name for a service that has none is `unknown_service`.
        if variable("OTEL_SERVICE_NAME").is_none()
            && !variable("OTEL_RESOURCE_ATTRIBUTES").is_some_and(|list| list.contains("service.name="))
        {
            resource = resource.with_service_name("moa");
        }
        let resource =
            resource.with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))).build();
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
        let scope = InstrumentationScope::builder("moa").with_version(env!("CARGO_PKG_VERSION")).build();
        Ok(Some(Self {
            tracer: provider.tracer_with_scope(scope),
            with_content: is_true("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"),
            provider,
        }))
    }

    /// A reader of one run's events. The run's span is a child of the one that the request named, if it named one.
    #[must_use]
    pub fn run(&self, context: Option<&TraceContext>) -> RunSpans {
        let parent = context.map_or_else(Context::new, caller::context);
        RunSpans::new(self.tracer.clone(), self.with_content, parent)
    }

    /// Sends what is left, for at most this long. Blocks: for the end of a program.
    pub fn finish(&self, patience: Duration) {
        // Spans that did not arrive are nobody's failure but the collector's.
        let _ = self.provider.shutdown_with_timeout(patience);
    }
}
