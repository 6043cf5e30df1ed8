use super::*;

#[test]
fn bytes_have_at_most_three_digits() {
    let written: Vec<String> =
        [0, 999, 1_000, 1_449, 9_960, 999_499, 999_500, 1_117_320_736, u64::MAX].map(bytes).to_vec();
    assert_eq!(written, ["0 B", "999 B", "1.0 kB", "1.4 kB", "10 kB", "999 kB", "1.0 MB", "1.1 GB", "18 EB"]);
}

#[test]
fn durations_change_their_unit_where_rounding_would_overflow() {
    let written: Vec<String> =
        [0.0, 999.4, 999.6, 9_949.0, 9_951.0, 59_499.0, 59_501.0, 3_599_501.0, 7_620_000.0]
            .map(milliseconds)
            .to_vec();
    assert_eq!(
        written,
        ["0 ms", "999 ms", "1.0 s", "9.9 s", "10 s", "59 s", "1 min 00 s", "1 h 00 min", "2 h 07 min"]
    );
}

#[test]
fn nonsense_times_are_zero() {
    assert_eq!([-1.0, f64::NAN, f64::INFINITY].map(milliseconds), ["0 ms", "0 ms", "0 ms"]);
}

#[test]
fn counts_are_grouped_by_thousands() {
    assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    assert_eq!([counted(1, "answer"), counted(0, "answer")], ["1 answer", "0 answers"]);
}
