//! What a prompt gives of the program, and the programs of answers.

use super::*;

const GIVEN: &str = "Complete this function.\n\n```python\nfrom math import pi\n\ndef helper(x):\n    return x\n\ndef f(x):\n    \"\"\" Twice. \"\"\"\n```\n";

fn program(prompt: &str, answer: &str) -> Option<String> {
    Start::of(prompt).program(answer).map(|code| code.program)
}

#[test]
fn an_answer_to_a_given_function_is_put_behind_what_it_needs() {
    let answer = "Here:\n```python\ndef f(x):\n    return helper(x) * 2\n```\n";
    let whole = program(GIVEN, answer).unwrap();
    assert!(whole.starts_with("from math import pi\n\ndef helper"), "{whole}");
    assert!(whole.ends_with("    return helper(x) * 2\n"));
    let body = program(GIVEN, "    return 2 * x\n").unwrap();
    assert!(body.ends_with("\"\"\" Twice. \"\"\"\n    return 2 * x\n"), "{body}");
    let bare = "def f(x):\n    \"\"\" Twice. \"\"\"\n";
    assert_eq!(program(bare, answer).unwrap(), "def f(x):\n    return helper(x) * 2\n");
}

#[test]
fn without_a_given_function_the_last_whole_definition_is_the_program() {
    let asked = "Write a function.\nassert f(2) == 4";
    let answer = "```python\ndef f(x):\n    return x\n```\nBetter:\n```python\ndef f(x):\n    return 2 * x\n```\nUse it:\n```python\nprint(f(1))\n```";
    assert_eq!(program(asked, answer).unwrap(), "def f(x):\n    return 2 * x\n");
    assert_eq!(program(asked, "def f(x):\n    return x\nThat is all.").unwrap(), "def f(x):\n    return x\n");
    for none in ["The answer is 4.", "```javascript\nclass A {}\n```", "```python\nprint(4)\n```", ""] {
        assert_eq!(program(asked, none), None, "{none}");
    }
    assert!(Start::of(asked).program("```python\ndef f(x):\n    return").unwrap().is_cut_off);
}
