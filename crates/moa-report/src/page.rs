//! The page: one file, no script, nothing that is fetched.

use std::fmt::Write as _;

use crate::chart::escape;
use crate::figure::{Figure, figures};
use crate::report::{Contender, Item, Measured, Report};

const STYLE: &str = include_str!("page.css");

/// The report as a page in one file.
#[must_use]
pub fn html(report: &Report) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n<p class=\"soft\">{made}</p>\n",
        title = escape(&report.title),
        made = escape(&report.made_at),
    );
    for note in notes(report) {
        let _ = writeln!(page, "<p class=\"note\">{}</p>", escape(&note));
    }
    overview(&mut page, report);
    for figure in figures(report) {
        section(&mut page, &figure, report);
    }
    items(&mut page, report);
    page.push_str("</body></html>\n");
    page
}

/// What has to be known before any number is believed: each once.
fn notes(report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    let judged = report.contenders.iter().flat_map(measured);
    let of_judges = judged.filter_map(|measured| Some(format!("{}: {}", measured.judge, measured.note.as_ref()?)));
    for note in of_judges.chain(report.warnings.iter().cloned()) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

fn measured(contender: &Contender) -> impl Iterator<Item = &Measured> {
    let alpaca = contender.alpaca.iter().flat_map(|of| of.length_controlled.iter().chain([&of.win_rate]));
    let mt_bench = contender.mt_bench.iter().map(|of| &of.average);
    let flask = contender.flask.iter().flat_map(|of| of.skills.iter().map(|(_, measured)| measured));
    alpaca.chain(mt_bench).chain(flask)
}

/// A number with its interval.
fn cell(measured: Option<&Measured>) -> String {
    let Some(measured) = measured else { return "<td>–</td>".to_owned() };
    let interval = measured.interval.map(|[low, high]| format!("{low:.2} to {high:.2}, ")).unwrap_or_default();
    format!("<td>{:.2}<br><span class=\"soft\">{interval}n = {}</span></td>", measured.value, measured.n)
}

fn overview(page: &mut String, report: &Report) {
    if report.contenders.is_empty() {
        return;
    }
    page.push_str(
        "<h2>All in one table</h2>\n<div class=\"scroll\"><table><thead><tr><th>contender</th><th>AlpacaEval 2.0, length-controlled</th>\
         <th>AlpacaEval 2.0, win rate</th><th>MT-Bench</th><th>FLASK, mean of skills</th><th>characters</th><th>tokens</th><th>seconds</th>\
         <th>US dollars</th><th class=\"text\">judge</th></tr></thead><tbody>\n",
    );
    for contender in &report.contenders {
        let alpaca = contender.alpaca.as_ref();
        let skills = contender.flask.as_ref().map(|flask| flask.skills.as_slice()).unwrap_or_default();
        let number = |value: Option<f64>, decimals: usize| match value {
            Some(value) => format!("<td>{value:.decimals$}</td>"),
            None => "<td>–</td>".to_owned(),
        };
        let mut judges: Vec<&str> = measured(contender).map(|measured| measured.judge.as_str()).collect();
        judges.sort_unstable();
        judges.dedup();
        let kind = if contender.is_mixture { " <span class=\"soft\">mixture</span>" } else { "" };
        let _ = writeln!(
            page,
            "<tr><td>{}{kind}</td>{}{}{}{}{}{}{}{}<td class=\"text\">{}</td></tr>",
            escape(&contender.name),
            cell(alpaca.and_then(|alpaca| alpaca.length_controlled.as_ref())),
            cell(alpaca.map(|alpaca| &alpaca.win_rate)),
            cell(contender.mt_bench.as_ref().map(|of| &of.average)),
            number(mean(skills.iter().map(|(_, measured)| measured.value)), 2),
            number(contender.work.map(|work| work.mean_length), 0),
            number(contender.work.map(|work| work.tokens), 0),
            number(contender.work.map(|work| work.seconds), 1),
            number(contender.work.and_then(|work| work.cost_usd), 5),
            escape(&judges.join(", "))
        );
    }
    page.push_str(
        "</tbody></table></div>\n<p class=\"soft\">Characters, tokens (those of proposals included), seconds and dollars are means over \
         answers; answers were made several at a time, so that seconds compare contenders of one run and nothing else.</p>\n",
    );
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    let count = f64::from(u32::try_from(values.len()).unwrap_or(u32::MAX));
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / count)
}

fn section(page: &mut String, figure: &Figure, report: &Report) {
    let _ = writeln!(
        page,
        "<h2 id=\"{}\">{}</h2>\n<figure>{}<figcaption>{}</figcaption></figure>",
        figure.name,
        escape(&figure.title),
        figure.for_page(),
        escape(&figure.caption)
    );
    if figure.name == "flask" {
        skills(page, report);
    }
}

fn skills(page: &mut String, report: &Report) {
    let flask: Vec<_> =
        report.contenders.iter().filter_map(|contender| Some((contender, contender.flask.as_ref()?))).collect();
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in flask.iter().flat_map(|(_, of)| &of.skills) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    page.push_str("<div class=\"scroll\"><table><thead><tr><th>skill</th>");
    for (contender, _) in &flask {
        let _ = write!(page, "<th>{}</th>", escape(&contender.name));
    }
    page.push_str("</tr></thead><tbody>\n");
    for name in names {
        let _ = write!(page, "<tr><td>{}</td>", escape(name));
        for (_, of) in &flask {
            page.push_str(&cell(of.skills.iter().find(|(skill, _)| skill == name).map(|(_, measured)| measured)));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table></div>\n");
}

fn items(page: &mut String, report: &Report) {
    if report.items.is_empty() {
        return;
    }
    page.push_str("<h2>Best and worst answers</h2>\n");
    for item in &report.items {
        write_item(page, item);
    }
}

fn write_item(page: &mut String, item: &Item) {
    let class = if item.is_good { "good" } else { "bad" };
    let _ = write!(
        page,
        "<div class=\"item\"><p><strong class=\"{class}\">{}</strong> {}, {}</p><pre>{}</pre><div class=\"pair\">{}",
        escape(&item.score),
        escape(&item.benchmark),
        escape(&item.contender),
        escape(&item.question),
        text(&item.contender, &item.answer)
    );
    if let Some((name, other)) = &item.other {
        page.push_str(&text(name, other));
    }
    page.push_str("</div>");
    if !item.judgment.is_empty() {
        let _ = write!(page, "<details><summary>what the judge wrote</summary><pre>{}</pre></details>", escape(&item.judgment));
    }
    for (number, layer) in item.layers.iter().enumerate() {
        let _ = write!(page, "<details><summary>layer {}: {} proposals</summary><div class=\"pair\">", number + 1, layer.len());
        for proposal in layer {
            page.push_str(&text(&proposal.agent, &proposal.text));
        }
        page.push_str("</div></details>");
    }
    page.push_str("</div>\n");
}

fn text(name: &str, text: &str) -> String {
    format!("<div><span class=\"soft\">{}</span><pre>{}</pre></div>", escape(name), escape(text))
}
