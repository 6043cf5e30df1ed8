//! Items side by side: what was asked, each layer's proposals, the answer, what another contender said, what the judge thought.

use maud::{Markup, html};

use crate::examples::{Example, ExampleTurn, Examples};
use crate::findings::Findings;

/// The most characters of a text that are shown.
const MOST_CHARACTERS: usize = 2_000;

pub(super) fn section(findings: &Findings) -> Markup {
    html! {
        section id="items" {
            h2 { "Best and worst items" }
            @if findings.examples.is_empty() {
                p { "Nothing can be shown: no mixture's answers are kept in these results together with a score." }
            } @else {
                p { "The items on which a mixture does best and worst beside the contender that it is laid beside; where nothing sets them apart, by its own score. Long texts are cut; they are whole in the journals." }
            }
            @for of in &findings.examples { (mixture(of)) }
        }
    }
}

fn mixture(of: &Examples) -> Markup {
    html! {
        h3 { (of.label) ": " (of.contender) @if let Some(base) = &of.base { " beside " (base) } }
        @for (name, items) in [("best", &of.best), ("worst", &of.worst)] {
            @for (place, item) in items.iter().enumerate() {
                details.item open {
                    summary { "The " (name) @if items.len() > 1 { ", " (place + 1) " of " (items.len()) } ": " (heading(of, item)) }
                    (body(of, item))
                }
            }
        }
    }
}

fn heading(of: &Examples, item: &Example) -> String {
    let name = if item.item.chars().count() > 60 { "the item below" } else { item.item.as_str() };
    let score = |value: f64| format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').to_owned();
    match (&of.base, item.base_score) {
        (Some(base), Some(base_score)) => {
            format!("{name}, {} scores {}, {base} {}", of.contender, score(item.score), score(base_score))
        }
        _ => format!("{name}, {} scores {}", of.contender, score(item.score)),
    }
}

fn body(of: &Examples, item: &Example) -> Markup {
    html! {
        @for (place, turn) in item.turns.iter().enumerate() {
            @if let Some(question) = item.question.get(place) { (text("Question", question)) }
            (turn_markup(of, turn))
        }
        @if let Some(expected) = item.expected.as_ref().filter(|text| !text.is_empty()) { (text("Reference answer", expected)) }
        @for judgment in item.judgment.iter().filter(|text| !text.is_empty()) { (text("Judgment", judgment)) }
    }
}

fn turn_markup(of: &Examples, turn: &ExampleTurn) -> Markup {
    html! {
        @for (layer, proposals) in turn.layers.iter().enumerate() {
            p.layer { "Layer " (layer + 1) }
            div.beside { @for (agent, proposal) in proposals { (text(agent, proposal)) } }
        }
        p.layer { "Answers" }
        div.beside {
            (text(&of.contender, &turn.answer))
            @if let (Some(base), Some(answer)) = (&of.base, &turn.base_answer) { (text(base, answer)) }
        }
    }
}

/// A text under its speaker's name.
fn text(name: &str, content: &str) -> Markup {
    let length = content.chars().count();
    let shown: String = content.chars().take(MOST_CHARACTERS).collect();
    html! {
        div.text {
            strong { (name) }
            @if content.trim().is_empty() {
                p.muted { "(nothing)" }
            } @else {
                pre dir="auto" { (shown) @if length > MOST_CHARACTERS { "…" } }
                @if length > MOST_CHARACTERS { p.muted { (length - MOST_CHARACTERS) " more characters" } }
            }
        }
    }
}
