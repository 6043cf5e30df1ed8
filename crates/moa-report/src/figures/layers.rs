//! What each layer gains.

use super::{Source, file_part};
use crate::board::Benchmark;
use crate::chart::bars::{Bar, BarGroup, Bars};
use crate::chart::{Colour, Shape};
use crate::figure::{Figure, Section};
use crate::layers::LayerGain;
use crate::sheet::{Cell, Sheet};

pub(super) fn section(source: &Source<'_>) -> Section {
    let findings = source.findings;
    let mut text = vec!["How many proposals of each layer are right, beside the answer that was made of them. An answer below the mean of its last layer means that the aggregator threw away what it had.".to_owned()];
    if findings.mixtures().next().is_none() {
        text.push("Nothing can be shown: no contender's layers are kept in these results.".to_owned());
    }
    text.extend(findings.without_layers.iter().map(|missing| format!("Not shown: {missing}.")));
    let figures = findings.layers.iter().map(|gain| figure(source, gain)).collect();
    Section { id: "layers", heading: "Gain per layer", text, figures }
}

fn figure(source: &Source<'_>, gain: &LayerGain) -> Figure {
    let mut sheet = Sheet::new(&["layer", "who", "right, %"]);
    let colour = source.palette.colour(&gain.contender);
    let mut groups = Vec::new();
    for layer in &gain.layers {
        let name = format!("layer {}", layer.layer);
        let mut bars = Vec::new();
        for (agent, measured) in &layer.agents {
            sheet.rows.push(vec![Cell::text(&name), Cell::text(agent), Cell::Measured(Some(*measured), 1)]);
            bars.push(Bar {
                name: agent.clone(),
                measured: *measured,
                colour: Colour::Published,
                forms: Vec::new(),
            });
        }
        for (who, measured) in [("mean of the layer", layer.mean), ("at least one right", layer.any)] {
            sheet.rows.push(vec![Cell::text(&name), Cell::text(who), Cell::Measured(Some(measured), 1)]);
        }
        let forms = vec![(Shape::Diamond, layer.any.value)];
        bars.push(Bar { name: "mean of the layer".to_owned(), measured: layer.mean, colour, forms });
        groups.push(BarGroup { heading: name, bars });
    }
    let answer = Bar { name: gain.contender.clone(), measured: gain.answer, colour, forms: Vec::new() };
    groups.push(BarGroup { heading: "the answer".to_owned(), bars: vec![answer] });
    sheet.rows.push(vec![
        Cell::text("answer"),
        Cell::text(&gain.contender),
        Cell::Measured(Some(gain.answer), 1),
    ]);
    let title = format!("{}, {}", Benchmark::Exact(gain.benchmark.clone()).title(), gain.contender);
    let chart = Bars {
        title: format!("Gain per layer: {title}"),
        scale: "right, %".to_owned(),
        range: (0.0, 100.0),
        decimals: 1,
        groups,
        forms: vec![(Shape::Diamond, "items with at least one right proposal in the layer")],
    };
    Figure {
        name: format!("layers-{}-{}", file_part(&gain.benchmark), file_part(&gain.contender)),
        title: format!("Gain per layer: {title}"),
        svg: Some(chart.draw()),
        caption: vec!["Right answers in per cent, proposals in which nothing was found to mark counting as not right; no judge: proposals are compared with the right answers. Intervals 95 %, Wilson; of the mean of a layer, bootstrap over items, its n being proposals. The diamond is what an aggregator that always chose the best proposal would come to.".to_owned()],
        sheet,
    }
}
