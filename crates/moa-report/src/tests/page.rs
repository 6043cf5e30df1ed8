//! The page: what it says of what is missing, and that nobody's text becomes markup.

use moa_eval::exact::Scores;

use super::fixture::{alpaca_file, answer, answers, empty, mixture, mt_bench};
use crate::{AlpacaInput, Input, report};

/// Texts that try to leave their place.
const HOSTILE: [&str; 6] = [
    "</pre></div></section><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "<!--<style>*{display:none}</style>",
    "&lt;script&gt;&#60;script&#62;\u{0}\u{1b}[31m\u{202e}]]>",
    "</title></style><iframe src=//example.org></iframe><a href=javascript:alert(1)>x</a>",
];

/// Everything that the page itself may consist of.
const TAGS: [&str; 40] = [
    "!DOCTYPE",
    "a",
    "body",
    "circle",
    "code",
    "details",
    "div",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "head",
    "header",
    "html",
    "li",
    "line",
    "main",
    "meta",
    "nav",
    "p",
    "path",
    "polygon",
    "pre",
    "rect",
    "section",
    "span",
    "strong",
    "style",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
];

/// The tags of a page with their attributes, as a parser that knows no raw text finds them.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag).collect()
}

/// The attributes of a tag; all values are quoted.
fn attributes(tag: &str) -> Vec<(&str, &str)> {
    let (_, mut rest) = tag.split_once([' ', '\n']).unwrap_or_default();
    let mut found = Vec::new();
    while let Some((name, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"').unwrap_or((after, ""));
        found.push((name.trim().rsplit([' ', '\n']).next().unwrap_or_default(), value));
        rest = after;
    }
    found
}

fn hostile() -> Input<'static> {
    let [first, second, third, fourth, fifth, sixth] = HOSTILE;
    let mut input = mixture("+-+-", "-+-+", &[&[("a", "++++"), ("b", "----")]]);
    input.title = sixth.to_owned();
    input.remarks = vec![first.to_owned()];
    for set in &mut input.answers {
        for item in &mut set.items {
            item.turns = vec![answer(first, &[&[(second, third), (fifth, first)], &[(third, sixth)]])];
        }
        set.contender = format!("{}{second}", set.contender);
    }
    for scores in &mut input.exact {
        scores.contender = format!("{}{second}", scores.contender);
        for item in &mut scores.items {
            (item.question, item.expected) = (fourth.to_owned(), Some(sixth.to_owned()));
            (item.extracted, item.detail) = (Some(third.to_owned()), Some(first.to_owned()));
            for proposal in item.layers.iter_mut().flatten() {
                proposal.agent = sixth.to_owned();
            }
        }
    }
    let exact: Vec<Scores> =
        input.exact.iter().map(|of| Scores { benchmark: fourth.to_owned(), ..of.clone() }).collect();
    input.exact.extend(exact);
    let mut judged = mt_bench([5.0, 6.0, 7.0, 8.0], None);
    for judgment in &mut judged.judgments {
        (judgment.model, judgment.judgment) = (sixth.to_owned(), first.to_owned());
        (judgment.judge.0, judgment.note) = (fifth.to_owned(), Some(third.to_owned()));
    }
    for question in &mut judged.questions {
        (question.category, question.turns) = (second.to_owned(), vec![third.to_owned()]);
    }
    input.mt_bench = judged;
    let mut file = alpaca_file(third, &[1.9, 1.1, 1.6], Some(first));
    for row in &mut file.annotations {
        (row.annotator, row.output_2) = (fourth.to_owned(), sixth.to_owned());
    }
    input.answers.push(answers(
        "alpaca-eval",
        third,
        vec![("Do 0.".to_owned(), answer(sixth, &[&[(first, second)]]))],
    ));
    input.alpaca = AlpacaInput { files: vec![file], ..AlpacaInput::default() };
    input
}

#[test]
fn nothing_that_a_model_wrote_becomes_markup() {
    let report = report(&hostile());
    let found = tags(&report.html);
    assert!(found.len() > 500, "the page is there");
    for tag in found {
        let name = tag.split([' ', '\n', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        assert!(TAGS.contains(&name), "<{tag}>");
        // Of the page's own tags none has a handler, fetches anything or leads anywhere but within it.
        for (attribute, value) in attributes(tag) {
            assert!(!attribute.starts_with("on"), "<{tag}>");
            assert!(!["src", "xlink:href", "srcset", "action", "data"].contains(&attribute), "<{tag}>");
            assert!(attribute != "href" || value.starts_with('#'), "<{tag}>");
        }
    }
    for text in ["<script", "<img", "<iframe", "<svg/"] {
        assert!(!report.html.contains(text), "{text}");
    }
    // What was written is there to be read, as text.
    assert!(report.html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_eq!(report.html.matches("<style>").count(), 1);
    assert!(report.html.contains("default-src 'none'"), "and if it were, nothing would run");
}

#[test]
fn a_report_of_nothing_says_of_each_benchmark_that_it_was_not_run() {
    let report = report(&empty());
    for text in [
        "AlpacaEval 2.0 was not run",
        "MT-Bench was not run",
        "FLASK was not run",
        "No task whose answers are right or wrong was run",
        "No contender in these results is a mixture",
        "no contender&#39;s layers are kept",
    ] {
        let text = text.replace("&#39;", "'");
        assert!(report.html.contains(&text), "{text}");
    }
    // Published numbers stand there all the same, with their source.
    for text in ["MoA w/ GPT-4o", "65.7", "9.40", "better than GPT-4 Omni", "arXiv:2406.04692", "堅牢性"] {
        assert!(report.html.contains(text), "{text}");
    }
}

#[test]
fn long_texts_are_cut_and_the_page_says_by_how_much() {
    let mut input = mixture("+-", "-+", &[&[("a", "++")]]);
    input.answers[0].items[0].turns[0].text = "語".repeat(2_500);
    let html = report(&input).html;
    assert!(html.contains(&format!("{}…", "語".repeat(2_000))) && html.contains("500 more characters"));
    assert!(!html.contains(&"語".repeat(2_001)));
}

#[test]
fn the_same_input_gives_the_same_page() {
    assert_eq!(report(&hostile()).html, report(&hostile()).html);
}
