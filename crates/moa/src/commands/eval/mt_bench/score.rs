//! `moa eval mt-bench score`: means per model out of single grades, or wins out of games.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use moa_eval::mt_bench::{
    self, CATEGORIES, ModelScore, PairwiseRow, read_judgments, read_pair_judgments, read_questions,
};
use moa_eval::statistics::{Bootstrap, Interval, wilson};
use serde::Serialize;
use serde::ser::SerializeMap as _;

use crate::commands::eval::CONFIDENCE;
use crate::commands::eval::arguments::TableFormat;
use crate::commands::eval::columns::{Columns, csv, interval, number};
use crate::commands::eval::input::{self, InputFile};
use crate::commands::{print, print_json};
use crate::complaint::Complaint;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  moa eval mt-bench score --judgments gpt-4_single.jsonl --questions question.jsonl --format json\n  moa eval mt-bench score --judgments gpt-4_pair.jsonl --mode pairwise-baseline --baseline gpt-3.5-turbo"
)]
pub(crate) struct ScoreArgs {
    /// File of judgments, as the official scripts write it
    #[arg(long, value_name = "FILE")]
    judgments: PathBuf,

    /// File of questions, which says what category each has; without it there are no categories
    #[arg(long, value_name = "FILE")]
    questions: Option<PathBuf>,

    /// Single grades, or games of pairs
    #[arg(long, value_enum, default_value_t = ModeArg::Single)]
    mode: ModeArg,

    /// With `--mode pairwise-baseline`: the model that the others are compared with
    #[arg(long, value_name = "NAME", default_value = "gpt-3.5-turbo")]
    baseline: String,

    /// What to print
    #[arg(short, long, value_enum, default_value_t = TableFormat::Text)]
    format: TableFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModeArg {
    /// A grade for each answer
    Single,
    /// Games between any models
    PairwiseAll,
    /// Games against the baseline only
    PairwiseBaseline,
}

/// What is known of a model.
#[derive(Serialize)]
struct Graded<'a> {
    #[serde(flatten)]
    score: &'a ModelScore,
    /// The standard error of the average, where whole questions are drawn.
    standard_error: Option<f64>,
    /// Where the average lies, with a confidence of 95 %.
    interval: Option<Interval>,
}

/// Values by name, in the order in which they were ranked.
struct Ranked<'a, T>(Vec<(&'a str, T)>);

impl<T: Serialize> Serialize for Ranked<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

pub(crate) fn execute(arguments: &ScoreArgs) -> Result<(), Complaint> {
    match arguments.mode {
        ModeArg::Single => single(arguments),
        ModeArg::PairwiseAll => pairwise(arguments, None),
        ModeArg::PairwiseBaseline => pairwise(arguments, Some(&arguments.baseline)),
    }
}

fn single(arguments: &ScoreArgs) -> Result<(), Complaint> {
    let file = InputFile::read(&arguments.judgments)?;
    let judgments = file.parse(read_judgments).map_err(|complaint| {
        let hint = "these are games of pairs: --mode pairwise-all scores them";
        complaint.with_hint(file.is(read_pair_judgments).then(|| hint.to_owned()))
    })?;
    let questions = match InputFile::read_if_named(arguments.questions.as_ref())? {
        Some(file) => file.parse(read_questions)?,
        None => {
            input::warn(&["there are no scores of categories, because --questions names no file".to_owned()]);
            Vec::new()
        }
    };
    let scores = mt_bench::score_single(&judgments, &questions).map_err(|error| input::complaint(&error))?;
    let estimates = mt_bench::estimate_single(&judgments, &Bootstrap::default())
        .map_err(|error| input::complaint(&error))?;
    for score in scores.iter().filter(|score| score.n_invalid > 0) {
        let turns = score.n_turn_1 + score.n_turn_2 + score.n_invalid;
        input::warn(&[format!("{}: {} of {turns} judgments have no grade", score.model, score.n_invalid)]);
    }
    let graded = scores.iter().map(|score| {
        let estimate = estimates.get(&score.model);
        let standard_error = estimate.map(|estimate| estimate.standard_error);
        (score.model.as_str(), Graded { score, standard_error, interval: estimate.map(|of| of.interval) })
    });
    let ranked = Ranked(graded.collect());
    match arguments.format {
        TableFormat::Json => print_json(&ranked),
        TableFormat::Text => print(&single_text(&ranked)),
        TableFormat::Csv => print(&single_csv(&ranked)?),
    }
}

/// The categories in the benchmark's order, then others that the questions have.
fn categories<'a>(ranked: &'a Ranked<'_, Graded<'_>>) -> Vec<&'a str> {
    let seen = || ranked.0.iter().flat_map(|(_, of)| of.score.categories.keys()).map(String::as_str);
    let known = CATEGORIES.into_iter().filter(|category| seen().any(|other| other == *category));
    let mut all: Vec<&str> = known.collect();
    for category in seen() {
        if !all.contains(&category) {
            all.push(category);
        }
    }
    all
}

fn single_text(ranked: &Ranked<'_, Graded<'_>>) -> String {
    let mut table = Columns::new(["model", "average", "95 % interval", "turn 1", "turn 2", "n", "no grade"]);
    for (model, of) in &ranked.0 {
        let score = of.score;
        table.row(vec![
            (*model).to_owned(),
            number(score.average),
            interval(of.interval),
            number(score.turn_1),
            number(score.turn_2),
            (score.n_turn_1 + score.n_turn_2).to_string(),
            score.n_invalid.to_string(),
        ]);
    }
    let categories = categories(ranked);
    if categories.is_empty() {
        return table.to_string();
    }
    let mut by_category = Columns::new(["category"]);
    by_category.extend_header(ranked.0.iter().map(|(model, _)| *model));
    for category in categories {
        let mut row = vec![category.to_owned()];
        row.extend(ranked.0.iter().map(|(_, of)| number(of.score.categories.get(category).copied())));
        by_category.row(row);
    }
    format!("{table}\n{by_category}")
}

fn single_csv(ranked: &Ranked<'_, Graded<'_>>) -> Result<String, Complaint> {
    let categories = categories(ranked);
    let cell = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let mut header: Vec<String> =
        ["model", "turn_1", "turn_2", "average", "n_turn_1", "n_turn_2", "n_invalid", "low", "high"]
            .map(str::to_owned)
            .to_vec();
    header.extend(categories.iter().map(|category| (*category).to_owned()));
    let mut rows = vec![header];
    for (model, of) in &ranked.0 {
        let score = of.score;
        let mut row = vec![(*model).to_owned(), cell(score.turn_1), cell(score.turn_2), cell(score.average)];
        row.extend([score.n_turn_1, score.n_turn_2, score.n_invalid].map(|count| count.to_string()));
        row.extend([of.interval.map(|of| of.low), of.interval.map(|of| of.high)].map(cell));
        row.extend(categories.iter().map(|category| cell(score.categories.get(*category).copied())));
        rows.push(row);
    }
    csv(rows)
}

fn pairwise(arguments: &ScoreArgs, baseline: Option<&str>) -> Result<(), Complaint> {
    let file = InputFile::read(&arguments.judgments)?;
    let games = file.parse(read_pair_judgments).map_err(|complaint| {
        let hint = "these are single grades: leave --mode out to score them";
        complaint.with_hint(file.is(read_judgments).then(|| hint.to_owned()))
    })?;
    let rows = mt_bench::score_pairwise(&games, baseline).map_err(|error| {
        let no_game =
            baseline.map(|name| format!("--baseline names the model in all games; here it is {name:?}"));
        input::complaint(&error).with_hint(no_game)
    })?;
    let ranked = Ranked(rows.iter().map(|row| (row.model.as_str(), row)).collect());
    match arguments.format {
        TableFormat::Json => print_json(&ranked),
        TableFormat::Text => print(&pairwise_text(&rows)),
        TableFormat::Csv => print(&pairwise_csv(&rows)?),
    }
}

fn pairwise_text(rows: &[PairwiseRow]) -> String {
    let headings = ["model", "win", "loss", "tie", "win rate", "95 % interval", "loss rate", "adjusted", "n"];
    let mut table = Columns::new(headings);
    for row in rows {
        let games = row.win + row.loss + row.tie;
        let mut cells = vec![row.model.clone()];
        cells.extend([row.win, row.loss, row.tie].map(|count| count.to_string()));
        cells.push(number(Some(row.win_rate)));
        cells.push(interval(wilson(row.win, games, CONFIDENCE).ok()));
        cells.extend([row.loss_rate, row.win_rate_adjusted].map(|rate| number(Some(rate))));
        cells.push(games.to_string());
        table.row(cells);
    }
    table.to_string()
}

fn pairwise_csv(rows: &[PairwiseRow]) -> Result<String, Complaint> {
    let header = ["model", "win", "loss", "tie", "win_rate", "loss_rate", "win_rate_adjusted"];
    let mut cells = vec![header.map(str::to_owned).to_vec()];
    for row in rows {
        let mut line = vec![row.model.clone()];
        line.extend([row.win, row.loss, row.tie].map(|count| count.to_string()));
        line.extend([row.win_rate, row.loss_rate, row.win_rate_adjusted].map(|rate| rate.to_string()));
        cells.push(line);
    }
    csv(cells)
}
