//! Tasks whose answers are right or wrong.

use super::{Source, board_part, caption};
use crate::board::{Benchmark, Board};
use crate::chart::bars::{Bar, BarGroup, Bars};
use crate::figure::{Figure, Section};
use crate::sheet::{Cell, Sheet};

pub(super) fn section(source: &Source<'_>) -> Section {
    let boards: Vec<&Board> = source.boards(|benchmark| matches!(benchmark, Benchmark::Exact(_))).collect();
    let mut text = Vec::new();
    if boards.is_empty() {
        text.push("No task whose answers are right or wrong was run (GSM8K, HumanEval, your own questions). They need no judge: `moa eval gsm8k run` is the shortest way to a comparison.".to_owned());
    }
    let figures = boards.into_iter().map(|board| figure(source, board)).collect();
    Section { id: "tasks", heading: "Right or wrong", text, figures }
}

fn figure(source: &Source<'_>, board: &Board) -> Figure {
    let mut sheet = Sheet::new(&[
        "contender",
        "right, %",
        "no answer found",
        "cut off",
        "incomplete mixtures",
        "difference",
        "won",
        "tied",
        "lost",
        "written tokens",
        "read tokens",
        "seconds",
        "US dollars",
    ]);
    for row in &board.rows {
        let (facts, against) = (&row.facts, row.against_base.as_ref());
        let mean = |of: Option<crate::measured::Measured>| of.map(|of| of.value);
        sheet.rows.push(vec![
            Cell::text(&row.contender),
            Cell::Measured(Some(row.score), 1),
            Cell::Count(Some(row.n_invalid)),
            Cell::Count(facts.cut_off),
            Cell::Count(facts.degraded),
            Cell::Measured(against.map(|against| against.difference), 1),
            Cell::Count(against.map(|against| against.wins)),
            Cell::Count(against.map(|against| against.ties)),
            Cell::Count(against.map(|against| against.losses)),
            Cell::Number(mean(facts.written_tokens), 0),
            Cell::Number(mean(facts.read_tokens), 0),
            Cell::Number(mean(facts.seconds), 2),
            Cell::Number(mean(facts.cost_usd), 6),
        ]);
    }
    let bars = board.rows.iter().map(|row| Bar {
        name: row.contender.clone(),
        measured: row.score,
        colour: source.palette.colour(&row.contender),
        forms: Vec::new(),
    });
    let chart = Bars {
        title: format!("{}: right answers", board.benchmark.title()),
        scale: "right answers, %".to_owned(),
        range: (0.0, 100.0),
        decimals: 1,
        groups: vec![BarGroup { heading: String::new(), bars: bars.collect() }],
        forms: Vec::new(),
    };
    let mut captions = caption(board);
    captions.push(board.base.as_ref().map_or_else(
        || "There is only one contender, so there are no differences.".to_owned(),
        |base| format!("Differences from {base} in points, over the items that both answered, 95 % bootstrap over items; answers in which nothing was found to mark count as not right. Tokens, seconds and dollars are means for an item, proposals and samples included."),
    ));
    Figure {
        name: format!("tasks-{}", board_part(board)),
        title: board.benchmark.title(),
        svg: Some(chart.draw()),
        caption: captions,
        sheet,
    }
}
