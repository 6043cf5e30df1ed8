//! Everything that a file of annotations says of a model.

use serde::Serialize;

use super::length_control::Inputs;
use super::outputs::mean_length;
use super::{
    Coefficients, Comparison, CrossValidated, Difficulty, DifficultyOf, GamedRows, LengthControlled, Variant,
    WinRate,
};
use crate::EvalError;

/// What is wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Which length-controlled model.
    pub variant: Variant,
    /// A fixed inverse strength of the regularisation, in place of the one that cross-validation chooses.
    pub c: Option<f64>,
    /// How the difficulty of a row is found.
    pub difficulty_of: DifficultyOf,
    /// The model's name, where the annotations do not say it rightly.
    pub model: Option<String>,
}

/// The reference data of the length-controlled model. Without them only the variant `minimal` can be computed, or with difficulties
/// alone `noreg`.
#[derive(Debug, Clone, Copy, Default)]
pub struct References<'a> {
    /// `instruction_difficulty.csv`; where it is missing, the difficulties of the gamed rows serve.
    pub difficulty: Option<&'a Difficulty>,
    /// `df_gamed.csv`.
    pub gamed: Option<&'a GamedRows>,
}

/// The score of a model. Rates are percentages.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlpacaScore {
    /// The model.
    pub model: String,
    /// What it was compared with.
    pub baseline: String,
    /// Who compared.
    pub annotator: String,
    /// The rates that know nothing of lengths.
    #[serde(flatten)]
    pub win_rate: WinRate,
    /// The mean length of the model's answers in code points, truncated.
    pub avg_length: u64,
    /// Rows of the file, over which the length-controlled win rate is a mean.
    pub n_rows: usize,
    /// The variant of the length-controlled model.
    pub variant: Variant,
    /// The win rate at equal lengths; nothing where reference data are missing.
    pub length_controlled_winrate: Option<f64>,
    /// Its standard error.
    pub lc_standard_error: Option<f64>,
    /// The inverse strength of the regularisation.
    pub c: Option<f64>,
    /// What the fit learned.
    pub coefficients: Option<Coefficients>,
    /// How every C did, where C was not fixed.
    pub cross_validation: Vec<CrossValidated>,
    /// What a reader should know before believing the numbers.
    pub warnings: Vec<String>,
    /// The prediction of each row, in [0, 1].
    #[serde(skip)]
    pub predictions: Vec<f64>,
}

/// Scores a file of annotations. Where its length-controlled win rate cannot be computed, a warning says why, and the rest is given.
///
/// # Errors
///
/// Where no row has a preference, or an option makes no sense.
pub fn score(
    rows: &[Comparison],
    references: &References<'_>,
    options: &Options,
) -> Result<AlpacaScore, EvalError> {
    if let Some(c) = options.c.filter(|c| !(c.is_finite() && *c > 0.0)) {
        return Err(EvalError::InvalidOption { name: "c", reason: format!("{c} is not a positive number") });
    }
    let win_rate = WinRate::of(rows.iter().map(|row| row.preference))?;
    let model = options.model.clone().unwrap_or_else(|| common(rows, |row| &row.generator_2));
    let baseline = common(rows, |row| &row.generator_1);
    let mut warnings = Vec::new();
    if let Some(note) = rows.iter().find_map(|row| row.note.as_ref()) {
        warnings.push(format!("the judge: {note}"));
    }
    let missing = rows.len() - win_rate.n_total;
    if missing > 0 {
        warnings.push(format!("{missing} of {} rows have no preference", rows.len()));
    }
    let is_baseline = !model.is_empty() && model == baseline;
    let fitted = length_controlled(rows, references, options, is_baseline)
        .map_err(|reason| warnings.push(format!("there is no length-controlled win rate: {reason}")))
        .ok();
    if let Some(fitted) = &fitted
        && is_extreme(win_rate.win_rate, fitted.length_controlled_winrate)
    {
        warnings.push(format!(
            "the length-controlled win rate {:.1} is far from the plain one {:.1}: the fit may have failed",
            fitted.length_controlled_winrate, win_rate.win_rate
        ));
    }
    Ok(AlpacaScore {
        model,
        baseline,
        annotator: common(rows, |row| &row.annotator),
        win_rate,
        avg_length: mean_length(rows.iter().map(|row| row.output_2.0)).unwrap_or_default(),
        n_rows: rows.len(),
        variant: options.variant,
        length_controlled_winrate: fitted.as_ref().map(|fitted| fitted.length_controlled_winrate),
        lc_standard_error: fitted.as_ref().map(|fitted| fitted.lc_standard_error),
        c: fitted.as_ref().and_then(|fitted| fitted.c),
        coefficients: fitted.as_ref().map(|fitted| fitted.coefficients),
        cross_validation: fitted.as_ref().map(|fitted| fitted.cross_validation.clone()).unwrap_or_default(),
        warnings,
        predictions: fitted.map(|fitted| fitted.predictions).unwrap_or_default(),
    })
}

/// The length-controlled fit, or why there is none.
fn length_controlled(
    rows: &[Comparison],
    references: &References<'_>,
    options: &Options,
    is_baseline: bool,
) -> Result<LengthControlled, String> {
    if is_baseline {
        return Ok(LengthControlled::of_baseline(options.variant, rows.len()));
    }
    let difficulty = references.difficulty.or_else(|| references.gamed.map(GamedRows::difficulty));
    let missing = match options.variant {
        Variant::V1 if references.gamed.is_none() => Some("df_gamed.csv"),
        Variant::NoRegularization if difficulty.is_none() => Some("instruction_difficulty.csv"),
        _ => None,
    };
    if let Some(missing) = missing {
        return Err(format!("{missing} is missing"));
    }
    let difficulty_of = options.difficulty_of;
    let inputs = Inputs { rows, difficulty, difficulty_of, gamed: references.gamed };
    LengthControlled::fitted(&inputs, options.variant, options.c).map_err(|error| error.to_string())
}

/// Whether the package would warn (`get_is_extreme_changes`).
fn is_extreme(plain: f64, controlled: f64) -> bool {
    let least = (plain - plain / 4.0).min(plain - 10.0);
    let most = (plain + (100.0 - plain) / 4.0).max(plain + 10.0);
    controlled < least || controlled > most
}

/// What all rows say, or nothing where they disagree.
fn common(rows: &[Comparison], field: impl Fn(&Comparison) -> &String) -> String {
    match rows {
        [first, rest @ ..] if rest.iter().all(|row| field(row) == field(first)) => field(first).clone(),
        _ => String::new(),
    }
}
