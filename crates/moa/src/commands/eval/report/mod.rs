//! `moa eval report`: the scores of one folder as a page, pictures and tables.
//!
//! `scores` computes them from the files of judgments, `answers` what the answers took and how they relate to their proposals, `items` picks
//! what is to be read; how a report looks is `moa-report`'s.

mod answers;
mod items;
mod scores;
mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use moa_eval::alpaca::Leaderboard;
use moa_report::{Contender, Listed, Report, figures, html, png};

use super::data::{DataFolder, write_whole};
use super::input::{self, InputFile};
use crate::complaint::Complaint;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  moa eval report --output results\n  open results/report/index.html")]
pub(crate) struct ReportArgs {
    /// Folder of the answers and judgments; the report goes into its folder `report`
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,

    /// The official leaderboard of AlpacaEval, to stand beside the lengths; the fetched one where it is not given
    #[arg(long, value_name = "CSV")]
    leaderboard: Option<PathBuf>,

    /// AlpacaEval's `df_gamed.csv`, for length-controlled win rates; the fetched one where it is not given
    #[arg(long, value_name = "CSV")]
    gamed: Option<PathBuf>,

    /// Folder of the benchmarks' own files, in place of the fetched ones
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,

    /// Heading of the report
    #[arg(long, value_name = "TEXT", default_value = "Is the mixture better?")]
    title: String,

    /// How many of the best and of the worst answers to show of each contender
    #[arg(long, value_name = "N", default_value_t = 3)]
    items: usize,
}

/// What is known of the contenders so far, by name.
pub(super) type Contenders = BTreeMap<String, Contender>;

/// The contender of this name, who may be new.
fn contender<'a>(contenders: &'a mut Contenders, name: &str) -> &'a mut Contender {
    contenders.entry(name.to_owned()).or_insert_with(|| Contender { name: name.to_owned(), ..Contender::default() })
}

pub(super) fn execute(arguments: &ReportArgs) -> Result<(), Complaint> {
    let mut report = Report {
        title: arguments.title.clone(),
        made_at: format!("made on {}", jiff::Zoned::now().strftime("%Y-%m-%d at %H:%M %Z")),
        ..Report::default()
    };
    let data = |benchmark| DataFolder::new(benchmark, arguments.data.as_deref());
    let mut contenders = Contenders::new();
    let sources = scores::Sources {
        output: &arguments.output,
        gamed: arguments.gamed.as_deref(),
        alpaca: data("alpaca-eval")?,
        mt_bench: data("mt-bench")?,
    };
    scores::collect(&sources, &mut contenders, &mut report.warnings)?;
    if contenders.is_empty() {
        let message = format!("there are no judgments in {}", arguments.output.display());
        let hint = "`moa eval alpaca-eval judge`, `moa eval mt-bench judge` and `moa eval flask judge` make them";
        return Err(Complaint::failed(message).with_hint(Some(hint.to_owned())));
    }
    answers::collect(&arguments.output, &mut contenders)?;
    report.items = items::collect(&arguments.output, &sources, arguments.items)?;
    report.contenders = contenders.into_values().collect();
    report.leaderboard = leaderboard(arguments, &sources.alpaca)?;
    input::warn(&report.warnings);
    write(&arguments.output.join("report"), &report)
}

/// The official leaderboard, if there is one.
fn leaderboard(arguments: &ReportArgs, data: &DataFolder) -> Result<Vec<Listed>, Complaint> {
    let fetched = || data.find(&super::alpaca_eval::LEADERBOARD);
    let Some(path) = arguments.leaderboard.clone().or_else(fetched) else { return Ok(Vec::new()) };
    let board = InputFile::read(&path)?.parse(Leaderboard::read)?;
    // Those that the article names, and what it asks about; two hundred names would hide everything else.
    let shown = |name: &str| {
        ["Together-MoA", "Together-MoA-Lite", "gpt-4o-2024-05-13", "gpt-4o-mini-2024-07-18", "Qwen1.5-72B-Chat", "Meta-Llama-3-70B-Instruct"]
            .contains(&name)
    };
    let listed = board.rows.into_iter().filter(|row| shown(&row.model)).filter_map(|row| {
        Some(Listed {
            length_controlled: row.length_controlled_winrate?,
            error: row.lc_standard_error,
            win_rate: row.win_rate?,
            mean_length: row.avg_length.and_then(|length| u64::try_from(length).ok()),
            model: row.model,
        })
    });
    Ok(listed.collect())
}

fn write(folder: &Path, report: &Report) -> Result<(), Complaint> {
    let page = folder.join("index.html");
    write_whole(&page, html(report))?;
    let document = serde_json::to_vec_pretty(report).map_err(Complaint::failed)?;
    write_whole(&folder.join("report.json"), document)?;
    write_whole(&folder.join("scores.csv"), tables::scores(report)?)?;
    for figure in figures(report) {
        write_whole(&folder.join(format!("{}.svg", figure.name)), figure.svg())?;
        write_whole(&folder.join(format!("{}.png", figure.name)), png(&figure).map_err(Complaint::failed)?)?;
    }
    crate::commands::print(&format!("{}\n", page.display()))
}
