//! Why a figure cannot become a picture.

/// Why a figure cannot become a picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The figure cannot be drawn.
    #[error("the figure {name} cannot be drawn: {reason}")]
    Picture {
        /// The figure.
        name: String,
        /// Why.
        reason: String,
    },
}
