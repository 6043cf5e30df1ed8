//! `float()` and `repr()` of floating-point numbers.

use super::strip;

/// Exponents from which on, and below which, Python writes a float with an exponent (`float_repr_style` short, `CPython`'s
/// `PyOS_double_to_string` with code `r`).
const FIXED_EXPONENTS: std::ops::Range<i32> = -4..16;

/// The number as Python prints it: the shortest digits that read back, `1.0` rather than `1`.
pub(crate) fn repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if FIXED_EXPONENTS.contains(&exponent) {
        let fixed = format!("{value}");
        return if fixed.contains('.') { fixed } else { fixed + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// What `float(text)` gives, if anything. Digits of other scripts, which Python takes too, are not taken.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let text = strip(text);
    if !text.contains('_') {
        return text.parse().ok();
    }
    // An underscore may stand between two digits and nowhere else.
    let bytes = text.as_bytes();
    let is_digit =
        |index: Option<usize>| index.and_then(|index| bytes.get(index)).is_some_and(u8::is_ascii_digit);
    let well_placed = (0..bytes.len())
        .filter(|index| bytes[*index] == b'_')
        .all(|index| is_digit(index.checked_sub(1)) && is_digit(Some(index + 1)));
    well_placed.then(|| text.replace('_', "").parse().ok()).flatten()
}

#[cfg(test)]
#[path = "float_tests.rs"]
mod tests;
