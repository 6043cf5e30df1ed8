mod hostile;
mod inlines;
mod sessions;
mod starts;

use std::collections::BTreeSet;

use super::*;

/// The examples that a prompt gives of the functions that it defines, and of `f`.
fn found(prompt: &str) -> Vec<Example> {
    let names: BTreeSet<String> = functions(prompt).chain(["f"]).map(str::to_owned).collect();
    examples(prompt, &names)
}

/// Of each example what is tried, and the value that it must have.
fn values(prompt: &str) -> Vec<(String, String)> {
    let of = |example: Example| match example.expected {
        Expected::Value(value) => (example.source, value),
        other => panic!("{other:?} of {:?}", example.source),
    };
    found(prompt).into_iter().map(of).collect()
}

fn pair(source: &str, value: &str) -> (String, String) {
    (source.to_owned(), value.to_owned())
}
