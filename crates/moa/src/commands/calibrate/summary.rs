//! What came of a calibration, for a person at a terminal.

use std::fmt::Write as _;

use moa_eval::calibration::{Calibration, CandidateRow, Confirmed, Currency, Finding, Measurement, Share};

use super::Written;
use super::preset::cheaper_name;
use crate::commands::eval::columns::{Columns, csv as csv_text};
use crate::complaint::Complaint;

/// So many candidates are shown; all are on the page and in the JSON document.
const MOST_SHOWN: usize = 15;

/// All that a reader needs to decide, without the page.
pub(super) fn text(calibration: &Calibration, written: &Written) -> String {
    let mut text = String::new();
    let tasks: Vec<String> = calibration
        .tasks
        .iter()
        .map(|task| format!("{} ({} to search, {} to confirm)", task.task, task.search, task.confirmation))
        .collect();
    let _ = writeln!(text, "Measured on {}\n\nModels, on the items of the search", tasks.join(", "));
    let _ = writeln!(text, "{}", models(calibration));
    let _ = writeln!(text, "{}", mistakes(calibration));
    let shown = calibration.candidates.len().min(MOST_SHOWN);
    let _ = writeln!(
        text,
        "Candidates on the items of the search, {shown} of {}, the best first",
        calibration.candidates.len()
    );
    let _ = writeln!(text, "{}", candidates(calibration));
    if !calibration.finalists.is_empty() {
        let _ = writeln!(text, "Finalists on the other items, beside {} alone", calibration.best_single);
        let _ = writeln!(text, "{}", finalists(calibration));
    }
    for remark in &calibration.remarks {
        let _ = writeln!(text, "note: {remark}");
    }
    let _ = writeln!(text, "Recommended: {}\n  {}", calibration.recommended, calibration.reason);
    if let Some(cheaper) = &calibration.cheaper {
        let name = cheaper_name(&written.name);
        let _ = writeln!(text, "For less, as preset {name}: {}\n  {}", cheaper.name, cheaper.reason);
    }
    let _ = writeln!(
        text,
        "\n{}\n{}\n{}\nuse it: moa ask --config {} --preset {} \"...\"",
        written.preset.display(),
        written.page.display(),
        written.json.display(),
        written.preset.display(),
        written.name
    );
    text
}

fn models(calibration: &Calibration) -> Columns {
    let mut table = Columns::new([
        "model",
        "right, %",
        "95 %",
        "n",
        "samples right, %",
        "agree, %",
        "as aggregator, %",
        "n",
        "gain",
        "95 %",
    ]);
    for row in &calibration.models {
        let sampled = |of: fn(&moa_eval::calibration::SampledRow) -> Option<f64>| {
            let values: Vec<String> = row.sampled.iter().map(|sampled| percent(of(sampled))).collect();
            values.join(" / ")
        };
        table.row(vec![
            row.model.clone(),
            percent(Some(row.proposer.accuracy)),
            bounds(row.proposer),
            row.proposer.n.to_string(),
            sampled(|of| of.accuracy.map(|accuracy| accuracy.mean)),
            sampled(|of| of.agreement),
            percent(row.aggregator.map(|share| share.accuracy)),
            row.aggregator.map_or_else(dash, |share| share.n.to_string()),
            row.gain.map_or_else(dash, |gain| format!("{:+.1}", gain.mean * 100.0)),
            row.gain.map_or_else(dash, |gain| {
                format!("{:+.1} to {:+.1}", gain.interval.low * 100.0, gain.interval.high * 100.0)
            }),
        ]);
    }
    table
}

/// How far the models make the same mistakes.
fn mistakes(calibration: &Calibration) -> String {
    let mut text = String::new();
    for of in &calibration.correlations {
        let phi = of.phi.map_or_else(
            || "not known: one of them is always or never right".to_owned(),
            |phi| format!("{phi:+.2}"),
        );
        let _ = writeln!(
            text,
            "mistakes of {} and {}: phi {phi} (n {}, both wrong {})",
            of.one, of.other, of.n, of.both_wrong
        );
    }
    if let Some(effective) = calibration.effective_answers {
        let _ = writeln!(
            text,
            "{} answers are worth {effective:.1} that know nothing of each other",
            calibration.models.len()
        );
    }
    if let Some(any) = calibration.any_right.filter(|_| calibration.models.len() > 1) {
        let _ = writeln!(text, "at least one model is right: {} % of {}", percent(Some(any.accuracy)), any.n);
    }
    text
}

fn candidates(calibration: &Calibration) -> Columns {
    let unit = unit(calibration.currency);
    let mut table =
        Columns::new(["right, %", "95 %", "n", unit, "tokens written", "what became of it", "candidate"]);
    for row in calibration.candidates.iter().take(MOST_SHOWN) {
        let CandidateRow { name, search, fate, .. } = row;
        table.row(vec![
            percent(search.map(|of| of.accuracy.accuracy)),
            search.map_or_else(dash, |of| bounds(of.accuracy)),
            search.map_or_else(dash, |of| of.accuracy.n.to_string()),
            search.map_or_else(dash, |of| price(calibration.currency, &of)),
            search.map_or_else(dash, |of| format!("{:.0}", of.expense.completion_tokens)),
            fate.clone(),
            name.clone(),
        ]);
    }
    table.ending_in_words()
}

fn finalists(calibration: &Calibration) -> Columns {
    let confidence = calibration.finalists.first().map_or(95.0, |of| of.confidence * 100.0);
    let mut table = Columns::new(["right, %", "n", "best alone, %", "difference"]);
    let interval = format!("{confidence:.1} %");
    table.extend_header([interval.as_str(), "cost", "time", "finding", "candidate"].into_iter());
    for of in &calibration.finalists {
        let Confirmed { candidate, accuracy, accuracy_of_best, difference, finding, .. } = of;
        let times = |ratio: Option<f64>| ratio.map_or_else(dash, |ratio| format!("{ratio:.2} x"));
        table.row(vec![
            percent(Some(accuracy.accuracy)),
            accuracy.n.to_string(),
            percent(Some(accuracy_of_best.accuracy)),
            format!("{:+.1}", difference.mean * 100.0),
            format!("{:+.1} to {:+.1}", difference.interval.low * 100.0, difference.interval.high * 100.0),
            times(of.cost_ratio),
            times(of.time_ratio),
            match finding {
                Finding::Better => "better",
                Finding::AsGoodAndCheaper => "as good and cheaper",
                Finding::NotBetter => "not shown to be better",
            }
            .to_owned(),
            candidate.clone(),
        ]);
    }
    table.ending_in_words()
}

/// Every candidate, as CSV.
pub(super) fn csv(calibration: &Calibration) -> Result<String, Complaint> {
    let header = [
        "candidate",
        "kind",
        "members",
        "search right",
        "search n",
        "search accuracy",
        "confirmation right",
        "confirmation n",
        "confirmation accuracy",
        "price",
        "unit",
        "fate",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for row in &calibration.candidates {
        let of = |part: Option<Measurement>| {
            let share = part.map(|of| of.accuracy);
            let count = |value: Option<usize>| value.map_or_else(String::new, |value| value.to_string());
            let accuracy = share.map_or_else(String::new, |share| share.accuracy.to_string());
            [count(share.map(|share| share.right)), count(share.map(|share| share.n)), accuracy]
        };
        let price =
            row.search.map_or_else(String::new, |of| calibration.currency.price(&of.expense).to_string());
        let mut cells = vec![row.name.clone(), row.kind.clone(), row.members.join(" ")];
        cells.extend(of(row.search).into_iter().chain(of(row.confirmation)));
        cells.extend([price, calibration.currency.unit().to_owned(), row.fate.clone()]);
        rows.push(cells);
    }
    csv_text(rows)
}

fn unit(currency: Currency) -> &'static str {
    match currency {
        Currency::UsDollars => "$/item",
        Currency::MachineSeconds => "s/item",
        Currency::Tokens => "tokens/item",
    }
}

fn price(currency: Currency, measured: &Measurement) -> String {
    let price = currency.price(&measured.expense);
    match currency {
        Currency::UsDollars => format!("{price:.6}"),
        Currency::MachineSeconds => format!("{price:.2}"),
        Currency::Tokens => format!("{price:.0}"),
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(dash, |share| format!("{:.1}", share * 100.0))
}

fn bounds(share: Share) -> String {
    format!("{:.1} to {:.1}", share.interval.low * 100.0, share.interval.high * 100.0)
}

fn dash() -> String {
    "-".to_owned()
}
