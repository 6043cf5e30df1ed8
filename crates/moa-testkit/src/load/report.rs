//! What a load measured.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::call::Done;

/// What a load measured. Times are in microseconds.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// How many requests were sent.
    pub sent: u64,
    /// How many went well.
    pub succeeded: u64,
    /// How often each failure was.
    pub errors: BTreeMap<String, u64>,
    /// The rate that was asked for, per second.
    pub rate: f64,
    /// From the first request's moment to the last answer, in seconds.
    pub seconds: f64,
    /// From when a request was due to the first byte of its answer (the head).
    pub first_byte: Option<Quantiles>,
    /// From when a request was due to the last byte of its answer.
    pub end: Option<Quantiles>,
    /// From when a chunk was sent by a mock that tells it to when it was read.
    pub forwarding: Option<Quantiles>,
    /// From when a request was due to when it was sent: how far the generator itself was behind.
    pub lag: Option<Quantiles>,
    /// Bytes of all answers that went well.
    pub bytes: u64,
}

/// Quantiles of a time, in microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Quantiles {
    /// How many were measured.
    pub count: u64,
    /// The smallest.
    pub min: f64,
    /// The median.
    pub p50: f64,
    /// The 90th percentile.
    pub p90: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The 99.9th percentile.
    pub p999: f64,
    /// The largest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
}

/// Gathers measurements, to three significant digits.
pub(crate) struct Gathered {
    first_byte: Histogram<u64>,
    end: Histogram<u64>,
    forwarding: Histogram<u64>,
    lag: Histogram<u64>,
    sent: u64,
    succeeded: u64,
    bytes: u64,
    errors: BTreeMap<String, u64>,
}

impl Gathered {
    pub(crate) fn new() -> Result<Self, hdrhistogram::CreationError> {
        let histogram = || Histogram::new(3);
        Ok(Self {
            first_byte: histogram()?,
            end: histogram()?,
            forwarding: histogram()?,
            lag: histogram()?,
            sent: 0,
            succeeded: 0,
            bytes: 0,
            errors: BTreeMap::new(),
        })
    }

    pub(crate) fn add(&mut self, done: Done) {
        self.sent += 1;
        record(&mut self.lag, done.lag);
        match done.result {
            Ok(measured) => {
                self.succeeded += 1;
                self.bytes += measured.bytes;
                record(&mut self.first_byte, measured.first_byte);
                record(&mut self.end, measured.end);
                for delay in measured.forwarding {
                    record(&mut self.forwarding, delay);
                }
            }
            Err(kind) => *self.errors.entry(kind).or_default() += 1,
        }
    }

    pub(crate) fn report(self, rate: f64, time: Duration) -> Report {
        Report {
            sent: self.sent,
            succeeded: self.succeeded,
            errors: self.errors,
            rate,
            seconds: time.as_secs_f64(),
            first_byte: Quantiles::of(&self.first_byte),
            end: Quantiles::of(&self.end),
            forwarding: Quantiles::of(&self.forwarding),
            lag: Quantiles::of(&self.lag),
            bytes: self.bytes,
        }
    }
}

/// In nanoseconds; a histogram that resizes itself takes every value.
fn record(histogram: &mut Histogram<u64>, duration: Duration) {
    histogram.auto(true);
    histogram.saturating_record(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
}

impl Quantiles {
    fn of(histogram: &Histogram<u64>) -> Option<Self> {
        if histogram.is_empty() {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "the histogram itself keeps three digits")]
        let microseconds = |nanoseconds: u64| nanoseconds as f64 / 1_000.0;
        let at = |quantile: f64| microseconds(histogram.value_at_quantile(quantile));
        Some(Self {
            count: histogram.len(),
            min: microseconds(histogram.min()),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: microseconds(histogram.max()),
            mean: histogram.mean() / 1_000.0,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} requests at {}/s in {:.1} s: {} succeeded, {} failed",
            self.sent,
            self.rate,
            self.seconds,
            self.succeeded,
            self.sent - self.succeeded
        )?;
        writeln!(f, "{:<12} {:>10} {:>10} {:>10} {:>10} {:>10}", "ms", "p50", "p90", "p99", "p99.9", "max")?;
        let rows = [
            ("first byte", self.first_byte),
            ("end", self.end),
            ("forwarding", self.forwarding),
            ("sent late", self.lag),
        ];
        for (name, quantiles) in rows {
            let Some(of) = quantiles else { continue };
            let [p50, p90, p99, p999, max] =
                [of.p50, of.p90, of.p99, of.p999, of.max].map(|value| value / 1_000.0);
            writeln!(f, "{name:<12} {p50:>10.3} {p90:>10.3} {p99:>10.3} {p999:>10.3} {max:>10.3}")?;
        }
        for (kind, count) in &self.errors {
            writeln!(f, "{count} x {kind}")?;
        }
        Ok(())
    }
}
