//! The report of an evaluation: one page that answers whether a mixture is better than its members, at what cost and in what, with the
//! figures of the article remade from measured scores beside the published ones.
//!
//! ```text
//! Input (journals, scores, judgments, leaderboard) ─ Findings (boards, layers, likeness, examples) ─ Section per subject
//!                                                        └─ JSON                                      ├─ the page (HTML, no scripts)
//!                                                                                                     └─ Figure: SVG, PNG, CSV
//! ```
//!
//! Nothing here reads files, asks models or prints: whoever calls it brings what was found and keeps what comes of it. What models wrote
//! is text everywhere; templates that escape by type see to it.

mod board;
mod boards;
mod calibration;
mod chart;
mod correlation;
mod examples;
mod facts;
mod figure;
mod figures;
mod findings;
mod input;
mod layers;
mod likeness;
mod measured;
mod page;
mod palette;
mod pareto;
mod png;
mod published;
mod sheet;
mod skills;

pub use board::{Against, AgainstMember, Benchmark, Board, Judge, Part, PartKind, Row};
pub use boards::Unscored;
pub use calibration::{CalibrationReport, calibration};
pub use examples::{Example, ExampleTurn, Examples};
pub use facts::Facts;
pub use figure::Figure;
pub use findings::Findings;
pub use input::{AlpacaFile, AlpacaInput, AnswerSet, AnsweredItem, FlaskFile, Input, Likeness, MtBenchInput};
pub use layers::{LayerGain, LayerPoint};
pub use likeness::{AgentLikeness, MixtureLikeness, ProposalQuality};
pub use measured::Measured;
pub use png::{PngError, PngWriter};

/// A report.
#[derive(Debug)]
pub struct Report {
    /// The page.
    pub html: String,
    /// What it was made from, computed.
    pub findings: Findings,
    /// The figures, in the order of the page.
    pub figures: Vec<Figure>,
}

/// Makes the report.
#[must_use]
pub fn report(input: &Input<'_>) -> Report {
    let findings = Findings::of(input);
    let sections = figures::sections(input, &findings);
    let html = page::page(input, &findings, &sections);
    let figures = sections.into_iter().flat_map(|section| section.figures).collect();
    Report { html, findings, figures }
}

#[cfg(test)]
mod tests;
