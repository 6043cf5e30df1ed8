//! How far certainty can be trusted.

use moa_eval::calibration::{Calibration, CertaintyFigure, Reliability};

use super::percent;
use crate::chart::scatter::{Point, Scatter};
use crate::chart::{Colour, Shape};
use crate::figure::{Figure, Section};
use crate::sheet::{Cell, Sheet};

pub(super) fn section(calibration: &Calibration) -> Section {
    let mut text = vec![
        "Answers in bins of about equal size, from the least to the most certain; each point is the share of a bin that is right. Where the points rise, the figure tells right answers from wrong ones; where they lie on one height, it tells nothing.".to_owned(),
    ];
    let all = [CertaintyFigure::TokenProbability, CertaintyFigure::Entropy, CertaintyFigure::Agreement];
    let figures: Vec<Figure> = all.into_iter().filter_map(|figure| drawn(calibration, figure)).collect();
    if figures.is_empty() {
        text.push("Nothing can be shown: no model said how sure it was, and no samples voted.".to_owned());
    }
    Section { id: "certainty", heading: "How far certainty can be trusted", text, figures }
}

fn drawn(calibration: &Calibration, figure: CertaintyFigure) -> Option<Figure> {
    let all: Vec<&Reliability> = calibration.reliability.iter().filter(|of| of.figure == figure).collect();
    if all.is_empty() {
        return None;
    }
    let place = |model: &str| calibration.models.iter().position(|row| row.model == model).unwrap_or(0);
    let mut sheet = Sheet::new(&["model", "lowest", "highest", "mean", "right, %"]);
    let mut points = Vec::new();
    for of in &all {
        for bin in &of.bins {
            sheet.rows.push(vec![
                Cell::text(&of.model),
                Cell::Number(Some(bin.low), 3),
                Cell::Number(Some(bin.high), 3),
                Cell::Number(Some(bin.mean), 3),
                Cell::Measured(Some(percent(bin.share)), 1),
            ]);
            points.push(Point {
                name: format!("n {}", bin.share.n),
                across: bin.mean,
                up: percent(bin.share),
                colour: Colour::Series(place(&of.model)),
                shape: Shape::of(place(&of.model)),
                is_on_front: false,
                is_named: true,
            });
        }
    }
    let (name, what) = match figure {
        CertaintyFigure::TokenProbability => {
            ("token-probability", "The mean probability of a token that was written")
        }
        CertaintyFigure::Entropy => ("entropy", "The mean entropy of what could have been written"),
        CertaintyFigure::Agreement => ("agreement", "The share of a model's samples that agree"),
    };
    let chart = Scatter {
        title: format!("{what}, against the share that is right"),
        across: figure.name().to_owned(),
        up: "right answers, %".to_owned(),
        points,
        legend: all.iter().map(|of| (of.model.clone(), place(&of.model))).collect(),
    };
    let caption = match figure {
        CertaintyFigure::Agreement => format!("The most frequent answer among {} samples, on the items of the search: right or not, by the share of the samples that give it. Wilson's intervals, 95 %.", calibration.samples),
        CertaintyFigure::TokenProbability | CertaintyFigure::Entropy => "Likeliest answers and samples of each model, answer by answer. Samples of one item are no independent evidence, so that Wilson's intervals (95 %) are rather narrow.".to_owned(),
    };
    Some(Figure {
        name: format!("certainty-{name}"),
        title: what.to_owned(),
        svg: Some(chart.draw()),
        caption: vec![caption],
        sheet,
    })
}
