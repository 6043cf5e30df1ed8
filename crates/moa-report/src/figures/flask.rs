//! Figure 4: FLASK's skills.

use moa_eval::flask::SKILLS;

use super::{Source, board_part, caption};
use crate::board::{Benchmark, Board, PartKind, Row};
use crate::chart::radar::Radar;
use crate::figure::{Figure, Section};
use crate::measured::Measured;
use crate::published::{BEATS_AGGREGATOR, BEATS_GPT_4O, WEAKER};
use crate::sheet::{Cell, Sheet};
use crate::skills::{english, japanese};

const PAPER: &str = "The paper's own radar (arXiv:2406.04692, figure 3; the article's figure 4) prints no numbers, so nothing of it can be drawn here. The last column says what its text does.";

pub(super) fn section(source: &Source<'_>) -> Section {
    let boards: Vec<&Board> =
        source.boards(|benchmark| matches!(benchmark, Benchmark::Flask | Benchmark::FlaskHard)).collect();
    let (heading, id) = ("FLASK", "flask");
    let text = source.findings.why_missing(
        |benchmark| matches!(benchmark, Benchmark::Flask | Benchmark::FlaskHard),
        "FLASK was not run, or its answers were not reviewed: there is no radar. The table says what was published. `moa eval flask generate` and `judge` make the rest.",
    );
    if boards.is_empty() {
        let figure = Figure {
            name: "figure-4-flask".to_owned(),
            title: "Figure 4: FLASK's skills, as published".to_owned(),
            svg: None,
            caption: vec![PAPER.to_owned()],
            sheet: sheet(&[]),
        };
        return Section { id, heading, text, figures: vec![figure] };
    }
    let figures = boards.into_iter().map(|board| figure(source, board)).collect();
    Section { id, heading, text, figures }
}

fn figure(source: &Source<'_>, board: &Board) -> Figure {
    let series = board.rows.iter().map(|row| {
        let values = SKILLS.iter().map(|skill| skill_of(row, skill).map(|of| of.value)).collect();
        (row.contender.clone(), source.palette.place(&row.contender), values)
    });
    let radar = Radar {
        title: format!("{}: twelve skills", board.label()),
        spokes: SKILLS.iter().map(|skill| (english(skill), japanese(skill))).collect(),
        range: (1.0, 5.0),
        series: series.collect(),
    };
    let mut captions = caption(board);
    captions.extend(board.warnings.clone());
    let without: Vec<String> = board
        .rows
        .iter()
        .filter(|row| row.n_invalid > 0)
        .map(|row| format!("{}: {} reviews have no scores that can be read", row.contender, row.n_invalid))
        .collect();
    if !without.is_empty() {
        captions.push(format!("{}.", without.join("; ")));
    }
    captions.push(PAPER.to_owned());
    Figure {
        name: format!("figure-4-{}", board_part(board)),
        title: format!("Figure 4: {}", board.label()),
        svg: Some(radar.draw()),
        caption: captions,
        sheet: sheet(&board.rows),
    }
}

fn skill_of(row: &Row, skill: &str) -> Option<Measured> {
    row.part(PartKind::Skill, skill)
}

fn sheet(rows: &[Row]) -> Sheet {
    let mut sheet = Sheet::new(&["skill", "技能"]);
    sheet.header.extend(rows.iter().map(|row| row.contender.clone()));
    sheet.header.push("the paper says of MoA".to_owned());
    for skill in SKILLS {
        let mut line = vec![Cell::text(english(skill)), Cell::Japanese(japanese(skill).unwrap_or_default())];
        line.extend(rows.iter().map(|row| Cell::Measured(skill_of(row, skill), 2)));
        line.push(Cell::text(said(skill)));
        sheet.rows.push(line);
    }
    sheet
}

fn said(skill: &str) -> String {
    let claims = [
        (&BEATS_GPT_4O[..], "better than GPT-4 Omni"),
        (&BEATS_AGGREGATOR[..], "better than Qwen1.5 110B Chat alone"),
        (&WEAKER[..], "wordier: weaker"),
    ];
    let of_skill: Vec<&str> =
        claims.iter().filter(|(skills, _)| skills.contains(&skill)).map(|(_, claim)| *claim).collect();
    if of_skill.is_empty() { "nothing".to_owned() } else { of_skill.join("; ") }
}
