//! Why there is no telemetry although somebody asked for it.

use opentelemetry_otlp::ExporterBuildError;
use thiserror::Error;

/// Why telemetry cannot be set up.
#[derive(Debug, Error)]
#[error("telemetry cannot be set up: {kind}")]
pub struct TelemetryError {
    kind: ErrorKind,
}

#[derive(Debug, Error)]
pub(crate) enum ErrorKind {
    #[error("OTEL_EXPORTER_OTLP_PROTOCOL is '{0}', which is not spoken here")]
    Protocol(String),
    #[error("OTEL_TRACES_EXPORTER is '{0}', which is not known here")]
    Exporter(String),
    #[error("{0}")]
    Build(#[from] ExporterBuildError),
}

impl TelemetryError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self.kind {
            ErrorKind::Protocol(_) => {
                "collectors take http/protobuf (the default) or http/json, usually on port 4318"
            }
            ErrorKind::Exporter(_) => "write otlp, or none for no telemetry",
            ErrorKind::Build(_) => "look at the OTEL_EXPORTER_OTLP_... variables",
        }
    }
}

impl<E: Into<ErrorKind>> From<E> for TelemetryError {
    fn from(kind: E) -> Self {
        Self { kind: kind.into() }
    }
}
