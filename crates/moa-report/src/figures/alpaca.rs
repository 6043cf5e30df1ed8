//! Figure 2: `AlpacaEval` 2.0.

use super::{Source, caption};
use crate::board::{Benchmark, Board, PartKind, Row};
use crate::chart::bars::{Bar, BarGroup, Bars};
use crate::chart::{Colour, Shape};
use crate::figure::{Figure, Section};
use crate::measured::Measured;
use crate::published::{ALPACA_EVAL, LEADERBOARD};
use crate::sheet::{Cell, Sheet};

const PAPER: &str = "the paper, table 2";
const OFFICIAL: &str = "the leaderboard";

pub(super) fn section(source: &Source<'_>) -> Section {
    let boards: Vec<&Board> = source.boards(|benchmark| *benchmark == Benchmark::AlpacaEval).collect();
    let mut sheet = Sheet::new(&[
        "model",
        "from",
        "length-controlled win rate",
        "win rate",
        "discrete win rate",
        "length, characters",
        "no verdict",
    ]);
    let (mut groups, mut captions) = (Vec::new(), Vec::new());
    for board in &boards {
        groups.push(BarGroup {
            heading: format!("measured, {}", board.judge.text()),
            bars: board.rows.iter().map(|row| bar(source, row)).collect(),
        });
        sheet.rows.extend(board.rows.iter().map(|row| measured_line(board, row)));
        captions.extend(caption(board));
        captions.extend(board.warnings.clone());
        if !board.judge.is_comparable() {
            captions.push("These judgments are not the official judge's: only the order of the contenders among themselves means something, not their distance from the published numbers.".to_owned());
        }
    }
    let text = source.findings.why_missing(
        |of| *of == Benchmark::AlpacaEval,
        "AlpacaEval 2.0 was not run, or its answers were not judged: the figure shows what was published. `moa eval alpaca-eval generate` and `judge` make the rest.",
    );
    groups.extend(published(source, &mut sheet));
    captions.push("Bars: the length-controlled win rate against gpt4_1106_preview where it could be computed, otherwise the plain one. Published numbers: Wang et al., arXiv:2406.04692, table 2, which the article's figure 2 shows; the leaderboard's own file, 95 % from its standard errors.".to_owned());
    let bars = Bars {
        title: "Win rates against the baseline, measured and published".to_owned(),
        scale: "win rate, %".to_owned(),
        range: (0.0, 100.0),
        decimals: 1,
        groups,
        forms: vec![(Shape::Diamond, "plain win rate")],
    };
    let figure = Figure {
        name: "figure-2-alpaca-eval".to_owned(),
        title: "Figure 2: AlpacaEval 2.0".to_owned(),
        svg: Some(bars.draw()),
        caption: captions,
        sheet,
    };
    Section { id: "alpaca-eval", heading: "AlpacaEval 2.0", text, figures: vec![figure] }
}

fn bar(source: &Source<'_>, row: &Row) -> Bar {
    let plain = row.part(PartKind::Rate, "win rate").map(|rate| (Shape::Diamond, rate.value));
    let colour = source.palette.colour(&row.contender);
    Bar { name: row.contender.clone(), measured: row.score, colour, forms: plain.into_iter().collect() }
}

fn measured_line(board: &Board, row: &Row) -> Vec<Cell> {
    let rate = |name: &str| Cell::Measured(row.part(PartKind::Rate, name), 1);
    vec![
        Cell::text(&row.contender),
        Cell::text(board.judge.text()),
        rate("length-controlled win rate"),
        rate("win rate"),
        rate("discrete win rate"),
        Cell::Number(row.facts.characters.map(|of| of.value), 0),
        Cell::Count(Some(row.n_invalid)),
    ]
}

fn published(source: &Source<'_>, sheet: &mut Sheet) -> Vec<BarGroup> {
    let mut paper = Vec::new();
    for model in &ALPACA_EVAL {
        let [controlled, plain] = model.values;
        paper.push(published_bar(model.model, Measured::published(controlled), plain));
        sheet.rows.push(published_line(
            model.model,
            PAPER,
            Measured::published(controlled),
            Measured::published(plain),
            None,
        ));
    }
    let mut groups = vec![BarGroup {
        heading: "published: the paper's table 2 (no intervals given)".to_owned(),
        bars: paper,
    }];
    let Some(leaderboard) = &source.input.alpaca.leaderboard else { return groups };
    let mut official = Vec::new();
    for row in LEADERBOARD.iter().filter_map(|name| leaderboard.of(name).ok()) {
        let n = row.n_total.unwrap_or(0);
        let around = |value: f64, error: Option<f64>| {
            let interval =
                error.and_then(|error| moa_eval::statistics::normal_interval(value, error, 0.95).ok());
            Measured::new(value, interval, n)
        };
        let (Some(controlled), Some(plain)) = (row.length_controlled_winrate, row.win_rate) else { continue };
        let (controlled, plain) =
            (around(controlled, row.lc_standard_error), around(plain, row.standard_error));
        official.push(published_bar(&row.model, controlled, plain.value));
        sheet.rows.push(published_line(&row.model, OFFICIAL, controlled, plain, row.avg_length));
    }
    groups.push(BarGroup {
        heading: "published: the leaderboard of weighted_alpaca_eval_gpt4_turbo".to_owned(),
        bars: official,
    });
    groups
}

fn published_bar(name: &str, measured: Measured, plain: f64) -> Bar {
    Bar { name: name.to_owned(), measured, colour: Colour::Published, forms: vec![(Shape::Diamond, plain)] }
}

fn published_line(
    model: &str,
    from: &str,
    controlled: Measured,
    plain: Measured,
    length: Option<usize>,
) -> Vec<Cell> {
    vec![
        Cell::text(model),
        Cell::text(from),
        Cell::Measured(Some(controlled), 1),
        Cell::Measured(Some(plain), 1),
        Cell::Measured(None, 1),
        Cell::Number(length.map(crate::measured::as_f64), 0),
        Cell::Count(None),
    ]
}
