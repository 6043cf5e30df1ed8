//! What operators watch, in Prometheus' text format.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use moa_core::{CallId, CallStatus, CallTask, Event, EventKind, LayerIndex, LayerRole};

/// Bounds of times, in seconds: from a token's to a long run's.
const BOUNDS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 300.0];

/// Everything that is counted.
#[derive(Default)]
pub(crate) struct Metrics {
    in_flight: AtomicI64,
    waiting: AtomicI64,
    runs: Outcomes,
    proposals: Outcomes,
    responses: Mutex<BTreeMap<(String, u16), u64>>,
    run_seconds: Histogram,
    layer_wait_seconds: Histogram,
    overhead_seconds: Histogram,
    prompt_tokens: AtomicU64,
    completion_tokens: AtomicU64,
}

/// Counts by how it ended.
#[derive(Default)]
struct Outcomes(Mutex<BTreeMap<&'static str, u64>>);

impl Outcomes {
    fn add(&self, outcome: &'static str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(outcome).or_default() += 1;
    }
}

#[derive(Default)]
struct Histogram(Mutex<Buckets>);

#[derive(Default, Clone, Copy)]
struct Buckets {
    counts: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Histogram {
    fn observe(&self, seconds: f64) {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.count += 1;
        buckets.sum += seconds;
        for (count, bound) in buckets.counts.iter_mut().zip(BOUNDS) {
            *count += u64::from(seconds <= bound);
        }
    }
}

impl Metrics {
    /// Counts a response.
    pub(crate) fn responded(&self, route: &str, status: u16) {
        let mut responses = self.responses.lock().unwrap_or_else(PoisonError::into_inner);
        *responses.entry((route.to_owned(), status)).or_default() += 1;
    }

    /// Counts somebody who waits for a place, until that is dropped.
    pub(crate) fn waits(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(self)
    }

    /// All of it as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let mut gauge = |name: &str, help: &str, value: i64| {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
        };
        gauge("moa_runs_in_flight", "Runs that go on.", self.in_flight.load(Ordering::Relaxed));
        gauge(
            "moa_requests_waiting",
            "Requests that wait for a run to end.",
            self.waiting.load(Ordering::Relaxed),
        );
        outcomes(&mut text, "moa_runs_total", "Runs by how they ended.", &self.runs);
        outcomes(&mut text, "moa_proposals_total", "Proposals by what became of them.", &self.proposals);
        let mut counter = |name: &str, help: &str, value: &AtomicU64| {
            let value = value.load(Ordering::Relaxed);
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}");
        };
        counter("moa_prompt_tokens_total", "Tokens that models read.", &self.prompt_tokens);
        counter("moa_completion_tokens_total", "Tokens that models wrote.", &self.completion_tokens);
        histogram(&mut text, "moa_run_seconds", "Runs from start to end.", &self.run_seconds);
        histogram(&mut text, "moa_layer_wait_seconds", "Layers from start to end.", &self.layer_wait_seconds);
        let help = "Runs less the calls that they waited for: what the mixture itself adds.";
        histogram(&mut text, "moa_overhead_seconds", help, &self.overhead_seconds);
        let name = "moa_http_responses_total";
        let _ = writeln!(text, "# HELP {name} Responses by route and status.\n# TYPE {name} counter");
        for ((route, status), count) in self.responses.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = writeln!(text, "{name}{{route=\"{route}\",status=\"{status}\"}} {count}");
        }
        text
    }
}

/// Somebody who waits for a place.
pub(crate) struct Waiting<'a>(&'a Metrics);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

fn outcomes(text: &mut String, name: &str, help: &str, outcomes: &Outcomes) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter");
    for (outcome, count) in outcomes.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let _ = writeln!(text, "{name}{{outcome=\"{outcome}\"}} {count}");
    }
}

fn histogram(text: &mut String, name: &str, help: &str, histogram: &Histogram) {
    let buckets = *histogram.0.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} histogram");
    for (count, bound) in buckets.counts.iter().zip(BOUNDS) {
        let _ = writeln!(text, "{name}_bucket{{le=\"{bound}\"}} {count}");
    }
    let _ = writeln!(
        text,
        "{name}_bucket{{le=\"+Inf\"}} {0}\n{name}_sum {1}\n{name}_count {0}",
        buckets.count, buckets.sum
    );
}

/// The figures of one run, taken from its events as they pass.
pub(crate) struct RunFigures {
    metrics: Arc<Metrics>,
    aggregator_layer: Option<LayerIndex>,
    /// What calls are for that do not answer.
    tasks: BTreeMap<CallId, CallTask>,
    /// The slowest call of each layer and task; of the aggregator's, all of them, since they follow each other.
    waited_ms: BTreeMap<(LayerIndex, CallTask), f64>,
    outcome: &'static str,
}

impl RunFigures {
    pub(crate) fn start(metrics: &Arc<Metrics>) -> Self {
        metrics.in_flight.fetch_add(1, Ordering::Relaxed);
        Self {
            metrics: Arc::clone(metrics),
            aggregator_layer: None,
            tasks: BTreeMap::new(),
            waited_ms: BTreeMap::new(),
            outcome: "interrupted",
        }
    }

    pub(crate) fn see(&mut self, event: &Event) {
        match &event.kind {
            EventKind::LayerStarted { layer, role: LayerRole::Aggregator } => {
                self.aggregator_layer = Some(*layer);
            }
            EventKind::CallStarted { call, task, .. } if !task.is_answer() => {
                self.tasks.insert(*call, *task);
            }
            EventKind::CallFinished { call, outcome } => {
                let task = self.tasks.get(call).copied().unwrap_or_default();
                let waited = self.waited_ms.entry((call.layer, task)).or_default();
                if self.aggregator_layer == Some(call.layer) || task == CallTask::Fold {
                    *waited += outcome.wall_ms;
                } else {
                    *waited = waited.max(outcome.wall_ms);
                    if task.is_answer() {
                        self.metrics.proposals.add(status(outcome.status));
                    }
                }
            }
            EventKind::LayerFinished { wall_ms, .. } => {
                self.metrics.layer_wait_seconds.observe(wall_ms / 1_000.0);
            }
            EventKind::RunFinished { outcome } => {
                let name = if outcome.degraded { "degraded" } else { "finished" };
                self.end(name, outcome.wall_ms, &outcome.usage);
            }
            EventKind::RunFailed { usage, wall_ms, .. } => self.end("failed", *wall_ms, usage),
            EventKind::RunCancelled { usage, wall_ms } => self.end("cancelled", *wall_ms, usage),
            _ => {}
        }
    }

    fn end(&mut self, outcome: &'static str, wall_ms: f64, usage: &moa_core::Usage) {
        self.outcome = outcome;
        let metrics = &self.metrics;
        metrics.run_seconds.observe(wall_ms / 1_000.0);
        let waited: f64 = self.waited_ms.values().sum();
        metrics.overhead_seconds.observe((wall_ms - waited).max(0.0) / 1_000.0);
        metrics.prompt_tokens.fetch_add(u64::from(usage.prompt_tokens), Ordering::Relaxed);
        metrics.completion_tokens.fetch_add(u64::from(usage.completion_tokens), Ordering::Relaxed);
    }
}

impl Drop for RunFigures {
    fn drop(&mut self) {
        self.metrics.runs.add(self.outcome);
        self.metrics.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

fn status(status: CallStatus) -> &'static str {
    match status {
        CallStatus::Ok => "ok",
        CallStatus::Partial => "partial",
        CallStatus::Failed => "failed",
        CallStatus::Dropped => "dropped",
    }
}
