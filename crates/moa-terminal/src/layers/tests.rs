use moa_core::{CallStatus, LayerRole};

use super::*;
use crate::testing::{Story, id, short_run};
use crate::text::width;

/// Three layers with a long answer, a Japanese one, a lost and a partial one.
fn long_run() -> Story {
    const AGENTS: [&str; 3] = ["smollm2-135m", "qwen2.5-0.5b", "qwen2.5-1.5b"];
    let long = "Every value has one owner, and the owner decides how long it lives. ".repeat(9);
    let mut story = Story::default();
    story
        .start(&AGENTS, 3)
        .layer(1, LayerRole::Proposers, &AGENTS)
        .says(id(1, 1), &[&long])
        .ends(id(1, 1), CallStatus::Ok, None)
        .ends(
            id(1, 2),
            CallStatus::Dropped,
            Some("agent 'qwen2.5-0.5b' was not done within its deadline of 60s"),
        )
        .says(id(1, 3), &["所有権とは、値ごとに一つの所有者を決める仕組みです。🦀"])
        .ends(id(1, 3), CallStatus::Ok, None)
        .layer_ends(1, 2, 1)
        .layer(2, LayerRole::Proposers, &AGENTS)
        .says(id(2, 1), &["Every value has one owner."])
        .ends(id(2, 1), CallStatus::Partial, Some("the layer's deadline passed"))
        .says(id(2, 2), &["**Ownership**:\n\n- one owner\n- many readers\n"])
        .ends(id(2, 2), CallStatus::Ok, None)
        .says(id(2, 3), &["所有権とは、値の仕組みです。"])
        .ends(id(2, 3), CallStatus::Ok, None)
        .layer_ends(2, 3, 0)
        .layer(3, LayerRole::Aggregator, &AGENTS[2..])
        .says(id(3, 1), &["# Ownership\n\nA value has one owner."])
        .ends(id(3, 1), CallStatus::Ok, None)
        .layer_ends(3, 1, 0)
        .run_ends("# Ownership\n\nA value has one owner.");
    story
}

#[test]
fn a_wide_terminal_gets_a_table() {
    insta::assert_snapshot!(layers_table(&long_run().trace(), 110, false));
}

#[test]
fn a_narrow_terminal_gets_a_list() {
    insta::assert_snapshot!(layers_table(&long_run().trace(), 40, false));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for columns in [20, 40, 69, 70, 80, 110, 200] {
        let table = layers_table(&long_run().trace(), columns, false);
        for line in table.lines() {
            assert!(width(line) <= columns.into(), "{line:?} is wider than {columns}");
        }
    }
}

#[test]
fn a_run_that_was_broken_off_has_a_table_too() {
    let run = short_run();
    let trace = Trace::of(&run.events[..6]);
    assert!(layers_table(&trace, 80, false).contains("not finished"));
    assert_eq!(layers_table(&Trace::default(), 80, true), "");
}

#[test]
fn answers_of_one_agent_have_headings_and_whole_texts() {
    let trace = short_run().trace();
    assert_eq!(
        answers_by_layer(&trace, Some("qwen2.5"), None, false),
        "── layer 1 · qwen2.5 ── ✗ failed: the model ran out of memory\nHalf an\n\n\
         ── layer 2 · qwen2.5 ──\n# Why\n\nBecause **light** is scattered.\n\nThe end.\n"
    );
    assert_eq!(answers_by_layer(&trace, Some("nobody"), None, false), "");
}

#[test]
fn no_model_can_steer_the_terminal_from_inside_the_table() {
    const EVIL: &str = "evil\u{1b}[2J\u{202e}";
    let mut story = Story::default();
    story.start(&[EVIL], 2).layer(1, LayerRole::Proposers, &[EVIL]).says(id(1, 1), &[EVIL]).ends(
        id(1, 1),
        CallStatus::Partial,
        Some(EVIL),
    );
    let trace = story.trace();
    for shown in [
        layers_table(&trace, 100, false),
        layers_table(&trace, 40, false),
        answers_by_layer(&trace, None, None, false),
        answers_by_layer(&trace, None, Some(80), false),
    ] {
        assert!(shown.contains("evil"));
        assert!(shown.chars().all(|c| c == '\n' || (!c.is_control() && c != '\u{202e}')), "{shown:?}");
    }
}
