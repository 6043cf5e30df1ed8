//! Durations as people write them.

use std::time::Duration;

use jiff::SignedDuration;

use crate::kind::ProblemKind;
use crate::place::Placed;
use crate::problem::Problem;

/// A duration such as `90s` or `1m 30s`, above zero.
pub(crate) fn duration(written: &Placed<'_, &String>) -> Result<Duration, Problem> {
    parsed(written).filter(|duration| !duration.is_zero()).ok_or_else(|| {
        Problem::at(&written.place, ProblemKind::BadDuration { written: written.value.clone() })
    })
}

/// A duration that may be zero: how long something is waited for.
pub(crate) fn wait(written: &Placed<'_, &String>) -> Result<Duration, Problem> {
    parsed(written)
        .ok_or_else(|| Problem::at(&written.place, ProblemKind::BadWait { written: written.value.clone() }))
}

fn parsed(written: &Placed<'_, &String>) -> Option<Duration> {
    let duration = written.value.trim().parse::<SignedDuration>().ok()?;
    Duration::try_from(duration).ok()
}
