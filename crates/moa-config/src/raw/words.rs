//! The words in which files and requests say how answers are combined and chosen, and what they mean to a mixture.

use schemars::JsonSchema;
use serde::Deserialize;

/// The answers that Self-MoA-Seq reads at once where nothing is said: those of its own experiments.
pub const DEFAULT_WINDOW: u32 = 6;

/// The fewest that it can read at once: what was read so far, and one answer more.
pub const LEAST_WINDOW: u32 = 2;

/// Ways to choose between the answers of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "SelectionKind")]
pub enum SelectionKind {
    /// Those that give the most frequent answers.
    Vote,
    /// Those of the models whose own samples agree most with each other.
    Mux,
    /// Those of which their own models were most sure.
    Certainty,
    /// Those that the judge ranks first.
    Rank,
    /// Those that the judge finds most consistent with the others.
    UniversalSelfConsistency,
    /// Those whose programs, run in a sandbox, pass most of the examples that the prompt gives.
    RunCandidates,
    /// Those that differ most from each other, without those that differ from all.
    Diverse,
}

/// What says how sure a model was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "CertaintyMeasure")]
pub enum CertaintyMeasure {
    /// The mean log-probability of the tokens that it wrote.
    #[default]
    LogProbability,
    /// The mean entropy of what it could have written; not known behind endpoints.
    Entropy,
}

/// How a judge ranks answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "RankMethod")]
pub enum RankMethod {
    /// All at once, in two orders: two calls.
    #[default]
    Listwise,
    /// Each pair both ways round: n (n - 1) calls for n answers.
    Pairwise,
}

/// Where the answer in a text is looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "AnswerForm")]
pub enum AnswerForm {
    /// After `####`, in `\boxed{}`, or on the last line that begins with `Answer:`.
    #[default]
    Marked,
    /// The marked number, or else the last one.
    Number,
    /// The letter of a multiple-choice answer.
    Choice,
    /// What is marked, or else the last line.
    Text,
    /// The whole text.
    Whole,
}

/// By what it is measured whether the layers that are left are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "AgreementMeasure")]
pub enum AgreementMeasure {
    /// How alike the texts are on average.
    Words,
    /// The share of the most frequent answer.
    Answer,
    /// The share of the prompt's examples that the best program passes, as with `run-candidates`; all of them where there are none to try.
    Examples,
}

/// What becomes of answers that agree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "AgreedAnswer")]
pub enum AgreedAnswer {
    /// The answer is made of them at once; the layers between are left out.
    #[default]
    Aggregate,
    /// One of them is the answer; nobody else is asked.
    Answer,
}

impl From<AnswerForm> for moa_core::extraction::AnswerForm {
    fn from(word: AnswerForm) -> Self {
        match word {
            AnswerForm::Marked => Self::Marked,
            AnswerForm::Number => Self::Number,
            AnswerForm::Choice => Self::Choice,
            AnswerForm::Text => Self::Text,
            AnswerForm::Whole => Self::Whole,
        }
    }
}

impl From<CertaintyMeasure> for moa_core::CertaintyMeasure {
    fn from(word: CertaintyMeasure) -> Self {
        match word {
            CertaintyMeasure::LogProbability => Self::LogProbability,
            CertaintyMeasure::Entropy => Self::Entropy,
        }
    }
}

impl From<RankMethod> for moa_core::RankMethod {
    fn from(word: RankMethod) -> Self {
        match word {
            RankMethod::Listwise => Self::Listwise,
            RankMethod::Pairwise => Self::Pairwise,
        }
    }
}

impl From<AgreedAnswer> for moa_core::AgreedAnswer {
    fn from(word: AgreedAnswer) -> Self {
        match word {
            AgreedAnswer::Aggregate => Self::Aggregate,
            AgreedAnswer::Answer => Self::Answer,
        }
    }
}
