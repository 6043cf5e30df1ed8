//! The page of a calibration: what is recommended, accuracy against cost, who is good for what, whose mistakes go with whose, and how far
//! certainty can be trusted.

mod candidates;
mod certainty;
mod models;
mod verdict;

use moa_eval::calibration::{Calibration, Share};

use crate::figure::{Figure, Section};
use crate::measured::Measured;
use crate::page;

/// The page of a calibration.
#[derive(Debug)]
pub struct CalibrationReport {
    /// The page.
    pub html: String,
    /// The figures, in the order of the page.
    pub figures: Vec<Figure>,
}

/// Makes the page. `made_at` says when it was measured, `command` what measures the same again.
#[must_use]
pub fn calibration(calibration: &Calibration, made_at: &str, command: &str) -> CalibrationReport {
    let sections: Vec<Section> = vec![
        verdict::section(calibration),
        candidates::section(calibration),
        models::roles(calibration),
        models::mistakes(calibration),
        certainty::section(calibration),
    ];
    let tasks: Vec<String> = calibration
        .tasks
        .iter()
        .map(|task| {
            format!("{} ({} items to search on, {} to confirm on)", task.task, task.search, task.confirmation)
        })
        .collect();
    let intro = vec![
        format!("Measured {made_at} by `{command}` on {}.", tasks.join(", ")),
        "Candidates were compared on one half of the items. The few that were left were measured on the other half, which nothing was chosen by. Which half an item belongs to follows from its name.".to_owned(),
    ];
    let html = page::plain_page("Which mixture pays", &intro, &sections);
    CalibrationReport { html, figures: sections.into_iter().flat_map(|section| section.figures).collect() }
}

/// A share in percent.
fn percent(share: Share) -> Measured {
    Measured::new(share.accuracy, Some(share.interval), share.n).times(100.0)
}

#[cfg(test)]
mod tests;
