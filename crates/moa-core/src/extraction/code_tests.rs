use proptest::prelude::*;

use super::{Code, program};

const PROMPT: &str = "from typing import List\n\n\ndef helper(x):\n    return x\n\ndef f(x: int) -> int:\n    \"\"\" Doubles.\n    >>> f(2)\n    4\n    \"\"\"\n";

fn found(answer: &str) -> Code {
    program(answer, PROMPT, "f").unwrap_or_else(|| panic!("nothing in {answer:?}"))
}

fn text(answer: &str) -> String {
    found(answer).program
}

#[test]
fn a_fence_that_defines_the_function_is_taken() {
    let answer = "Sure! Here it is:\n\n```python\ndef f(x):\n    return 2 * x\n```\n\nUse it so:\n\n```python\nprint(f(2))\n```\n";
    assert!(text(answer).ends_with("def f(x):\n    return 2 * x\n"));
    assert!(
        text(answer).starts_with("from typing import List\n\n\ndef helper(x):"),
        "what the prompt has before it comes first"
    );
    assert!(!found(answer).is_cut_off);
}

#[test]
fn of_several_the_last_whole_one_is_taken() {
    let answer = "```py\ndef f(x):\n    return x\n```\nBetter:\n~~~\ndef f(x):\n    return x + x\n~~~\nOr even:\n```python\ndef f(x):\n    return x <";
    assert!(text(answer).ends_with("return x + x\n"));
}

#[test]
fn a_fence_that_is_never_closed_is_cut_off() {
    let answer = "```python\ndef f(x):\n    return 2 * x\n\nprint(f(";
    assert!(found(answer).is_cut_off && text(answer).ends_with("print(f(\n"));
    // Nor is one behind which another one begins.
    assert!(found("```python\ndef f(x):\n    return 2\n```python\nf(1)\n```").is_cut_off);
}

#[test]
fn a_repeated_prompt_is_not_repeated_again() {
    let answer = format!("```python\n{PROMPT}    return 2 * x\n```");
    assert_eq!(text(&answer).matches("def helper").count(), 1);
    assert_eq!(text(&answer).matches("def f(").count(), 1);
}

#[test]
fn a_body_follows_the_prompt() {
    let expected = format!("{PROMPT}    return 2 * x\n");
    assert_eq!(text("```python\n    return 2 * x\n```"), expected);
    assert_eq!(text("```\nreturn 2 * x\n```"), expected, "without its indentation");
    assert_eq!(text("    return 2 * x\n"), expected);
    assert_eq!(text("\n\n    return 2 * x\n"), expected);
    let longer = format!("{PROMPT}    y = 2\n    return y * x");
    assert_eq!(text("y = 2\n    return y * x"), longer, "stripped");
    assert_eq!(text("return 2 * x") + "\n", expected);
}

#[test]
fn code_without_fences_ends_where_prose_begins() {
    let answer = "Here is the function:\n\nimport math\n\ndef f(x):\n    # twice\n    return 2 * x\n\nThis function doubles its argument.\nIt is fast.";
    assert!(
        text(answer).ends_with("import math\n\ndef f(x):\n    # twice\n    return 2 * x\n\n"),
        "{}",
        text(answer)
    );
    let answer = "def f(x):\n    return g(x)\n\nFACTOR = 2\n\ndef g(x):\n    return FACTOR * x\n\nprint(f(2))\nThe end.";
    assert!(text(answer).ends_with("print(f(2))\n"));
}

#[test]
fn an_indented_fence_of_a_list_counts() {
    let answer = "1. Write it:\n\n   ```python\n   def f(x):\n       return 2 * x\n   ```\n";
    assert!(text(answer).ends_with("\ndef f(x):\n    return 2 * x\n"));
}

#[test]
fn names_are_compared_whole() {
    let answer = "```\ndef f2(x):\n    return 1\n```\n```\ndef f (x):\n    return 2\n```\n```\nclass A:\n    def f(x):\n        return 3\n```";
    assert!(text(answer).ends_with("return 2\n"));
}

#[test]
fn prose_is_no_code() {
    for answer in ["", "I cannot do that.", "The function f(x) returns 2 * x.", "```\n```", "\n\n"] {
        assert_eq!(program(answer, PROMPT, "f"), None, "{answer:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read(answer in r"(```|~~~|python|def f\(x\):|\n|    |return|import|.)*", prompt in any::<String>(), name in any::<String>()) {
        let _ = program(&answer, &prompt, &name);
    }
}
