//! How much a calibration may take, as people write it.

use std::time::Duration;

/// How much it may take.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Budget {
    /// Most time.
    pub(crate) time: Option<Duration>,
    /// Most money, in US dollars.
    pub(crate) usd: Option<f64>,
}

/// Reads `45m`, `1h30m`, `$2`, `0.5usd`, or one of each with a comma between them.
pub(super) fn parse(written: &str) -> Result<Budget, String> {
    let help = || format!("'{written}' is no budget: write 45m, 3h, '$2' or '3h,$2'");
    let mut budget = Budget::default();
    for part in written.split(',').map(str::trim) {
        let money = part.strip_prefix('$').or_else(|| part.strip_suffix("usd")).map(str::trim);
        match money {
            Some(amount) if budget.usd.is_none() => {
                let amount = amount.parse().ok().filter(|usd: &f64| usd.is_finite() && *usd >= 0.0);
                budget.usd = Some(amount.ok_or_else(help)?);
            }
            None if budget.time.is_none() => budget.time = Some(time(part).ok_or_else(help)?),
            _ => return Err(help()),
        }
    }
    Ok(budget)
}

/// Numbers with units, one after the other.
fn time(written: &str) -> Option<Duration> {
    let mut rest = written;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        let factor = match unit.trim() {
            "s" | "sec" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * factor;
        rest = next;
    }
    Duration::try_from_secs_f64(seconds).ok().filter(|time| !written.is_empty() && !time.is_zero())
}

#[cfg(test)]
#[path = "budget_tests.rs"]
mod tests;
