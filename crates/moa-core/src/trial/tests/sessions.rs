//! Sessions at Python's prompt, and assertions.

use super::*;

fn shown(source: &str, text: &str) -> Example {
    Example { setup: String::new(), source: source.to_owned(), expected: Expected::Shown(text.to_owned()) }
}

#[test]
fn sessions_in_the_text_of_a_function_are_read() {
    let prompt = "Complete this:\n\n```python\ndef f(x, y=0):\n    \"\"\" Doubles.\n    >>> f(2)\n    4\n    >>> f('a',\n    ...   y=1)\n    'aa'\n\n    >>> f([1])\n    [1, 1]\"\"\"\n```\n";
    assert_eq!(
        found(prompt),
        [shown("f(2)", "4"), shown("f('a',\n  y=1)", "'aa'"), shown("f([1])", "[1, 1]")]
    );
}

#[test]
fn what_is_shown_ends_with_the_text_around_it() {
    assert_eq!(found(">>> f(1)\n1\n```\nprose"), [shown("f(1)", "1")]);
    assert_eq!(found("  >>> f(1)\n  a\n    b\n  <BLANKLINE>\n  c\nprose"), [shown("f(1)", "a\n  b\n\nc")]);
    assert_eq!(found(">>>f(1)\n1"), [shown("f(1)", "1")]);
    let error =
        found(">>> f(-1)\nTraceback (most recent call last):\n    ...\nmodule.ValueError: too small\n");
    assert_eq!(error[0].expected, Expected::Error("ValueError".to_owned()));
}

#[test]
fn statements_that_show_nothing_prepare_the_next_example() {
    let examples = found(">>> from nowhere import f\n>>> x = 3\n>>> f(x)\n6\n>>> f(1)\n2\n");
    assert_eq!(examples[0].setup, "from nowhere import f\nx = 3\n");
    assert_eq!((examples.len(), examples[1].setup.as_str()), (2, ""));
    // Some prompts say on the same line what comes of it.
    assert_eq!(values(">>> f(2) == 4\n>>> f(3) # => 6\n"), [pair("f(2)", "4"), pair("f(3)", "6")]);
}

#[test]
fn assertions_are_read_as_what_they_say() {
    assert_eq!(
        values(
            "Your code should pass:\nassert f([1, 2], 'a') == [1, 'a)'] # so\nassert f(0)==None, \"no\"\n"
        ),
        [pair("f([1, 2], 'a')", "[1, 'a)']"), pair("f(0)", "None")]
    );
    let examples = found(
        "assert abs(f(2) - 4) < 1e-6\nassert f(\n    3\n) == [\n    6\n]\nassertion f(2) == 9 of old\n",
    );
    assert_eq!(examples[0].source, "assert abs(f(2) - 4) < 1e-6");
    assert_eq!(examples[0].expected, Expected::Success);
    assert_eq!(examples[1].source, "f(\n3\n)");
    assert_eq!(examples.len(), 2, "{examples:?}");
    assert_eq!(values("assert f(2) => 4"), [pair("f(2)", "4")]);
    // What is not compared with a literal is left to Python.
    for statement in ["assert f(2) == 4 and f(3) == 6", "assert f(2) == f(3) - 2", "assert not f(2)"] {
        let examples = found(statement);
        assert_eq!((examples[0].source.as_str(), &examples[0].expected), (statement, &Expected::Success));
    }
}

#[test]
fn the_same_example_counts_once() {
    assert_eq!(found(">>> f(1)\n1\n\n>>> f(1)\n1\n\nassert f(2) == 1\nf(2) == 1").len(), 2);
}
