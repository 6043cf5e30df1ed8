//! A run in other forms: the JSON document that scripts rely on, Markdown, a page in one file, a timeline for Chrome; and how the
//! answer relates to the proposals: how alike they are, which words came from whom, what changed from layer to layer.
//!
//! Everything here is made from a [`moa_core::Trace`] or from events, and asks nobody anything.

mod analysis;
mod bleu;
mod chrome_trace;
mod document;
#[cfg(test)]
mod fixture;
mod levenshtein;
mod lines;
mod page;
mod spans;
mod tf_idf;
mod tokens;

pub use analysis::{
    AgentHistory, Analysis, DiffKind, DiffPart, HistoryAnswer, ProposalSimilarity, Similarity, Source, Span,
    likeness,
};
pub use chrome_trace::chrome_trace;
pub use document::RunDocument;
pub use lines::json_lines;
pub use page::{html, markdown, speaker};
