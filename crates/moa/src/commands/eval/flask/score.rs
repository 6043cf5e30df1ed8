//! `moa eval flask score`: means of skills, domains and levels out of a file of reviews.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use moa_eval::EvalError;
use moa_eval::flask::{self, FlaskScore, Review, read_items, read_reviews};
use moa_eval::statistics::Bootstrap;

use crate::commands::eval::arguments::TableFormat;
use crate::commands::eval::columns::{Columns, interval, number};
use crate::commands::eval::input::{self, InputFile};
use crate::commands::{print, print_json};
use crate::complaint::Complaint;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  moa eval flask score --reviews reviews.jsonl --evaluation-set flask_evaluation.jsonl --format json\n  moa eval flask score --reviews reviews.jsonl --evaluation-set flask_evaluation.jsonl --format csv --table difficulty"
)]
pub(crate) struct ScoreArgs {
    /// File of reviews, as the official script writes it
    #[arg(long, value_name = "FILE")]
    reviews: PathBuf,

    /// The evaluation set that was reviewed, whose lines say how difficult each item is; without it there are no levels
    #[arg(long, value_name = "FILE")]
    evaluation_set: Option<PathBuf>,

    /// What to print
    #[arg(short, long, value_enum, default_value_t = TableFormat::Text)]
    format: TableFormat,

    /// With `--format csv`: which of the official tables
    #[arg(long, value_enum, default_value_t = TableArg::Skill)]
    table: TableArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TableArg {
    /// By skill
    Skill,
    /// By domain
    Domain,
    /// By skill and level of difficulty
    Difficulty,
}

pub(crate) fn execute(arguments: &ScoreArgs) -> Result<(), Complaint> {
    let reviews = InputFile::read(&arguments.reviews)?.parse(read_reviews)?;
    let items = InputFile::read_if_named(arguments.evaluation_set.as_ref())?
        .map(|file| file.parse(read_items))
        .transpose()?;
    let score = flask::score(&reviews, items.as_deref()).map_err(|error| input::complaint(&error))?;
    if score.n_without_scores == score.n_reviews {
        let error = EvalError::NothingToScore { what: "the reviews" };
        return Err(
            Complaint::failed(format!("{}: {error}", arguments.reviews.display())).with_hint(error.hint())
        );
    }
    input::warn(&warnings(&score, &reviews, arguments));
    match arguments.format {
        TableFormat::Json => print_json(&score),
        TableFormat::Text => print(&text(&score, &reviews)?),
        TableFormat::Csv => {
            let csv = match arguments.table {
                TableArg::Skill => score.skills.to_csv(),
                TableArg::Domain => score.domains.to_csv(),
                TableArg::Difficulty => match &score.difficulty {
                    Some(table) => table.to_csv(),
                    None => return Err(Complaint::usage("--table difficulty needs --evaluation-set")),
                },
            };
            print(&csv.map_err(|error| input::complaint(&error))?)
        }
    }
}

fn warnings(score: &FlaskScore, reviews: &[Review], arguments: &ScoreArgs) -> Vec<String> {
    let mut warnings = Vec::new();
    if score.n_without_scores > 0 {
        let (without, all) = (score.n_without_scores, score.n_reviews);
        warnings.push(format!("{without} of {all} reviews have no scores that can be read"));
    }
    if arguments.evaluation_set.is_none() {
        warnings.push("there are no levels of difficulty, because --evaluation-set names no file".to_owned());
    } else if let Some(place) =
        reviews.iter().enumerate().position(|(place, review)| review.item.id != place as u64 + 1)
    {
        warnings.push(format!(
            "line {} holds the review of item {}: levels of difficulty go by line, as in the official script",
            place + 1,
            reviews[place].item.id
        ));
    }
    warnings
}

fn text(score: &FlaskScore, reviews: &[Review]) -> Result<String, Complaint> {
    let mut skills = Columns::new(["skill", "mean", "95 % interval", "n"]);
    for (skill, values) in flask::scores_by_skill(reviews) {
        let estimate = if values.is_empty() {
            None
        } else {
            let groups = values.chunks(1);
            Some(Bootstrap::default().mean(groups).map_err(|error| input::complaint(&error))?)
        };
        skills.row(vec![
            skill.to_owned(),
            number(estimate.map(|estimate| estimate.mean)),
            interval(estimate.map(|estimate| estimate.interval)),
            values.len().to_string(),
        ]);
    }
    let mut domains = Columns::new(["domain", "mean", "n"]);
    for (domain, tally) in score.domains.iter() {
        domains.row(vec![domain.to_owned(), number(tally.average()), tally.count.to_string()]);
    }
    let mut text = format!("{} reviews\n\n{skills}\n{domains}", score.n_reviews);
    if let Some(table) = &score.difficulty {
        let mut levels =
            Columns::new(["mean (n) by level", "simple", "advanced", "formal", "major", "expert"]);
        for (skill, of) in table.iter() {
            let cells =
                of.iter().map(|level| format!("{} ({})", number(level.tally.average()), level.tally.count));
            levels.row(std::iter::once(skill.to_owned()).chain(cells).collect());
        }
        text = format!("{text}\n{levels}");
    }
    Ok(text)
}
