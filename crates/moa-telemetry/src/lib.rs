//! Runs as spans of OpenTelemetry: the run, its layers, its calls, made from the same events that every other reader gets.
//!
//! Here live the spans, their names and attributes, and the exporter (OTLP over HTTP, set up by the standard `OTEL_*` variables). Not here:
//! who gives the events to it, and any HTTP of the runs themselves.
//!
//! Spans are handed to a thread of their own through a queue with a bound; when it is full they are left out. So nothing here waits, and a
//! collector that is slow or gone holds up no run.

mod attributes;
mod caller;
mod error;
mod exporter;
mod messages;
mod spans;

pub use error::TelemetryError;
pub use exporter::Telemetry;
pub use spans::RunSpans;
