//! How alike answers and proposals are, beside quality.

use super::{Source, file_part};
use crate::chart::Colour;
use crate::chart::bars::{Bar, BarGroup, Bars};
use crate::figure::{Figure, Section};
use crate::likeness::MixtureLikeness;
use crate::measured::Measured;
use crate::sheet::{Cell, Sheet};

pub(super) fn section(source: &Source<'_>) -> Section {
    let mut text = vec![format!(
        "Does the aggregator lean on the better proposals? Likeness is {} between the answer and each proposal of the last layer, from 0 (nothing in common) to 1 (the same). The paper found rank correlations of 0 to 0.3 between likeness and the judged quality of a proposal (arXiv:2406.04692, figure 4).",
        source.input.likeness_name
    )];
    let figures: Vec<Figure> =
        source.findings.likeness.iter().map(|likeness| figure(source, likeness)).collect();
    if figures.is_empty() {
        text.push(
            "Nothing can be shown: no contender's proposals are kept in these results together with a score."
                .to_owned(),
        );
    }
    Section { id: "likeness", heading: "Answers and proposals", text, figures }
}

fn figure(source: &Source<'_>, likeness: &MixtureLikeness) -> Figure {
    let colour = source.palette.colour(&likeness.contender);
    let mut sheet =
        Sheet::new(&["to the proposals of", "likeness, mean", "rank correlation", "of likeness with"]);
    let mut agents = Vec::new();
    for agent in &likeness.agents {
        agents.push(bar(&agent.agent, agent.likeness, Colour::Published));
        sheet.rows.push(line(
            &agent.agent,
            Some(agent.likeness),
            agent.with_answer,
            "the score of the answer",
        ));
    }
    let mut groups = vec![BarGroup { heading: "by agent".to_owned(), bars: agents }];
    let mut captions = vec![format!(
        "{}: mean likeness, 95 % bootstrap over proposals; rank correlations (Spearman) with 95 % intervals after Bonett and Wright. A correlation with n below some hundreds says little.",
        likeness.label
    )];
    match &likeness.of_proposals {
        Some(of) => {
            let named = [("right proposals", of.to_right), ("other proposals", of.to_wrong)];
            let bars = named.iter().filter_map(|(name, measured)| Some(bar(name, (*measured)?, colour)));
            groups.push(BarGroup { heading: "by quality of the proposal".to_owned(), bars: bars.collect() });
            for (name, measured) in named {
                sheet.rows.push(line(name, measured, None, ""));
            }
            sheet.rows.push(line("all proposals", None, of.correlation, "the proposal being right"));
        }
        None => captions.push("No judge has read the proposals themselves: likeness is laid beside the score of the answer only.".to_owned()),
    }
    let chart = Bars {
        title: format!("Likeness of answers and proposals: {}, {}", likeness.label, likeness.contender),
        scale: "likeness".to_owned(),
        range: (0.0, 1.0),
        decimals: 2,
        groups,
        forms: Vec::new(),
    };
    Figure {
        name: format!("likeness-{}-{}", file_part(&likeness.label), file_part(&likeness.contender)),
        title: format!("Likeness: {}, {}", likeness.label, likeness.contender),
        svg: Some(chart.draw()),
        caption: captions,
        sheet,
    }
}

fn bar(name: &str, measured: Measured, colour: Colour) -> Bar {
    Bar { name: name.to_owned(), measured, colour, forms: Vec::new() }
}

fn line(name: &str, likeness: Option<Measured>, correlation: Option<Measured>, with: &str) -> Vec<Cell> {
    let with = if correlation.is_some() { with } else { "" };
    vec![Cell::text(name), Cell::Measured(likeness, 2), Cell::Measured(correlation, 2), Cell::text(with)]
}
