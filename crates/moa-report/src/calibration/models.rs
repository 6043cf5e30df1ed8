//! Who is good for what, and whose mistakes go with whose.

use moa_eval::calibration::Calibration;

use super::percent;
use crate::chart::matrix::Matrix;
use crate::figure::{Figure, Section};
use crate::measured::Measured;
use crate::sheet::{Cell, Sheet};

pub(super) fn roles(calibration: &Calibration) -> Section {
    let text = vec![
        "A model that answers well need not read well. As an aggregator each model reads the likeliest answer of every model and writes its own; what that gains is laid beside its own likeliest answer to the same items (the paper's table of roles, arXiv:2406.04692, for these models).".to_owned(),
    ];
    Section { id: "roles", heading: "Roles", text, figures: vec![table(calibration)] }
}

fn table(calibration: &Calibration) -> Figure {
    let mut sheet = Sheet::new(&[
        "model",
        "alone, %",
        "temperature",
        "samples, %",
        "samples agree, %",
        "as aggregator, %",
        "gain, points",
        "machine seconds",
        "written tokens",
        "US dollars",
    ]);
    for row in &calibration.models {
        let estimate =
            |of: Option<moa_eval::statistics::Estimate>| of.map(|of| Measured::from(&of).times(100.0));
        for (place, sampled) in row.sampled.iter().enumerate() {
            let first = |cell: Cell, otherwise: Cell| if place == 0 { cell } else { otherwise };
            sheet.rows.push(vec![
                Cell::text(&row.model),
                Cell::Measured(Some(percent(row.proposer)), 1),
                Cell::Number(Some(f64::from(sampled.temperature)), 2),
                Cell::Measured(estimate(sampled.accuracy), 1),
                Cell::Number(sampled.agreement.map(|share| share * 100.0), 1),
                first(Cell::Measured(row.aggregator.map(percent), 1), Cell::Measured(None, 1)),
                first(Cell::Measured(estimate(row.gain), 1), Cell::Measured(None, 1)),
                Cell::Number(Some(row.expense.machine_ms / 1e3), 2),
                Cell::Number(Some(row.expense.completion_tokens), 0),
                Cell::Number(Some(row.expense.cost_usd), 6),
            ]);
        }
    }
    Figure {
        name: "roles".to_owned(),
        title: "Each model as a proposer and as an aggregator, on the items of the search".to_owned(),
        svg: None,
        caption: vec![
            format!("Alone: the likeliest answer, Wilson's interval, 95 %. Samples: {} at each temperature, the mean share that is right, bootstrap over items, 95 %; they agree as far as they give the most frequent answer.", calibration.samples),
            "As aggregator: synthesis of the likeliest answers of all models, at temperature 0. Gain: beside its own likeliest answer, paired bootstrap over items, 95 %. Seconds, tokens and dollars: the mean of one likeliest answer.".to_owned(),
        ],
        sheet,
    }
}

pub(super) fn mistakes(calibration: &Calibration) -> Section {
    let mut text = vec![
        "Models that fail on the same items have little to tell each other. Phi is 1 where two models' mistakes are the same, 0 where they know nothing of each other, below 0 where one is right where the other fails.".to_owned(),
    ];
    if let Some(effective) = calibration.effective_answers {
        text.push(format!(
            "By the mean of these correlations the {} likeliest answers are worth {effective:.2} that know nothing of each other (Kish's design effect).",
            calibration.models.len()
        ));
    }
    if let Some(any) = calibration.any_right {
        text.push(format!(
            "Items on which at least one model is right, in percent: {}. No choice among their likeliest answers can reach more.",
            percent(any).text(1)
        ));
    }
    if calibration.correlations.is_empty() {
        text.push("There is only one model, so there is nothing to compare.".to_owned());
        return Section { id: "mistakes", heading: "Shared mistakes", text, figures: Vec::new() };
    }
    Section { id: "mistakes", heading: "Shared mistakes", text, figures: vec![matrix(calibration)] }
}

fn matrix(calibration: &Calibration) -> Figure {
    let names: Vec<String> = calibration.models.iter().map(|row| row.model.clone()).collect();
    let between = |one: &str, other: &str| {
        calibration
            .correlations
            .iter()
            .find(|of| (of.one == one && of.other == other) || (of.one == other && of.other == one))
    };
    let value = |one: &String, other: &String| between(one, other).and_then(|of| of.phi);
    let values = names.iter().map(|one| names.iter().map(|other| value(one, other)).collect()).collect();
    let mut sheet = Sheet::new(&["model", "and", "phi", "items", "both wrong"]);
    for of in &calibration.correlations {
        sheet.rows.push(vec![
            Cell::text(&of.one),
            Cell::text(&of.other),
            Cell::Number(of.phi, 2),
            Cell::Count(Some(of.n)),
            Cell::Count(Some(of.both_wrong)),
        ]);
    }
    let chart = Matrix { title: "Correlation of mistakes".to_owned(), names, values };
    Figure {
        name: "mistakes".to_owned(),
        title: "Correlation of the models' mistakes (phi)".to_owned(),
        svg: Some(chart.draw()),
        caption: vec!["Likeliest answers to the items of the search. A dash stands where one of the two is always or never right, so that nothing can be said. With few items a phi says little: its error is about 1 divided by the root of n.".to_owned()],
        sheet,
    }
}
