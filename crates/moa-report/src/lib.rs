//! Scores of benchmarks as figures, and as one page that can be read offline, printed, and in light and dark.
//!
//! A [`Report`] is plain data; [`figures`] draws it, [`html`] puts all of it on a page, [`png`] makes a picture of a figure. Nothing here
//! reads files or knows how a score came about.
//!
//! # Why charts of our own
//! The figures are bars, points and a radar. `plotters` has no radar and writes its colours into the SVG, so that a page in dark needs a
//! second set of pictures; `charming` draws in the browser with a script of a megabyte, or with a JavaScript engine. Three short files
//! give SVG whose colours are the page's, whose shapes say their numbers to whoever points at them, and which `resvg` turns into PNG.

mod chart;
mod error;
mod figure;
mod page;
mod picture;
mod published;
mod report;

pub use error::ReportError;
pub use figure::{Figure, figures};
pub use page::html;
pub use picture::png;
pub use published::{PublishedAlpaca, PublishedMtBench, published_alpaca, published_mt_bench};
pub use report::{
    Alpaca, Contender, Flask, Item, Layer, Listed, Measured, MtBench, Proposal, Report, Similarity, Work,
};

#[cfg(test)]
mod tests;
