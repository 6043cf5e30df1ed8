//! The question itself: is a mixture better than its members, and what does that take?

use super::Source;
use crate::board::{Against, Benchmark, Board, Row};
use crate::figure::{Figure, Section};
use crate::measured::Measured;
use crate::published::GPT_4O_MINI;
use crate::sheet::{Cell, Sheet};

const COLUMNS: [&str; 13] = [
    "benchmark",
    "mixture",
    "score",
    "laid beside",
    "its score",
    "difference",
    "won",
    "tied",
    "lost",
    "invalid",
    "length ×",
    "tokens ×",
    "time ×",
];

/// What gpt-4o-mini is published at, where the leaderboard's file is not at hand.
const GPT_4O_MINI_RATE: f64 = 50.7;

pub(super) fn section(source: &Source<'_>) -> Section {
    let mut sheet = Sheet::new(&COLUMNS);
    let mut text = Vec::new();
    for (board, row) in source.findings.mixtures() {
        let beside = beside(board, row);
        if beside.is_empty() {
            text.push(format!("{}: {} has nobody to be laid beside.", board.label(), row.contender));
        }
        for beside in &beside {
            text.push(beside.sentence(board, row));
            sheet.rows.push(beside.line(board, row));
        }
    }
    if text.is_empty() {
        text.push("No contender in these results is a mixture whose answers are kept with their proposals, so the question whether one is better than its members is open.".to_owned());
    }
    text.extend(beside_gpt_4o_mini(source));
    let caption = "A mixture is laid beside the best of its own members that was measured, and beside the best contender that is no mixture, on the items that both answered. The difference is that of the mean scores over these items, with its 95 % bootstrap interval; the best of several is chosen after the fact, which favours it a little. × is how many times the mixture's mean is the other's: characters of an answer, tokens written, seconds.";
    let figure = Figure {
        name: "the-question".to_owned(),
        title: "Mixtures beside their members and others".to_owned(),
        svg: None,
        caption: vec![caption.to_owned()],
        sheet,
    };
    Section { id: "question", heading: "In short", text, figures: vec![figure] }
}

/// Somebody whom a mixture is laid beside.
struct Beside<'a> {
    other: &'a Row,
    against: &'a Against,
    what: &'static str,
}

fn beside<'a>(board: &'a Board, row: &'a Row) -> Vec<Beside<'a>> {
    let named = |name: &str| board.rows.iter().find(|other| other.contender == name);
    let mut found = Vec::new();
    if let Some(of) = &row.against_member {
        let other = named(&of.member);
        found.extend(other.map(|other| Beside { other, against: &of.against, what: "its best member" }));
    }
    let base =
        board.base.as_deref().filter(|base| found.iter().all(|of: &Beside<'_>| of.other.contender != *base));
    if let (Some(other), Some(against)) = (base.and_then(named), &row.against_base) {
        let is_best = board
            .rows
            .iter()
            .find(|row| !row.is_mixture())
            .is_some_and(|best| best.contender == other.contender);
        let what = if is_best { "the best contender that is no mixture" } else { "the base" };
        found.push(Beside { other, against, what });
    }
    found
}

impl Beside<'_> {
    /// `GSM8K: local is worse than tiny, its best member. Difference -3.0 (-5.0 to -1.0, 95 %); ...`
    fn sentence(&self, board: &Board, row: &Row) -> String {
        let Against { wins, ties, losses, difference, .. } = self.against;
        let decimals = board.benchmark.decimals();
        let bounds = match (difference.low, difference.high) {
            (Some(low), Some(high)) => format!(" ({low:+.decimals$} to {high:+.decimals$}, 95 %)"),
            _ => String::new(),
        };
        format!(
            "{}: {} is {} {}, {}. Difference {:+.decimals$}{bounds}; won {wins}, tied {ties}, lost {losses} of {} items.",
            board.label(),
            row.contender,
            self.against.verdict(),
            self.other.contender,
            self.what,
            difference.value,
            wins + ties + losses
        )
    }

    fn line(&self, board: &Board, row: &Row) -> Vec<Cell> {
        let decimals = board.benchmark.decimals();
        let ratio = |of: &dyn Fn(&Row) -> Option<Measured>| {
            let (ours, theirs) = (of(row)?.value, of(self.other)?.value);
            (theirs > 0.0).then(|| ours / theirs)
        };
        vec![
            Cell::text(board.label()),
            Cell::text(&row.contender),
            Cell::Measured(Some(row.score), decimals),
            Cell::text(&self.other.contender),
            Cell::Measured(Some(self.other.score), decimals),
            Cell::Measured(Some(self.against.difference), decimals),
            Cell::Count(Some(self.against.wins)),
            Cell::Count(Some(self.against.ties)),
            Cell::Count(Some(self.against.losses)),
            Cell::Count(Some(self.against.invalid)),
            Cell::Number(ratio(&|row| row.facts.characters), 2),
            Cell::Number(ratio(&|row| row.facts.written_tokens), 2),
            Cell::Number(ratio(&|row| row.facts.seconds), 2),
        ]
    }
}

/// The article's question, as far as it can be answered: only the official judge's numbers stand beside the published one.
fn beside_gpt_4o_mini(source: &Source<'_>) -> Vec<String> {
    let published = source.input.alpaca.leaderboard.as_ref().and_then(|board| board.of(GPT_4O_MINI).ok());
    let rate = published.and_then(|row| row.length_controlled_winrate).unwrap_or(GPT_4O_MINI_RATE);
    let boards: Vec<&Board> = source.boards(|of| *of == Benchmark::AlpacaEval).collect();
    if boards.is_empty() {
        return vec![format!(
            "As good as gpt-4o-mini? That is not measured here: it is published at {rate:.1} % on AlpacaEval 2.0 (length-controlled, official judge), and there are no AlpacaEval scores in these results."
        )];
    }
    let mixtures = boards
        .into_iter()
        .flat_map(|board| board.rows.iter().filter(|row| row.is_mixture()).map(move |row| (board, row)));
    mixtures.map(|(board, row)| beside_published(board, row, rate)).collect()
}

fn beside_published(board: &Board, row: &Row, rate: f64) -> String {
    if !board.judge.is_comparable() {
        return format!(
            "As good as gpt-4o-mini? {} cannot be told from these results: {} judged, and gpt-4o-mini's published {rate:.1} % are the official judge's.",
            row.contender,
            board.judge.name.as_deref().unwrap_or_default()
        );
    }
    let verdict = match (row.score.low, row.score.high) {
        (Some(low), _) if low > rate => "above",
        (_, Some(high)) if high < rate => "below",
        _ => "not to be told apart from",
    };
    format!(
        "As good as gpt-4o-mini? {} is {verdict} it on AlpacaEval 2.0: {} against the published {rate:.1} %.",
        row.contender,
        row.score.text(1)
    )
}
