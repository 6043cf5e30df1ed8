//! What was measured of a preset.

use std::collections::BTreeMap;

use moa_core::{Conversation, RequestKind};

use crate::check;
use crate::kind::ProblemKind;
use crate::problem::Problem;
use crate::raw::{RawCalibration, RawRequestKind};
use crate::source::SourceFile;
use crate::written::Written;

/// What was measured of a preset, as `moa calibrate` writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The day: `2026-11-27`.
    pub date: String,
    /// The sets of questions.
    pub tasks: Vec<String>,
    /// The kinds of request that these are.
    pub kinds: Vec<RequestKind>,
    /// The items that confirmed it, none of which was looked at when it was chosen.
    pub items: u32,
    /// The share of right answers on them.
    pub accuracy: Bounded,
    /// The model that was best alone.
    pub best_single: String,
    /// Its share of right answers on the same items.
    pub best_single_accuracy: f64,
    /// How much the share is above that of the best single model; nothing where the preset is that model.
    pub difference: Option<Bounded>,
    /// The confidence of the bounds of the difference.
    pub difference_confidence: f64,
    /// What a request costs, as a multiple of what the best single model costs.
    pub cost_ratio: Option<f64>,
    /// How long it takes, likewise.
    pub time_ratio: Option<f64>,
    /// How many candidates were compared.
    pub candidates: Option<u32>,
    /// Why this one.
    pub reason: Option<String>,
    /// What tells each of the models from every other one.
    pub models: BTreeMap<String, String>,
}

/// A measured number and its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounded {
    /// The number.
    pub value: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

/// Shares.
const SHARE: &str = "a share from 0 to 1";
/// Differences of shares.
const DIFFERENCE: &str = "a difference of shares, from -1 to 1";
/// Multiples.
const RATIO: &str = "a multiple of 0 or more";
/// Days.
const DAY: &str = "a day such as 2026-11-27";

impl Calibration {
    /// What the reader should know where a request is of a kind that was not measured.
    #[must_use]
    pub fn note(&self, conversation: &Conversation) -> Option<String> {
        let kind = RequestKind::of(conversation);
        if self.kinds.contains(&kind) {
            return None;
        }
        let measured: Vec<&str> = self.kinds.iter().map(|kind| kind.wanted()).collect();
        Some(format!(
            "this preset was measured on requests that want {} ({}); by its look this one wants {}, so the measurements say nothing about it",
            measured.join(" or "),
            self.tasks.join(", "),
            kind.wanted()
        ))
    }
}

/// Checks what is written.
pub(crate) fn calibration(file: &SourceFile, raw: &RawCalibration) -> Result<Calibration, Problem> {
    let written = Checked { file };
    for (key, list) in [("tasks", raw.tasks.value().len()), ("kinds", raw.kinds.value().len())] {
        if list == 0 {
            let place = if key == "tasks" { file.place(&raw.tasks) } else { file.place(&raw.kinds) };
            return Err(Problem::at(&place, ProblemKind::Empty { key }));
        }
    }
    if !is_day(raw.date.value()) {
        return Err(written.refused("date", &raw.date, DAY));
    }
    let difference = match (&raw.difference, &raw.difference_low, &raw.difference_high) {
        (Some(value), Some(low), Some(high)) => {
            Some(written.bounded("difference", [value, low, high], -1.0, DIFFERENCE)?)
        }
        (None, None, None) => None,
        (value, low, high) => {
            let (key, there) = match (value, low, high) {
                (None, Some(there), _) | (None, None, Some(there)) => ("difference", there),
                (Some(there), None, _) => ("difference-low", there),
                _ => ("difference-high", value.as_ref().unwrap_or(&raw.accuracy)),
            };
            return Err(Problem::at(
                &file.place(there),
                ProblemKind::WrongType { message: format!("`{key}` is missing") },
            ));
        }
    };
    Ok(Calibration {
        date: raw.date.value().clone(),
        tasks: raw.tasks.value().clone(),
        kinds: raw.kinds.value().iter().map(|kind| kind_of(*kind)).collect(),
        items: check::positive("items", &file.placed(&raw.items))?,
        accuracy: written.bounded(
            "accuracy",
            [&raw.accuracy, &raw.accuracy_low, &raw.accuracy_high],
            0.0,
            SHARE,
        )?,
        best_single: raw.best_single.value().clone(),
        best_single_accuracy: written.within(
            "best-single-accuracy",
            &raw.best_single_accuracy,
            0.0,
            SHARE,
        )?,
        difference,
        difference_confidence: match &raw.difference_confidence {
            Some(confidence) => written.within("difference-confidence", confidence, 0.0, SHARE)?,
            None => 0.95,
        },
        cost_ratio: raw.cost_ratio.as_ref().map(|ratio| written.ratio("cost-ratio", ratio)).transpose()?,
        time_ratio: raw.time_ratio.as_ref().map(|ratio| written.ratio("time-ratio", ratio)).transpose()?,
        candidates: raw.candidates.as_ref().map(|count| *count.value()),
        reason: raw.reason.as_ref().map(|reason| reason.value().clone()),
        models: raw.models.clone().unwrap_or_default(),
    })
}

/// Checks the numbers of a table.
struct Checked<'a> {
    file: &'a SourceFile,
}

impl Checked<'_> {
    fn within(
        &self,
        key: &str,
        written: &Written<f64>,
        least: f64,
        range: &'static str,
    ) -> Result<f64, Problem> {
        let value = *written.value();
        if (least..=1.0).contains(&value) { Ok(value) } else { Err(self.refused(key, written, range)) }
    }

    fn bounded(
        &self,
        key: &str,
        [value, low, high]: [&Written<f64>; 3],
        least: f64,
        range: &'static str,
    ) -> Result<Bounded, Problem> {
        let bounded = Bounded {
            value: self.within(key, value, least, range)?,
            low: self.within(&format!("{key}-low"), low, least, range)?,
            high: self.within(&format!("{key}-high"), high, least, range)?,
        };
        if bounded.low <= bounded.value && bounded.value <= bounded.high {
            return Ok(bounded);
        }
        Err(self.refused(key, value, "between its bounds"))
    }

    fn ratio(&self, key: &str, written: &Written<f64>) -> Result<f64, Problem> {
        let value = *written.value();
        if value.is_finite() && value >= 0.0 { Ok(value) } else { Err(self.refused(key, written, RATIO)) }
    }

    fn refused<T: std::fmt::Display>(&self, key: &str, written: &Written<T>, range: &'static str) -> Problem {
        let kind =
            ProblemKind::OutOfRange { key: key.to_owned(), written: written.value().to_string(), range };
        Problem::at(&self.file.place(written), kind)
    }
}

fn kind_of(raw: RawRequestKind) -> RequestKind {
    match raw {
        RawRequestKind::Number => RequestKind::Number,
        RawRequestKind::Choice => RequestKind::Choice,
        RawRequestKind::Code => RequestKind::Code,
        RawRequestKind::Text => RequestKind::Text,
    }
}

/// Whether a text is a day of the calendar, as far as its look tells.
fn is_day(text: &str) -> bool {
    let parts: Vec<Option<u32>> = text
        .split('-')
        .zip([4, 2, 2])
        .map(|(part, digits)| part.parse().ok().filter(|_| part.len() == digits))
        .collect();
    text.len() == 10
        && matches!(parts.as_slice(), [Some(_), Some(month), Some(day)] if (1..=12).contains(month) && (1..=31).contains(day))
}

#[cfg(test)]
#[path = "calibration_tests.rs"]
mod tests;
