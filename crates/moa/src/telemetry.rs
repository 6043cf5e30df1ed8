//! Spans of runs for OpenTelemetry, in programs that are built with the feature `telemetry`.

use moa_core::Watchers;

/// Where spans go, if anywhere.
#[derive(Default)]
pub(crate) struct Telemetry {
    #[cfg(feature = "telemetry")]
    spans: Option<moa_telemetry::Telemetry>,
}

#[cfg(feature = "telemetry")]
impl Telemetry {
    /// What the environment asks for. What cannot be had is said and done without: a variable that is meant for another program must not
    /// keep this one from working.
    pub(crate) fn start() -> Self {
        let spans = moa_telemetry::Telemetry::from_environment().unwrap_or_else(|error| {
            crate::complaint::Complaint::failed(&error).with_hint(Some(error.hint().to_owned())).tell();
            None
        });
        Self { spans }
    }

    /// What gives each run a reader that makes spans of it.
    pub(crate) fn watchers(&self) -> Option<Watchers> {
        let spans = self.spans.clone()?;
        Some(std::sync::Arc::new(move |context| {
            let mut run = spans.run(context);
            Box::new(move |event| run.see(event))
        }))
    }

    /// Sends what is left. A collector that does not answer holds up the end for a moment.
    pub(crate) fn finish(&self) {
        const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);
        if let Some(spans) = &self.spans {
            spans.finish(PATIENCE);
        }
    }
}

#[cfg(not(feature = "telemetry"))]
impl Telemetry {
    pub(crate) fn start() -> Self {
        Self::default()
    }

    #[expect(clippy::unused_self, reason = "with the feature there is something to give")]
    pub(crate) fn watchers(&self) -> Option<Watchers> {
        None
    }

    #[expect(clippy::unused_self, reason = "with the feature there is something to send")]
    pub(crate) fn finish(&self) {}
}
