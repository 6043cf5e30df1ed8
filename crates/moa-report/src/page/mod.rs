//! The page: one file without scripts, which can be read offline, on paper, on a light and on a dark screen.

mod examples;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::chart::colour::{page_rules, properties};
use crate::figure::{Figure, Section};
use crate::findings::Findings;
use crate::input::Input;

const STYLE: &str = include_str!("style.css");

/// Nothing but what is in the file: no script runs, whatever a model wrote, and nothing is fetched.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The whole page.
pub(crate) fn page(input: &Input<'_>, findings: &Findings, sections: &[Section]) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(&input.title))
            body {
                header {
                    h1 { (input.title) }
                    p.muted { "Made " (input.made_at) " by moa eval report. Measured figures stand in colour, published ones in grey." }
                }
                nav aria-label="Contents" {
                    @for section in sections { a href={ "#" (section.id) } { (section.heading) } }
                    a href="#items" { "Best and worst items" }
                    a href="#sources" { "Sources" }
                }
                main {
                    @for section in sections { (section_markup(section)) }
                    (examples::section(findings))
                    (sources(findings))
                }
            }
        }
    }
    .into_string()
}

/// A page of sections and nothing else; `intro` stands under the heading.
pub(crate) fn plain_page(title: &str, intro: &[String], sections: &[Section]) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(title))
            body {
                header {
                    h1 { (title) }
                    @for paragraph in intro { p.muted { (prose(paragraph)) } }
                }
                nav aria-label="Contents" { @for section in sections { a href={ "#" (section.id) } { (section.heading) } } }
                main { @for section in sections { (section_markup(section)) } }
            }
        }
    }
    .into_string()
}

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(POLICY);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) }
            style { (PreEscaped(style())) }
        }
    }
}

fn style() -> String {
    let (light, dark, rules) = (properties(false), properties(true), page_rules());
    format!(
        ":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}@media print{{:root{{{light}}}}}\n{rules}\n{STYLE}"
    )
}

fn section_markup(section: &Section) -> Markup {
    html! {
        section id=(section.id) {
            h2 { (section.heading) }
            @for paragraph in &section.text { p { (prose(paragraph)) } }
            @for figure in &section.figures { (figure_markup(figure)) }
        }
    }
}

/// A text in which commands stand between backticks.
fn prose(text: &str) -> Markup {
    html! {
        @for (place, part) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn figure_markup(figure: &Figure) -> Markup {
    let is_empty = figure.svg.is_none() && figure.sheet.rows.is_empty();
    html! {
        @if !is_empty {
            figure id=(figure.name) {
                h3 { (figure.title) }
                @if let Some(svg) = &figure.svg { div.drawing { (PreEscaped(svg)) } }
                figcaption { @for sentence in &figure.caption { p { (prose(sentence)) } } }
                @if figure.svg.is_some() {
                    details open { summary { "The numbers" } (figure.sheet.table()) }
                } @else {
                    (figure.sheet.table())
                }
            }
        }
    }
}

fn sources(findings: &Findings) -> Markup {
    html! {
        section id="sources" {
            h2 { "Sources" }
            p {
                "Scores follow the benchmarks' own tools: AlpacaEval 2.0 (alpaca-eval 0.6.6; Dubois et al., arXiv:2404.04475), MT-Bench (FastChat; Zheng et al., arXiv:2306.05685), FLASK (Ye et al., arXiv:2307.10928). Published numbers and figures 2 to 4: Wang et al., \"Mixture-of-Agents Enhances Large Language Model Capabilities\", arXiv:2406.04692, as the article shows them."
            }
            @if !findings.boards.is_empty() {
                p { "Judges: a judge that is not the benchmark's official one is named with a note wherever its scores stand, and its scores are no substitute for the official ones." }
            }
            @if !findings.remarks.is_empty() {
                ul { @for remark in &findings.remarks { li { (remark) } } }
            }
        }
    }
}
