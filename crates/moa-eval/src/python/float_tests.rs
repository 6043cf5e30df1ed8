use proptest::prelude::*;

use super::*;

#[test]
fn floats_are_printed_as_python_prints_them() {
    let cases = [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (3.0, "3.0"),
        (3.116_279_069_767_442, "3.116279069767442"),
        (0.0001, "0.0001"),
        (0.000_01, "1e-05"),
        (1.5e-7, "1.5e-07"),
        (1e15, "1000000000000000.0"),
        (1e16, "1e+16"),
        (1.234_567e20, "1.234567e+20"),
        (5e-324, "5e-324"),
        (f64::MAX, "1.7976931348623157e+308"),
        (f64::NAN, "nan"),
        (f64::NEG_INFINITY, "-inf"),
    ];
    for (value, text) in cases {
        assert_eq!(repr(value), text);
    }
}

#[test]
fn texts_are_numbers_where_python_says_so() {
    for (text, value) in [
        (" 4 ", 4.0),
        ("+4.", 4.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1_0.2_5", 10.25),
        ("-inf", f64::NEG_INFINITY),
    ] {
        assert_eq!(parse(text), Some(value), "{text}");
    }
    assert!(parse("NaN").unwrap().is_nan());
    for text in ["", "4/5", "n/a", "_1", "1_", "1__0", "1_.5", "0x1f", "1e", "4 5", "--1"] {
        assert_eq!(parse(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(value: f64) {
        let read = parse(&repr(value)).unwrap();
        prop_assert!(read.to_bits() == value.to_bits() || read.is_nan() && value.is_nan());
    }
}
