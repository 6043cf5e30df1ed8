//! Durations as people write them.

use std::time::Duration;

use jiff::SignedDuration;

use crate::kind::ProblemKind;
use crate::place::Placed;
use crate::problem::Problem;

/// A duration such as `90s` or `1m 30s`, above zero.
pub(crate) fn duration(written: &Placed<'_, &String>) -> Result<Duration, Problem> {
    let parsed = written.value.trim().parse::<SignedDuration>().ok();
    parsed
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| {
            Problem::at(&written.place, ProblemKind::BadDuration { written: written.value.clone() })
        })
}
