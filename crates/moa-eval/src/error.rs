//! Why something cannot be scored, and what to do about it.

/// Why a benchmark's file cannot be read, a prompt not be filled or a score not be computed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// A file does not hold what it has to.
    #[error("{what} cannot be read{}: {reason}", place(*line))]
    InvalidFile {
        /// What the file is.
        what: &'static str,
        /// The line, counted from 1, where one is known.
        line: Option<usize>,
        /// What is wrong with it.
        reason: String,
    },
    /// A table lacks a column.
    #[error("{what} has no column {column:?}")]
    MissingColumn {
        /// What the table is.
        what: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A file holds nothing under a name.
    #[error("{what} has no entry {name:?}")]
    UnknownEntry {
        /// What the file is.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The same key occurs twice where it must not.
    #[error("{what} has two rows for {key:?}")]
    Duplicate {
        /// What the file is.
        what: &'static str,
        /// The key.
        key: String,
    },
    /// A template of a prompt is not what the benchmark's tool expects.
    #[error("the template {name} cannot be filled: {reason}")]
    InvalidTemplate {
        /// The template.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An answer has not the parts that the judge has to see.
    #[error("question {question} cannot be judged: {reason}")]
    Unjudgeable {
        /// The question.
        question: String,
        /// What is missing.
        reason: String,
    },
    /// No row has a score.
    #[error("{what} hold nothing that can be scored")]
    NothingToScore {
        /// What was looked at.
        what: &'static str,
    },
    /// The rows do not suffice for what is asked.
    #[error("{what} needs at least {needed} rows with a preference, and there are {rows}")]
    TooFewRows {
        /// What was to be computed.
        what: &'static str,
        /// What there is.
        rows: usize,
        /// What it takes.
        needed: usize,
    },
    /// The difficulty of an instruction is not known.
    #[error("the difficulty of {instruction} is not known")]
    UnknownDifficulty {
        /// The row or the instruction.
        instruction: String,
    },
    /// An option has no sensible value.
    #[error("{name} is not valid: {reason}")]
    InvalidOption {
        /// The option.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The fit did not come to rest.
    #[error("the fit with C = {c} did not converge")]
    NotConverged {
        /// The inverse strength of the regularisation.
        c: f64,
    },
}

impl EvalError {
    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::InvalidFile { .. } | Self::MissingColumn { .. } => {
                "check that the file is the one that the benchmark's own tool reads or writes".to_owned()
            }
            Self::UnknownEntry { .. } => "check the spelling: names are compared letter by letter".to_owned(),
            Self::Duplicate { .. } => "remove one of the two rows".to_owned(),
            Self::InvalidTemplate { .. } => "use the benchmark's own prompt file, unchanged".to_owned(),
            Self::Unjudgeable { .. } => "generate the answer, or get the reference answers, first".to_owned(),
            Self::NothingToScore { .. } => "look at what the judge wrote: no verdict could be read".to_owned(),
            Self::TooFewRows { .. } => {
                "fix C instead of choosing it by cross-validation, or judge more".to_owned()
            }
            Self::UnknownDifficulty { .. } => {
                "the difficulties cover AlpacaEval's 805 instructions; other instructions need the variant minimal".to_owned()
            }
            Self::NotConverged { .. } => "fix a smaller C".to_owned(),
            Self::InvalidOption { .. } => return None,
        };
        Some(hint)
    }

    /// A file that does not hold what it has to.
    #[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
    pub(crate) fn invalid_file(what: &'static str, line: Option<usize>, reason: impl ToString) -> Self {
        Self::InvalidFile { what, line, reason: reason.to_string() }
    }
}

fn place(line: Option<usize>) -> String {
    line.map(|line| format!(" (line {line})")).unwrap_or_default()
}
