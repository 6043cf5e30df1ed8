//! Examples in prose.

use super::*;

#[test]
fn what_can_be_read_in_one_way_is_an_example() {
    for line in [
        "f(2) == 4",
        "    f(2) => 4",
        "f(2) ==> 4",
        "For example, f(2) returns 4.",
        "For example: f(2) should return 4",
        "- `f(2)` returns `4`",
        "1. `f(2) == 4`.",
        "* f(2) -> 4  # doubled",
        "f(2) ➞ 4",
        "f(2) = 4;",
        "for f(2) # => 4",
        "(such as f(2) == 4).",
    ] {
        assert_eq!(values(line), [pair("f(2)", "4")], "{line}");
    }
    assert_eq!(
        values("f([1, -2.5, {'a': None}], \"x)\") == (True, 'it\\'s')"),
        [pair("f([1, -2.5, {'a': None}], \"x)\")", "(True, 'it\\'s')")]
    );
    assert_eq!(
        values("f(1) == 2, f(2) == 4 and f(3) == 6."),
        [pair("f(1)", "2"), pair("f(2)", "4"), pair("f(3)", "6")]
    );
    assert_eq!(
        values("def digits(n):\n    # digits(12) == \"twelve\"\n"),
        [pair("digits(12)", "\"twelve\"")]
    );
}

#[test]
fn what_would_have_to_be_guessed_is_none() {
    for line in [
        "g(2) == 4",
        "self.f(2) == 4",
        "x = f(2) == 4",
        "return f(2) == 4",
        "if f(2) == 4:",
        "print(f(2)) == 4",
        "1 + f(2) == 4",
        "f(2) == 4 + x",
        "f(2) == 4, 5",
        "f(2) == 4 elements",
        "f(2) == 4 if so",
        "f(2) === 4",
        "f(2) >= 4",
        "f(2) != 4",
        "f(2) == four",
        "f(2) == 4th",
        "f(x) returns True.",
        "f(n) = 0",
        "f(2) should not be 4",
        "It is wrong that f(2) == 4",
        "f(2) is 4 or so",
        "f(2",
        "f(2) == [1, 2",
        "f(2) == [x, 2]",
        "f(2) == \"open",
        "f(2) == \"\"\"4\"\"\"",
        "def f(x=2) -> None:",
    ] {
        assert_eq!(found(line), [], "{line}");
    }
}
