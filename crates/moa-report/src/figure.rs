//! Figures and the sections that they stand in.

use crate::chart::colour::light_rules;
use crate::sheet::Sheet;

/// A figure: a drawing, what it means, and its numbers.
#[derive(Debug, Clone)]
pub struct Figure {
    /// For names of files: `figure-2-alpaca-eval`.
    pub name: String,
    /// The heading.
    pub title: String,
    /// The drawing, in the colours of the page; nothing where there is nothing to draw.
    pub svg: Option<String>,
    /// What is counted, how the intervals were found, who judged.
    pub caption: Vec<String>,
    pub(crate) sheet: Sheet,
}

impl Figure {
    /// The drawing with colours of its own, for a file.
    #[must_use]
    pub fn standalone_svg(&self) -> Option<String> {
        let svg = self.svg.as_ref()?;
        let (start, rest) = svg.split_once('>')?;
        let rules = light_rules();
        let paper = r#"<rect class="paper" width="100%" height="100%"/>"#;
        Some(format!("{start}><style>{rules}</style>{paper}{rest}"))
    }

    /// The numbers, at full precision.
    #[must_use]
    pub fn csv(&self) -> String {
        self.sheet.csv()
    }
}

/// Figures under a heading.
#[derive(Debug, Clone, Default)]
pub(crate) struct Section {
    /// The anchor.
    pub(crate) id: &'static str,
    /// The heading.
    pub(crate) heading: &'static str,
    /// What it is about, in sentences.
    pub(crate) text: Vec<String>,
    /// The figures.
    pub(crate) figures: Vec<Figure>,
}
