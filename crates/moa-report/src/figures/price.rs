//! What a score costs in money and in time, with the front of those that nothing beats in both.

use super::{Source, board_part, caption};
use crate::board::{Board, Row};
use crate::chart::scatter::{Point, Scatter};
use crate::figure::{Figure, Section};
use crate::measured::Measured;
use crate::pareto::front;
use crate::sheet::{Cell, Sheet};

/// What is paid.
struct Price {
    /// For names of files.
    key: &'static str,
    title: &'static str,
    unit: &'static str,
    decimals: usize,
    of: fn(&Row) -> Option<Measured>,
}

const DOLLARS: Price = Price {
    key: "cost",
    title: "Cost against score",
    unit: "US dollars for an item",
    decimals: 6,
    of: |row| row.facts.cost_usd,
};

const TOKENS: Price = Price {
    key: "tokens",
    title: "Tokens against score",
    unit: "tokens written for an item, proposals and samples included",
    decimals: 0,
    of: |row| row.facts.written_tokens,
};

const SECONDS: Price = Price {
    key: "time",
    title: "Time against score",
    unit: "seconds from question to answer",
    decimals: 2,
    of: |row| row.facts.seconds,
};

pub(super) fn section(source: &Source<'_>) -> Section {
    let mut text = vec!["A point further up is better, one further to the left is cheaper or faster. The dashed steps are the Pareto front: whoever is off it is beaten by somebody who is at least as good for at most as much.".to_owned()];
    let mut figures = Vec::new();
    for board in &source.findings.boards {
        let has_prices = board.rows.iter().any(|row| row.facts.cost_usd.is_some());
        let cost = if has_prices { &DOLLARS } else { &TOKENS };
        figures.extend([cost, &SECONDS].into_iter().filter_map(|price| figure(source, board, price)));
    }
    if figures.is_empty() {
        text.push("Nothing can be shown: no benchmark has a contender whose score and whose journal of answers are both at hand.".to_owned());
    }
    Section { id: "price", heading: "Cost and time against score", text, figures }
}

fn figure(source: &Source<'_>, board: &Board, price: &Price) -> Option<Figure> {
    let priced: Vec<(&Row, Measured)> =
        board.rows.iter().filter_map(|row| Some((row, (price.of)(row)?))).collect();
    if priced.is_empty() {
        return None;
    }
    let places: Vec<(f64, f64)> = priced.iter().map(|(row, paid)| (paid.value, row.score.value)).collect();
    let mut sheet = Sheet::new(&["contender", price.unit, "score", "Pareto front"]);
    let mut points = Vec::new();
    for ((row, paid), is_on_front) in priced.iter().zip(front(&places)) {
        sheet.rows.push(vec![
            Cell::text(&row.contender),
            Cell::Measured(Some(*paid), price.decimals),
            Cell::Measured(Some(row.score), board.benchmark.decimals()),
            Cell::text(if is_on_front { "on it" } else { "beaten" }),
        ]);
        points.push(Point {
            name: row.contender.clone(),
            across: paid.value,
            up: row.score,
            colour: source.palette.colour(&row.contender),
            shape: source.palette.shape(&row.contender),
            is_on_front,
            is_named: true,
        });
    }
    let chart = Scatter {
        title: format!("{}: {}", board.label(), price.title),
        across: price.unit.to_owned(),
        up: board.benchmark.score_name().to_owned(),
        points,
        legend: Vec::new(),
    };
    Some(Figure {
        name: format!("{}-{}", price.key, board_part(board)),
        title: format!("{}: {}", price.title, board.label()),
        svg: Some(chart.draw()),
        caption: captions(board, price),
        sheet,
    })
}

fn captions(board: &Board, price: &Price) -> Vec<String> {
    let mut captions = caption(board);
    captions.push(format!("{}: means over items, 95 % bootstrap in the table. The front goes by the means and knows nothing of the intervals.", price.unit));
    if price.key == TOKENS.key {
        captions.push("No price is known for these models, so tokens stand in for money: a token of a large model costs more than one of a small model.".to_owned());
    }
    if price.key == SECONDS.key {
        captions.push("Items that were worked on at the same time shared the machine, so times compare only contenders that were run alike.".to_owned());
    }
    let missing: Vec<&str> =
        board.rows.iter().filter(|row| (price.of)(row).is_none()).map(|row| row.contender.as_str()).collect();
    if !missing.is_empty() {
        captions
            .push(format!("Not shown, because the files do not say what they took: {}.", missing.join(", ")));
    }
    captions
}
