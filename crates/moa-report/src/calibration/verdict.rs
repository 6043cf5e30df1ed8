//! What is recommended.

use moa_eval::calibration::{Calibration, Finding};

use super::percent;
use crate::figure::{Figure, Section};
use crate::measured::Measured;
use crate::sheet::{Cell, Sheet};

pub(super) fn section(calibration: &Calibration) -> Section {
    let mut text =
        vec![format!("Recommended: {}. {}.", calibration.recommended, sentence(&calibration.reason))];
    if let Some(cheaper) = &calibration.cheaper {
        text.push(format!("For less: {}. {}.", cheaper.name, sentence(&cheaper.reason)));
    }
    text.push(format!(
        "The best single model is {}, by its right answers to the items of both halves: knowing the second half favours it and no mixture. Its right answers on that half, in percent: {}.",
        calibration.best_single,
        percent(calibration.best_single_accuracy).text(1)
    ));
    text.extend(calibration.remarks.iter().cloned());
    let figures = if calibration.finalists.is_empty() && !calibration.unconfirmed.is_empty() {
        text.push(format!("Worth confirming, and not confirmed: {}.", calibration.unconfirmed.join("; ")));
        Vec::new()
    } else if calibration.finalists.is_empty() {
        text.push("No candidate was worth confirming: none was right more often than the best single model on the items of the search, or as often and cheaper.".to_owned());
        Vec::new()
    } else {
        vec![finalists(calibration)]
    };
    Section { id: "recommended", heading: "Recommended", text, figures }
}

fn finalists(calibration: &Calibration) -> Figure {
    let mut sheet = Sheet::new(&[
        "finalist",
        "task",
        "right, %",
        "best single model, %",
        "difference, points",
        "cost, times",
        "time, times",
        "finding",
    ]);
    for of in &calibration.finalists {
        let difference = |estimate: &moa_eval::statistics::Estimate| Measured::from(estimate).times(100.0);
        sheet.rows.push(vec![
            Cell::text(&of.candidate),
            Cell::text("all"),
            Cell::Measured(Some(percent(of.accuracy)), 1),
            Cell::Measured(Some(percent(of.accuracy_of_best)), 1),
            Cell::Measured(Some(difference(&of.difference)), 1),
            Cell::Number(of.cost_ratio, 2),
            Cell::Number(of.time_ratio, 2),
            Cell::text(match of.finding {
                Finding::Better => "better",
                Finding::AsGoodAndCheaper => "as good and cheaper",
                Finding::NotBetter => "not shown to be better",
            }),
        ]);
        for task in &of.by_task {
            sheet.rows.push(vec![
                Cell::text(&of.candidate),
                Cell::text(&task.task),
                Cell::Measured(Some(percent(task.accuracy)), 1),
                Cell::Measured(Some(percent(task.accuracy_of_best)), 1),
                Cell::Measured(Some(difference(&task.difference)), 1),
                Cell::Number(None, 2),
                Cell::Number(None, 2),
                Cell::text(""),
            ]);
        }
    }
    let confidence = calibration.finalists.first().map_or(95.0, |of| of.confidence * 100.0);
    Figure {
        name: "finalists".to_owned(),
        title: "Finalists beside the best single model, on the items that nothing was chosen by".to_owned(),
        svg: None,
        caption: vec![
            format!("Shares of right answers with Wilson's intervals, 95 %. Differences by a paired bootstrap over items; their intervals have {confidence:.1} % confidence each, so that those of {} finalists hold together with 95 %.", calibration.finalists.len()),
            "Better: the whole interval of the difference lies above zero, and on no task measurably below. As good and cheaper: no fewer right answers on these items at less than 95 % of the cost. Of several, the one that did best in the search is recommended.".to_owned(),
            format!("Cost in {}; both as multiples of the best single model's.", calibration.currency.unit()),
        ],
        sheet,
    }
}

/// A text with a large letter at its beginning.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
