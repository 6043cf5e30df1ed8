//! The scores of a folder, out of its files of judgments.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use moa_eval::EvalError;
use moa_eval::alpaca::{self, GamedRows, Options, References, Variant, read_comparisons};
use moa_eval::flask::{read_reviews, scores_by_skill};
use moa_eval::mt_bench::{CATEGORIES, Judgment, estimate_single, read_judgments, read_questions, score_single};
use moa_eval::statistics::{Bootstrap, Interval, normal_interval};
use moa_report::{Alpaca, Flask, Layer, Measured, MtBench, Similarity};

use super::{Contenders, contender};
use crate::commands::eval::data::DataFolder;
use crate::commands::eval::input::{self, InputFile};
use crate::commands::eval::{CONFIDENCE, alpaca_eval, mt_bench};
use crate::complaint::Complaint;

/// Where scores come from.
pub(super) struct Sources<'a> {
    pub(super) output: &'a Path,
    pub(super) gamed: Option<&'a Path>,
    pub(super) alpaca: DataFolder,
    pub(super) mt_bench: DataFolder,
}

/// Collects the scores of all benchmarks. One contender has one score of each: of several judges, the last by name counts, and the others
/// are told of.
pub(super) fn collect(
    sources: &Sources<'_>,
    contenders: &mut Contenders,
    warnings: &mut Vec<String>,
) -> Result<(), Complaint> {
    alpaca(sources, contenders, warnings)?;
    mt_bench(sources, contenders, warnings)?;
    flask(sources, contenders, warnings)
}

/// All files below a folder that end so, in their order.
pub(super) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn bounds(interval: Interval) -> [f64; 2] {
    [interval.low, interval.high]
}

/// Tells of a score that another judge's score replaces.
fn told<T>(old: Option<T>, name: &str, benchmark: &str, warnings: &mut Vec<String>) {
    if old.is_some() {
        warnings.push(format!("{name} was judged by several judges in {benchmark}; the last by name is shown"));
    }
}

fn alpaca(sources: &Sources<'_>, contenders: &mut Contenders, warnings: &mut Vec<String>) -> Result<(), Complaint> {
    let annotations = files(&sources.output.join("alpaca_eval").join("results"), "annotations.json");
    if annotations.is_empty() {
        return Ok(());
    }
    let fetched = || sources.alpaca.find(&alpaca_eval::GAMED);
    let gamed = sources.gamed.map(Path::to_owned).or_else(fetched);
    let gamed = gamed.map(|path| InputFile::read(&path)?.parse(GamedRows::read)).transpose()?;
    for path in annotations {
        let rows = InputFile::read(&path)?.parse(read_comparisons)?;
        let variant = if gamed.is_some() { Variant::V1 } else { Variant::Minimal };
        let references = References { difficulty: None, gamed: gamed.as_ref() };
        let score = match alpaca::score(&rows, &references, &Options { variant, ..Options::default() }) {
            Err(EvalError::NothingToScore { .. }) => {
                warnings.push(format!("{} has no preference that could be scored", path.display()));
                continue;
            }
            other => other.map_err(|error| input::complaint(&error))?,
        };
        let note = rows.iter().find_map(|row| row.note.clone());
        let measured = |value: f64, error: f64, n: usize| Measured {
            value,
            interval: normal_interval(value, error, CONFIDENCE).ok().map(bounds).filter(|of| of[0].is_finite()),
            n,
            judge: score.annotator.clone(),
            note: note.clone(),
        };
        let controlled = score.length_controlled_winrate.zip(score.lc_standard_error);
        if variant == Variant::Minimal && controlled.is_some() {
            warnings.push(
                "AlpacaEval's length-controlled win rates are those of the variant `minimal`, because df_gamed.csv is not there: they \
                 are not comparable with the leaderboard's"
                    .to_owned(),
            );
        }
        let of = Alpaca {
            length_controlled: controlled.map(|(value, error)| measured(value, error, score.n_rows)),
            win_rate: measured(score.win_rate.win_rate, score.win_rate.standard_error, score.win_rate.n_total),
            mean_length: score.avg_length,
        };
        let old = contender(contenders, &score.model).alpaca.replace(of);
        told(old, &score.model, "AlpacaEval", warnings);
    }
    warnings.dedup();
    Ok(())
}

fn mt_bench(sources: &Sources<'_>, contenders: &mut Contenders, warnings: &mut Vec<String>) -> Result<(), Complaint> {
    let judgments = files(&sources.output.join("mt_bench").join("model_judgment"), "_single.jsonl");
    if judgments.is_empty() {
        return Ok(());
    }
    let mut of_proposals = Vec::new();
    let questions = match sources.mt_bench.find(&mt_bench::QUESTIONS) {
        Some(path) => InputFile::read(&path)?.parse(read_questions)?,
        None => {
            warnings.push("MT-Bench has no scores of categories, because its questions are not there".to_owned());
            Vec::new()
        }
    };
    for path in judgments {
        let rows: Vec<Judgment> = InputFile::read(&path)?.parse(read_judgments)?;
        let scores = match score_single(&rows, &questions) {
            Err(EvalError::NothingToScore { .. }) => {
                warnings.push(format!("{} has no grade that could be read", path.display()));
                continue;
            }
            other => other.map_err(|error| input::complaint(&error))?,
        };
        let estimates = estimate_single(&rows, &Bootstrap::default()).map_err(|error| input::complaint(&error))?;
        for score in scores {
            let Some(average) = score.average else { continue };
            let of_model = rows.iter().find(|row| row.model == score.model);
            let measured = Measured {
                value: average,
                interval: estimates.get(&score.model).map(|estimate| bounds(estimate.interval)),
                n: score.n_turn_1 + score.n_turn_2,
                judge: of_model.map(|row| row.judge.0.clone()).unwrap_or_default(),
                note: of_model.and_then(|row| row.note.clone()),
            };
            if let Some((name, layer, agent)) = mt_bench::proposal_parts(&score.model) {
                of_proposals.push((name.to_owned(), layer, agent.to_owned(), measured));
                continue;
            }
            if score.n_invalid > 0 {
                warnings.push(format!("{}: {} judgments of MT-Bench have no grade", score.model, score.n_invalid));
            }
            let of = MtBench {
                average: measured,
                turn_1: score.turn_1,
                turn_2: score.turn_2,
                n_invalid: score.n_invalid,
                categories: in_order(&score.categories),
            };
            let old = contender(contenders, &score.model).mt_bench.replace(of);
            told(old, &score.model, "MT-Bench", warnings);
        }
    }
    for (name, layer, agent, measured) in of_proposals {
        let empty = Layer { layer, agent, n: 0, mean_length: 0.0, similarity: Similarity::default(), judged: Some(measured) };
        contender(contenders, &name).layers.push(empty);
    }
    Ok(())
}

/// The benchmark's categories in its order, then others.
fn in_order(categories: &BTreeMap<String, f64>) -> Vec<(String, f64)> {
    let known = CATEGORIES.iter().filter_map(|name| categories.get_key_value(*name));
    let others = categories.iter().filter(|(name, _)| !CATEGORIES.contains(&name.as_str()));
    known.chain(others).map(|(name, value)| (name.clone(), *value)).collect()
}

fn flask(sources: &Sources<'_>, contenders: &mut Contenders, warnings: &mut Vec<String>) -> Result<(), Complaint> {
    for path in files(&sources.output.join("flask").join("review"), ".jsonl") {
        let reviews = InputFile::read(&path)?.parse(read_reviews)?;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        // Files are called MODEL.JUDGE.jsonl, and reviews name nobody but their note.
        let Some(first) = reviews.first() else { continue };
        let (model, judge) = match (&first.model, &first.judge) {
            (Some(model), Some(judge)) => (model.clone(), judge.clone()),
            _ => (stem.clone(), "unknown".to_owned()),
        };
        let without = reviews.iter().filter(|review| review.scores.is_empty()).count();
        if without > 0 {
            warnings.push(format!("{model}: {without} of {} reviews of FLASK have no scores that can be read", reviews.len()));
        }
        let mut skills = Vec::new();
        for (skill, values) in scores_by_skill(&reviews) {
            let Ok(estimate) = Bootstrap::default().mean(values.chunks(1)) else { continue };
            let measured = Measured {
                value: estimate.mean,
                interval: Some(bounds(estimate.interval)),
                n: values.len(),
                judge: judge.clone(),
                note: first.note.clone(),
            };
            skills.push((skill.to_owned(), measured));
        }
        let old = contender(contenders, &model).flask.replace(Flask { skills });
        told(old, &model, "FLASK", warnings);
    }
    Ok(())
}
