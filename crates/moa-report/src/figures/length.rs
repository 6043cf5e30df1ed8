//! Length against score: the article's mixtures are wordier than models alone.

use super::{Source, board_part, caption};
use crate::board::{Benchmark, Board};
use crate::chart::scatter::{Point, Scatter};
use crate::chart::{Colour, Shape};
use crate::figure::{Figure, Section};
use crate::measured::{Measured, as_f64};
use crate::published::LEADERBOARD;
use crate::sheet::{Cell, Sheet};

pub(super) fn section(source: &Source<'_>) -> Section {
    let mut text = vec!["Longer answers please judges, and mixtures tend to write them. A point further up is better; one further to the right is wordier.".to_owned()];
    let figures: Vec<Figure> =
        source.findings.boards.iter().filter_map(|board| figure(source, board)).collect();
    if figures.is_empty() {
        text.push("Nothing can be shown: no benchmark has a contender whose score and whose answers are both at hand.".to_owned());
    }
    Section { id: "length", heading: "Length against score", text, figures }
}

fn figure(source: &Source<'_>, board: &Board) -> Option<Figure> {
    let mut sheet = Sheet::new(&["model", "from", "length, characters", "score"]);
    let mut points = Vec::new();
    for row in &board.rows {
        let Some(length) = row.facts.characters else { continue };
        points.push(Point {
            name: row.contender.clone(),
            across: length.value,
            up: row.score,
            colour: source.palette.colour(&row.contender),
            shape: source.palette.shape(&row.contender),
            is_on_front: false,
            is_named: true,
        });
        let decimals = board.benchmark.decimals();
        sheet.rows.push(vec![
            Cell::text(&row.contender),
            Cell::text("measured"),
            Cell::Measured(Some(length), 0),
            Cell::Measured(Some(row.score), decimals),
        ]);
    }
    if points.is_empty() {
        return None;
    }
    let published = board.benchmark == Benchmark::AlpacaEval && board.judge.is_comparable();
    if published {
        add_published(source, &mut points, &mut sheet);
    }
    let chart = Scatter {
        title: format!("{}: length against score", board.label()),
        across: "characters of an answer, mean".to_owned(),
        up: board.benchmark.score_name().to_owned(),
        points,
        legend: Vec::new(),
    };
    let mut captions = caption(board);
    captions.push(
        "Lengths in Unicode characters, means over the answers, 95 % bootstrap in the table.".to_owned(),
    );
    if published {
        captions.push("Grey: the leaderboard's numbers, length-controlled.".to_owned());
    }
    Some(Figure {
        name: format!("length-{}", board_part(board)),
        title: format!("Length against score: {}", board.label()),
        svg: Some(chart.draw()),
        caption: captions,
        sheet,
    })
}

fn add_published(source: &Source<'_>, points: &mut Vec<Point>, sheet: &mut Sheet) {
    let Some(leaderboard) = &source.input.alpaca.leaderboard else { return };
    for row in LEADERBOARD.iter().filter_map(|name| leaderboard.of(name).ok()) {
        let (Some(length), Some(rate)) = (row.avg_length, row.length_controlled_winrate) else { continue };
        let up = Measured { n: row.n_total, ..Measured::published(rate) };
        let (across, length) =
            (as_f64(length), Measured { n: row.n_total, ..Measured::published(as_f64(length)) });
        let name = row.model.clone();
        sheet.rows.push(vec![
            Cell::text(&name),
            Cell::text("the leaderboard"),
            Cell::Measured(Some(length), 0),
            Cell::Measured(Some(up), 1),
        ]);
        points.push(Point {
            name,
            across,
            up,
            colour: Colour::Published,
            shape: Shape::Circle,
            is_on_front: false,
            is_named: true,
        });
    }
}
