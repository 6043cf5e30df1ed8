//! Accuracy against cost, every candidate shown.

use moa_eval::calibration::{Calibration, CandidateRow, Currency, Measurement, Weighed};

use super::percent;
use crate::chart::scatter::{Point, Scatter};
use crate::chart::{Colour, Shape};
use crate::figure::{Figure, Section};
use crate::pareto::front;
use crate::sheet::{Cell, Sheet};

/// How candidates come to their answers, in families.
const FAMILIES: [&str; 4] =
    ["one model alone", "choosing: no call", "asking a model", "asking further only where need be"];

pub(super) fn section(calibration: &Calibration) -> Section {
    let text = vec![
        "Every candidate that was tried, losers included. A point further up is right more often, one further to the left is cheaper; the dashed steps are the Pareto front of those that were asked all items of the search.".to_owned(),
        "These are the items that candidates were chosen by: the best of many looks better here than it is. What holds is what the finalists came to on the other half.".to_owned(),
    ];
    let mut figures = vec![figure(calibration)];
    if !calibration.equal_tokens.is_empty() {
        figures.push(equal_tokens(calibration));
    }
    Section { id: "candidates", heading: "Accuracy against cost", text, figures }
}

fn figure(calibration: &Calibration) -> Figure {
    let most =
        calibration.candidates.iter().filter_map(|row| row.search.map(|of| of.accuracy.n)).max().unwrap_or(0);
    let price = |of: &Measurement| calibration.currency.price(&of.expense);
    let whole: Vec<(&CandidateRow, Measurement)> = calibration
        .candidates
        .iter()
        .filter_map(|row| Some((row, row.search.filter(|of| of.accuracy.n == most)?)))
        .collect();
    let places: Vec<(f64, f64)> = whole.iter().map(|(_, of)| (price(of), of.accuracy.accuracy)).collect();
    let on_front = front(&places);
    let mut points = Vec::new();
    for ((row, of), is_on_front) in whole.iter().zip(&on_front) {
        let family = family(row);
        let is_chosen = row.fate.starts_with("finalist") || row.fate == "recommended";
        points.push(Point {
            name: row.name.clone(),
            across: price(of),
            up: percent(of.accuracy),
            colour: Colour::Series(family),
            shape: Shape::of(family),
            is_on_front: *is_on_front,
            is_named: is_chosen || row.kind == "alone" || *is_on_front,
        });
    }
    let legend = FAMILIES.iter().enumerate().map(|(place, name)| ((*name).to_owned(), place)).collect();
    let chart = Scatter {
        title: "Accuracy against cost on the items of the search".to_owned(),
        across: calibration.currency.unit().to_owned(),
        up: "right answers, %".to_owned(),
        points,
        legend,
    };
    let svg = (!whole.is_empty()).then(|| chart.draw());
    Figure {
        name: "candidates".to_owned(),
        title: format!("{} candidates on the items of the search", calibration.candidates.len()),
        svg,
        caption: vec![
            "Shares of right answers with Wilson's intervals, 95 %, n as stated; what holds nothing that could be marked is not right. Drawn are candidates that were asked all items; the table has those too that were thrown out earlier, with the items that they were asked.".to_owned(),
            format!("Cost: mean {}, with proposals and samples, at what the calls took when they were asked.", calibration.currency.unit()),
        ],
        sheet: sheet(calibration),
    }
}

/// What the tokens of mixtures would have bought of the best model alone.
fn equal_tokens(calibration: &Calibration) -> Figure {
    let mut sheet = Sheet::new(&[
        "mixture",
        "right, %",
        "tokens",
        "self-consistency",
        "right, %",
        "tokens",
        "Self-MoA",
        "right, %",
        "tokens",
    ]);
    for of in &calibration.equal_tokens {
        let cells = |of: Option<&Weighed>| {
            [
                Cell::text(of.map_or("–", |of| of.name.as_str())),
                Cell::Measured(of.map(|of| percent(of.accuracy)), 1),
                Cell::Number(of.map(|of| of.completion_tokens), 0),
            ]
        };
        let all =
            [cells(Some(&of.mixture)), cells(of.self_consistency.as_ref()), cells(of.self_moa.as_ref())];
        sheet.rows.push(all.into_iter().flatten().collect());
    }
    Figure {
        name: "equal-tokens".to_owned(),
        title: "The same tokens spent on the best single model".to_owned(),
        svg: None,
        caption: vec![format!(
            "The finalists and the plain mixtures of all models, on the items of the search, beside the vote among samples of {} and their synthesis by itself that wrote most tokens without writing more than the mixture. Shares with Wilson's intervals, 95 %. A dash stands where none was tried that writes as little.",
            calibration.best_single
        )],
        sheet,
    }
}

fn sheet(calibration: &Calibration) -> Sheet {
    let unit = match calibration.currency {
        Currency::UsDollars => "US dollars",
        Currency::MachineSeconds => "machine seconds",
        Currency::Tokens => "tokens",
    };
    let mut sheet = Sheet::new(&[
        "candidate",
        "kind",
        "search, %",
        "other half, %",
        unit,
        "seconds",
        "calls",
        "written tokens",
        "cut off",
        "ended early",
        "what became of it",
    ]);
    let decimals = if calibration.currency == Currency::UsDollars { 6 } else { 2 };
    for row in &calibration.candidates {
        let number = |of: &dyn Fn(&Measurement) -> f64| row.search.as_ref().map(of);
        sheet.rows.push(vec![
            Cell::text(&row.name),
            Cell::text(&row.kind),
            Cell::Measured(row.search.map(|of| percent(of.accuracy)), 1),
            Cell::Measured(row.confirmation.map(|of| percent(of.accuracy)), 1),
            Cell::Number(number(&|of| calibration.currency.price(&of.expense)), decimals),
            Cell::Number(number(&|of| of.expense.wall_ms / 1e3), 2),
            Cell::Number(number(&|of| of.expense.calls), 1),
            Cell::Number(number(&|of| of.expense.completion_tokens), 0),
            Cell::Count(row.search.map(|of| of.cut_off)),
            Cell::Count(row.search.map(|of| of.stopped_early)),
            Cell::text(&row.fate),
        ]);
    }
    sheet
}

fn family(row: &CandidateRow) -> usize {
    let stops_early = row.search.is_some_and(|of| of.stopped_early > 0);
    match row.kind.as_str() {
        "alone" => 0,
        _ if stops_early => 3,
        "vote" | "mux" | "certainty" | "run-candidates" => 1,
        "escalate" => 3,
        _ => 2,
    }
}
