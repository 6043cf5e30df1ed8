//! Figure 3: MT-Bench, turn by turn, and by category.

use moa_eval::mt_bench::CATEGORIES;

use super::{Source, board_part, caption};
use crate::board::{Benchmark, Board, PartKind, Row};
use crate::chart::bars::{Bar, BarGroup, Bars};
use crate::chart::dots::Dots;
use crate::chart::{Colour, Shape};
use crate::figure::{Figure, Section};
use crate::measured::Measured;
use crate::published::MT_BENCH;
use crate::sheet::{Cell, Sheet};

const PAPER: &str = "the paper, table 2";

pub(super) fn section(source: &Source<'_>) -> Section {
    let boards: Vec<&Board> = source.boards(|benchmark| *benchmark == Benchmark::MtBench).collect();
    let text = source.findings.why_missing(
        |of| *of == Benchmark::MtBench,
        "MT-Bench was not run, or its answers were not graded: the figure shows what was published, and there is none by category. `moa eval mt-bench generate` and `judge` make the rest.",
    );
    let mut figures = vec![turns(source, &boards)];
    figures.extend(boards.iter().filter_map(|board| categories(source, board)));
    Section { id: "mt-bench", heading: "MT-Bench", text, figures }
}

fn turns(source: &Source<'_>, boards: &[&Board]) -> Figure {
    let mut sheet = Sheet::new(&["model", "from", "average", "turn 1", "turn 2", "no grade"]);
    let (mut groups, mut captions) = (Vec::new(), Vec::new());
    for board in boards {
        groups.push(BarGroup {
            heading: format!("measured, {}", board.judge.text()),
            bars: board.rows.iter().map(|row| bar(source, row)).collect(),
        });
        for row in &board.rows {
            let turn = |name: &str| Cell::Measured(row.part(PartKind::Turn, name), 2);
            sheet.rows.push(vec![
                Cell::text(&row.contender),
                Cell::text(board.judge.text()),
                Cell::Measured(Some(row.score), 2),
                turn("turn 1"),
                turn("turn 2"),
                Cell::Count(Some(row.n_invalid)),
            ]);
        }
        captions.extend(caption(board));
        captions.extend(board.warnings.clone());
        if !board.judge.is_comparable() {
            captions.push("These grades are not the official judge's and do not stand beside the published ones: local judges are often lenient.".to_owned());
        }
    }
    let published = MT_BENCH.iter().map(|model| {
        let [average, first, second] = model.values;
        let cell = |value: f64| Cell::Measured(Some(Measured::published(value)), 2);
        let line = vec![
            Cell::text(model.model),
            Cell::text(PAPER),
            cell(average),
            cell(first),
            cell(second),
            Cell::Count(None),
        ];
        sheet.rows.push(line);
        Bar {
            name: model.model.to_owned(),
            measured: Measured::published(average),
            colour: Colour::Published,
            forms: vec![(Shape::Circle, first), (Shape::Triangle, second)],
        }
    });
    groups.push(BarGroup {
        heading: "published: the paper's table 2, judged by GPT-4 (no intervals given)".to_owned(),
        bars: published.collect(),
    });
    captions.push("Bars: the mean of all graded turns. Published numbers: Wang et al., arXiv:2406.04692, table 2, which the article's figure 3 shows.".to_owned());
    let bars = Bars {
        title: "MT-Bench grades, measured and published".to_owned(),
        scale: "grade, 1 to 10".to_owned(),
        range: (1.0, 10.0),
        decimals: 2,
        groups,
        forms: vec![(Shape::Circle, "first turn"), (Shape::Triangle, "second turn")],
    };
    Figure {
        name: "figure-3-mt-bench".to_owned(),
        title: "Figure 3: MT-Bench, by turn".to_owned(),
        svg: Some(bars.draw()),
        caption: captions,
        sheet,
    }
}

fn bar(source: &Source<'_>, row: &Row) -> Bar {
    let turn = |name: &str, shape: Shape| Some((shape, row.part(PartKind::Turn, name)?.value));
    let forms = [turn("turn 1", Shape::Circle), turn("turn 2", Shape::Triangle)];
    Bar {
        name: row.contender.clone(),
        measured: row.score,
        colour: source.palette.colour(&row.contender),
        forms: forms.into_iter().flatten().collect(),
    }
}

fn categories(source: &Source<'_>, board: &Board) -> Option<Figure> {
    let mut names: Vec<String> = CATEGORIES.map(str::to_owned).to_vec();
    for part in board.rows.iter().flat_map(|row| &row.parts).filter(|part| part.kind == PartKind::Category) {
        if !names.contains(&part.name) {
            names.push(part.name.clone());
        }
    }
    names.retain(|name| board.rows.iter().any(|row| row.part(PartKind::Category, name).is_some()));
    if names.is_empty() {
        return None;
    }
    let series = board.rows.iter().map(|row| (row.contender.clone(), source.palette.place(&row.contender)));
    let mut sheet = Sheet::new(&["category"]);
    sheet.header.extend(board.rows.iter().map(|row| row.contender.clone()));
    let mut parts = Vec::new();
    for name in names {
        let values: Vec<Option<Measured>> =
            board.rows.iter().map(|row| row.part(PartKind::Category, &name)).collect();
        let cells = values.iter().map(|value| Cell::Measured(*value, 2));
        sheet.rows.push(std::iter::once(Cell::text(&name)).chain(cells).collect());
        parts.push((name, values));
    }
    let dots = Dots {
        title: format!("{} by category", board.label()),
        scale: "grade".to_owned(),
        range: (1.0, 10.0),
        series: series.collect(),
        parts,
    };
    let mut captions = caption(board);
    captions.push("The mean over both turns of a category's questions, ten in the whole benchmark. No publication prints these numbers for the mixtures.".to_owned());
    Some(Figure {
        name: format!("figure-3-categories-{}", board_part(board)),
        title: format!("Figure 3: {}, by category", board.label()),
        svg: Some(dots.draw()),
        caption: captions,
        sheet,
    })
}
