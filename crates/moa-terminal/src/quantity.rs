//! Numbers as people read them: bytes, durations, counts, speeds.

use std::time::Duration;

/// `1.4 GB`, in powers of 1,000, as disks and downloads are sold.
#[must_use]
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if count < 1_000 {
        return format!("{count} B");
    }
    let mut value = to_f64(count) / 1_000.0;
    let mut unit = 0;
    // What would be rounded to four digits is better said in the next unit.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or("EB");
    if value < 9.95 { format!("{value:.1} {name}") } else { format!("{value:.0} {name}") }
}

/// `380 ms`, `4.2 s`, `58 s`, `3 min 05 s`, `2 h 07 min`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 0.9995 {
        return format!("{:.0} ms", seconds * 1_000.0);
    }
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    let whole = Duration::from_millis(500).saturating_add(duration).as_secs();
    match whole {
        0..60 => format!("{whole} s"),
        60..3_600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3_600, whole % 3_600 / 60),
    }
}

/// `log-probability -0.31`: how sure a model was, as the mean over its tokens.
#[must_use]
pub(crate) fn certainty(certainty: moa_core::Certainty) -> String {
    format!("log-probability {:.2}", certainty.mean_logprob)
}

/// A time of so many milliseconds, as [`duration`] writes it. What is no time at all (negative, not a number) counts as 0.
#[must_use]
pub fn milliseconds(ms: f64) -> String {
    duration(Duration::try_from_secs_f64(ms / 1_000.0).unwrap_or_default())
}

/// `1,234,567`.
#[must_use]
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 answer`, `1,200 answers`: a count and its noun, which takes an s.
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// `7.4 tok/s`, `118 tok/s`.
#[must_use]
pub fn tokens_per_second(speed: f64) -> String {
    if speed < 9.95 { format!("{speed:.1} tok/s") } else { format!("{speed:.0} tok/s") }
}

/// `62 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.0} %", share.clamp(0.0, 1.0) * 100.0)
}

#[expect(clippy::cast_precision_loss, reason = "three digits of it are shown")]
fn to_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
#[path = "quantity_tests.rs"]
mod tests;
