//! `moa eval alpaca-eval score`: win rates out of a file of annotations, or out of stored weights.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use moa_eval::EvalError;
use moa_eval::alpaca::{
    self, AlpacaScore, Difficulty, DifficultyOf, GamedRows, Leaderboard, LeaderboardRow, Options, References,
    StoredWeights, Variant,
};
use moa_eval::statistics::normal_interval;
use serde::Serialize;

use super::stored;
use crate::commands::eval::CONFIDENCE;
use crate::commands::eval::arguments::TableFormat;
use crate::commands::eval::columns::{Columns, interval, number};
use crate::commands::eval::input::{self, InputFile};
use crate::commands::{print, print_json};
use crate::complaint::Complaint;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  moa eval alpaca-eval score --annotations annotations.json --gamed df_gamed.csv --format json\n  moa eval alpaca-eval score --annotations annotations.json --variant minimal\n  moa eval alpaca-eval score --weights weights.csv --difficulty instruction_difficulty.csv --model A --against B"
)]
pub(crate) struct ScoreArgs {
    /// File of annotations: the judge's preferences, as the official package writes them
    #[arg(long, value_name = "FILE", required_unless_present = "weights")]
    annotations: Option<PathBuf>,

    /// The package's `instruction_difficulty.csv`; without it the difficulties of the gamed rows serve
    #[arg(long, value_name = "CSV")]
    difficulty: Option<PathBuf>,

    /// The package's `df_gamed.csv`, which the variant v1 is held to
    #[arg(long, value_name = "CSV")]
    gamed: Option<PathBuf>,

    /// Inverse strength of the regularisation; without it cross-validation chooses
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    c: Option<f64>,

    /// Which length-controlled model is fitted
    #[arg(long, value_enum, default_value_t = VariantArg::V1)]
    variant: VariantArg,

    /// How the difficulty of a row is found: by its number in the file, as on the leaderboard, or by its instruction
    #[arg(long, value_enum, default_value_t = DifficultyByArg::Row)]
    difficulty_by: DifficultyByArg,

    /// The baseline's outputs, whose order says which instruction has which difficulty
    #[arg(long, value_name = "FILE", required_if_eq("difficulty_by", "instruction"))]
    baseline: Option<PathBuf>,

    /// Name of the model, where the annotations do not say it rightly; with --weights, the model to look up
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Stored weights of many models: gives length-controlled win rates without annotations
    #[arg(long, value_name = "CSV", conflicts_with_all = ["annotations", "gamed", "c"], requires = "difficulty")]
    weights: Option<PathBuf>,

    /// With --weights: the model that takes the baseline's place
    #[arg(long, value_name = "NAME", requires = "weights", requires = "model")]
    against: Option<String>,

    /// With --weights: how many instructions count, where the model's file lacked some
    #[arg(long, value_name = "N", requires = "weights", conflicts_with = "against")]
    rows: Option<usize>,

    /// The leaderboard, to find the model's place on it; with `--format csv` it is printed with the model's row
    #[arg(long, value_name = "CSV")]
    leaderboard: Option<PathBuf>,

    /// What to print
    #[arg(short, long, value_enum, default_value_t = TableFormat::Text)]
    format: TableFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum VariantArg {
    /// The leaderboard's: lengths, difficulties and the gamed baselines
    V1,
    /// Without the gamed baselines
    Noreg,
    /// Without the gamed baselines and the difficulties
    Minimal,
}

impl From<VariantArg> for Variant {
    fn from(variant: VariantArg) -> Self {
        match variant {
            VariantArg::V1 => Self::V1,
            VariantArg::Noreg => Self::NoRegularization,
            VariantArg::Minimal => Self::Minimal,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DifficultyByArg {
    /// The row's number, as the official package has it
    Row,
    /// The instruction, also where the file lacks rows
    Instruction,
}

/// A score and its place among others.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    score: &'a AlpacaScore,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
}

/// Where a model stands.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Place {
    /// Counted from 1, by length-controlled win rate.
    rank: usize,
    /// Models on the leaderboard with this one.
    of: usize,
}

pub(crate) fn execute(arguments: &ScoreArgs) -> Result<(), Complaint> {
    let difficulty = InputFile::read_if_named(arguments.difficulty.as_ref())?
        .map(|file| file.parse(Difficulty::read))
        .transpose()?;
    let leaderboard = InputFile::read_if_named(arguments.leaderboard.as_ref())?
        .map(|file| file.parse(Leaderboard::read))
        .transpose()?;
    if let (Some(weights), Some(difficulty)) = (&arguments.weights, &difficulty) {
        let weights = InputFile::read(weights)?.parse(StoredWeights::read)?;
        let lookup = stored::Lookup {
            weights: &weights,
            difficulty,
            model: arguments.model.as_deref(),
            against: arguments.against.as_deref(),
            rows: arguments.rows,
            leaderboard: leaderboard.as_ref(),
        };
        return lookup.print(arguments.format);
    }
    let score = score(arguments, difficulty)?;
    input::warn(&score.warnings);
    let mut board = leaderboard;
    let place = board.as_mut().and_then(|board| insert(board, &score));
    match arguments.format {
        TableFormat::Json => print_json(&Document { score: &score, place }),
        TableFormat::Csv => {
            let mut board = board.unwrap_or_default();
            insert(&mut board, &score);
            print(&board.write().map_err(|error| input::complaint(&error))?)
        }
        TableFormat::Text => print(&text(&score, place)),
    }
}

fn score(arguments: &ScoreArgs, difficulty: Option<Difficulty>) -> Result<AlpacaScore, Complaint> {
    // Clap sees to it that there are annotations where there are no weights.
    let Some(path) = &arguments.annotations else {
        return Err(Complaint::usage("--annotations names the file to score"));
    };
    let rows = InputFile::read(path)?.parse(alpaca::read_comparisons)?;
    let gamed = InputFile::read_if_named(arguments.gamed.as_ref())?
        .map(|file| file.parse(GamedRows::read))
        .transpose()?;
    let baseline = InputFile::read_if_named(arguments.baseline.as_ref())?
        .map(|file| file.parse(alpaca::read_outputs))
        .transpose()?;
    let mut difficulty = difficulty.or_else(|| gamed.as_ref().map(|gamed| gamed.difficulty().clone()));
    if let Some(baseline) = baseline {
        let instructions = || baseline.iter().map(|row| row.instruction.as_str());
        difficulty = difficulty.map(|difficulty| difficulty.with_instructions(instructions()));
    }
    let options = Options {
        variant: arguments.variant.into(),
        c: arguments.c,
        difficulty_of: match arguments.difficulty_by {
            DifficultyByArg::Row => DifficultyOf::RowNumber,
            DifficultyByArg::Instruction => DifficultyOf::Instruction,
        },
        model: arguments.model.clone(),
    };
    let references = References { difficulty: difficulty.as_ref(), gamed: gamed.as_ref() };
    alpaca::score(&rows, &references, &options).map_err(|error| {
        let EvalError::NothingToScore { .. } = error else { return input::complaint(&error) };
        Complaint::failed(format!("{}: {error}", path.display())).with_hint(error.hint())
    })
}

/// Puts the model onto the leaderboard and says where it is.
fn insert(board: &mut Leaderboard, score: &AlpacaScore) -> Option<Place> {
    let row = LeaderboardRow::new(score, "");
    let model = row.model.clone();
    board.insert(row);
    let rank = board.rows.iter().position(|row| row.model == model)? + 1;
    Some(Place { rank, of: board.rows.len() })
}

fn text(score: &AlpacaScore, place: Option<Place>) -> String {
    let named =
        |name: &str, otherwise: &str| if name.is_empty() { otherwise.to_owned() } else { name.to_owned() };
    let mut text = format!(
        "{} against {}, judged by {}\n\n",
        named(&score.model, "the model"),
        named(&score.baseline, "the baseline"),
        named(&score.annotator, "an unnamed judge")
    );
    let rates = &score.win_rate;
    let around = |rate: Option<f64>, error: Option<f64>| {
        interval(rate.zip(error).and_then(|(rate, error)| normal_interval(rate, error, CONFIDENCE).ok()))
    };
    let mut table = Columns::new(["per cent", "rate", "error", "95 % interval", "n"]);
    let mut row = |name: &str, rate: Option<f64>, error: Option<f64>, n: usize| {
        table.row(vec![name.to_owned(), number(rate), number(error), around(rate, error), n.to_string()]);
    };
    let controlled = score.length_controlled_winrate;
    row("length-controlled win rate", controlled, score.lc_standard_error, score.n_rows);
    row("win rate", Some(rates.win_rate), Some(rates.standard_error), rates.n_total);
    row("discrete win rate", Some(rates.discrete_win_rate), None, rates.n_total);
    let _ = write!(text, "{table}");
    let _ = writeln!(
        text,
        "\nwon {}, lost {}, drawn {}; mean length {} characters",
        rates.n_wins, rates.n_wins_base, rates.n_draws, score.avg_length
    );
    if let (Some(c), Some(of)) = (score.c, score.coefficients) {
        let how = if score.cross_validation.is_empty() { "given" } else { "chosen by cross-validation" };
        let _ = writeln!(
            text,
            "C = {c:.6} {how}; coefficients: length {:.4}, difficulty {:.4}, constant {:.4}",
            of.length, of.difficulty, of.constant
        );
    }
    if controlled.is_some() {
        text.push_str("the error at equal lengths is the spread of the fit's predictions, as published; it knows nothing of the judge's own\n");
    }
    if let Some(place) = place {
        let _ = writeln!(text, "place {} of {} on the leaderboard", place.rank, place.of);
    }
    text
}
