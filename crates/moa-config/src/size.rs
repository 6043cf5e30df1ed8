//! Amounts of memory as people write them.

use crate::kind::ProblemKind;
use crate::place::Placed;
use crate::problem::Problem;

/// Each unit and its bytes, those that end alike with the longer one first.
const UNITS: [(&str, f64); 9] = [
    ("kib", 1024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
    ("tib", 1_099_511_627_776.0),
    ("kb", 1e3),
    ("mb", 1e6),
    ("gb", 1e9),
    ("tb", 1e12),
    ("b", 1.0),
];

/// The bytes of a size such as `4GB`, `1.5 GB`, `512 MiB` or `800000000`; `None` where it is none, or not above zero.
#[must_use]
pub fn parse_size(written: &str) -> Option<u64> {
    let text = written.trim().to_ascii_lowercase();
    let unit = UNITS.iter().find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, *bytes)));
    let (number, unit) = unit.unwrap_or((&text, 1.0));
    let number = number.trim_end();
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let bytes = number.parse::<f64>().ok()? * unit;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the range of whole numbers"
    )]
    let whole = (1.0..9e15).contains(&bytes).then_some(bytes as u64);
    whole
}

/// A size in a file.
pub(crate) fn size(written: &Placed<'_, &String>) -> Result<u64, Problem> {
    parse_size(written.value)
        .ok_or_else(|| Problem::at(&written.place, ProblemKind::BadSize { written: written.value.clone() }))
}

#[cfg(test)]
#[path = "size_tests.rs"]
mod tests;
