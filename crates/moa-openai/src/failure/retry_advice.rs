//! What the headers of a refusal say about asking again.

use std::time::{Duration, SystemTime};

use moa_core::RetryAdvice;
use reqwest::header::HeaderMap;

/// Reads `retry-after-ms`, `retry-after` (seconds, also broken ones, or a date) and `x-should-retry`.
///
/// A date is taken relative to the response's own `date`, so that clocks that differ do no harm.
///
/// # Source
/// RFC 9110 section 10.2.3; the headers that the official `OpenAI` clients obey.
pub(super) fn retry_advice(headers: &HeaderMap, now: SystemTime) -> RetryAdvice {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let after = text("retry-after-ms")
        .and_then(|value| seconds(value, 1000.0))
        .or_else(|| text("retry-after").and_then(|value| seconds(value, 1.0)))
        .or_else(|| {
            let until = httpdate::parse_http_date(text("retry-after")?).ok()?;
            let now = text("date").and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now);
            Some(until.duration_since(now).unwrap_or_default())
        });
    let should_retry = match text("x-should-retry") {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    };
    RetryAdvice { after, should_retry }
}

fn seconds(value: &str, per_second: f64) -> Option<Duration> {
    let value: f64 = value.parse().ok()?;
    Duration::try_from_secs_f64(value / per_second).ok()
}

#[cfg(test)]
#[path = "retry_advice_tests.rs"]
mod tests;
