use proptest::prelude::*;

use super::*;

#[test]
fn fields_are_filled_in_one_pass() {
    let filled = fill("test", "{a}{{{b}}} {a}", &[("a", "{b}"), ("b", "}"), ("c", "unused")]).unwrap();
    assert_eq!(filled, "{b}{}} {b}");
}

#[test]
fn what_python_refuses_is_refused() {
    for template in ["{", "}", "{a", "{a}}", "{missing}", "{}", "{a!r}", "a}b"] {
        assert!(fill("test", template, &[("a", "1")]).is_err(), "{template}");
    }
}

proptest! {
    #[test]
    fn any_template_is_filled_or_refused(template in "[{}a]*|.*") {
        let _ = fill("test", &template, &[("a", "1")]);
    }
}
