//! How a mixture that a request brings along combines and chooses answers: in the keys and words of the configuration, which docs/combining
//! explains.

use moa_core::extraction::AnswerForm;
use moa_core::{
    Aggregation, AgreedAnswer, AgreementMeasure, CertaintyMeasure, Choosing, ChoosingKind, EarlyStop,
    RankMethod,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::ApiError;

/// The window of Self-MoA-Seq in its own experiments.
const DEFAULT_WINDOW: u32 = 6;

/// How the answer comes from the last proposals.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Aggregation")]
pub(crate) enum InlineAggregation {
    /// The aggregator reads the proposals and writes one answer.
    Synthesise {},
    /// The aggregator says first where the proposals agree, contradict each other and fall short; then it writes.
    AnalyseThenWrite {},
    /// The aggregator reads a few proposals at a time, what it wrote so far being the first of them.
    SelfMoaSeq {
        /// The most answers that are read at once, at least 2; 6 where nothing is said.
        #[serde(default)]
        #[schemars(range(min = 2))]
        window: Option<u32>,
    },
    /// The answer that most proposals give; nobody is asked.
    Vote {
        /// Where the answers are looked for.
        #[serde(default)]
        answer: InlineAnswerForm,
        /// Names of agents or models, the best first: who wins where the kind sees no difference.
        #[serde(default)]
        prefer: Vec<String>,
    },
    /// An answer of the model whose own samples agree most with each other; nobody is asked.
    Mux {
        /// Where the answers are looked for.
        #[serde(default)]
        answer: InlineAnswerForm,
        /// Names of agents or models, the best first.
        #[serde(default)]
        prefer: Vec<String>,
    },
    /// The proposal of which its own model was most sure; nobody is asked.
    Certainty {
        /// What says how sure a model was.
        #[serde(default)]
        measure: InlineCertaintyMeasure,
        /// Names of agents or models, the best first.
        #[serde(default)]
        prefer: Vec<String>,
    },
    /// The proposal that the judge ranks first.
    Rank {
        /// How the judge is asked.
        #[serde(default)]
        method: InlineRankMethod,
        /// Names of agents or models, the best first.
        #[serde(default)]
        prefer: Vec<String>,
    },
    /// The proposal that the judge finds most consistent with the others.
    UniversalSelfConsistency {
        /// Names of agents or models, the best first.
        #[serde(default)]
        prefer: Vec<String>,
    },
    /// The proposal whose program, run in a sandbox, passes most of the examples that the prompt gives. Only where the operator lets the server
    /// run programs.
    RunCandidates {
        /// Names of agents or models, the best first.
        #[serde(default)]
        prefer: Vec<String>,
    },
}

/// Which answers of a layer go on.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Selection")]
pub(crate) struct InlineSelection {
    /// By what they are chosen.
    kind: InlineSelectionKind,
    /// The most answers that go on.
    #[schemars(range(min = 1))]
    keep: u32,
    /// With `vote` and `mux`: where the answers are looked for; `marked` where nothing is said.
    #[serde(default)]
    answer: Option<InlineAnswerForm>,
    /// With `certainty`: what says how sure a model was; `log-probability` where nothing is said.
    #[serde(default)]
    measure: Option<InlineCertaintyMeasure>,
    /// With `rank`: how the judge is asked; `listwise` where nothing is said.
    #[serde(default)]
    method: Option<InlineRankMethod>,
    /// Names of agents or models, the best first: who wins where the kind sees no difference.
    #[serde(default)]
    prefer: Vec<String>,
}

/// By what answers are chosen that go on.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "SelectionKind")]
pub(crate) enum InlineSelectionKind {
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
    /// Those whose programs pass most of the examples that the prompt gives.
    RunCandidates,
    /// Those that differ most from each other, without those that differ from all.
    Diverse,
}

/// Where the answer in a text is looked for.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "AnswerForm")]
pub(crate) enum InlineAnswerForm {
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

/// What says how sure a model was.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "CertaintyMeasure")]
pub(crate) enum InlineCertaintyMeasure {
    /// The mean log-probability of the tokens that it wrote.
    #[default]
    LogProbability,
    /// The mean entropy of what it could have written; not known behind endpoints.
    Entropy,
}

/// How a judge ranks answers.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "RankMethod")]
pub(crate) enum InlineRankMethod {
    /// All at once, in two orders: two calls.
    #[default]
    Listwise,
    /// Each pair both ways round: n (n - 1) calls for n answers.
    Pairwise,
}

/// When the layers that are left are not asked, because the answers agree.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EarlyStop")]
pub(crate) struct InlineEarlyStop {
    /// How far they must agree, above 0 and at most 1.
    agreement: f64,
    /// By what it is measured; `answer` where `answer` is given, and else `words`.
    #[serde(default)]
    by: Option<InlineAgreementMeasure>,
    /// Where the answers are looked for.
    #[serde(default)]
    answer: Option<InlineAnswerForm>,
    /// What happens then; `aggregate` where nothing is said.
    #[serde(default)]
    then: InlineAgreedAnswer,
}

/// By what it is measured whether the layers that are left are needed.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "AgreementMeasure")]
pub(crate) enum InlineAgreementMeasure {
    /// How alike the texts are on average.
    Words,
    /// The share of the most frequent answer.
    Answer,
    /// The share of the prompt's examples that the best program passes; all of them where there are none to try.
    Examples,
}

/// What becomes of answers that agree.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "AgreedAnswer")]
pub(crate) enum InlineAgreedAnswer {
    /// The answer is made of them at once; the layers between are left out.
    #[default]
    Aggregate,
    /// One of them is the answer; nobody else is asked.
    Answer,
}

impl InlineAggregation {
    pub(super) fn resolve(&self) -> Result<Aggregation, ApiError> {
        let (by, prefer) = match self {
            Self::Synthesise {} => return Ok(Aggregation::Synthesise),
            Self::AnalyseThenWrite {} => return Ok(Aggregation::AnalyseThenWrite),
            Self::SelfMoaSeq { window } => {
                let window = window.unwrap_or(DEFAULT_WINDOW);
                if window < 2 {
                    let message = "a window holds at least 2 answers";
                    return Err(ApiError::invalid_value("moa.aggregation.window", message));
                }
                return Ok(Aggregation::SelfMoaSeq { window });
            }
            Self::Vote { answer, prefer } => (ChoosingKind::Vote { answer: (*answer).into() }, prefer),
            Self::Mux { answer, prefer } => (ChoosingKind::Mux { answer: (*answer).into() }, prefer),
            Self::Certainty { measure, prefer } => {
                (ChoosingKind::Certainty { measure: (*measure).into() }, prefer)
            }
            Self::Rank { method, prefer } => (ChoosingKind::Rank { method: (*method).into() }, prefer),
            Self::UniversalSelfConsistency { prefer } => (ChoosingKind::UniversalSelfConsistency, prefer),
            Self::RunCandidates { prefer } => (ChoosingKind::RunCandidates, prefer),
        };
        Ok(Aggregation::Choose(Choosing { by, keep: 1, prefer: prefer.clone() }))
    }
}

impl InlineSelection {
    /// `param` is where it stands in the request.
    pub(super) fn resolve(&self, param: &str) -> Result<Choosing, ApiError> {
        use InlineSelectionKind as Kind;

        if self.keep == 0 {
            return Err(ApiError::invalid_value(&format!("{param}.keep"), "at least one answer must go on"));
        }
        let answer = self.answer.unwrap_or_default().into();
        let (by, takes) = match self.kind {
            Kind::Vote => (ChoosingKind::Vote { answer }, "answer"),
            Kind::Mux => (ChoosingKind::Mux { answer }, "answer"),
            Kind::Certainty => {
                (ChoosingKind::Certainty { measure: self.measure.unwrap_or_default().into() }, "measure")
            }
            Kind::Rank => (ChoosingKind::Rank { method: self.method.unwrap_or_default().into() }, "method"),
            Kind::UniversalSelfConsistency => (ChoosingKind::UniversalSelfConsistency, ""),
            Kind::RunCandidates => (ChoosingKind::RunCandidates, ""),
            Kind::Diverse => (ChoosingKind::Diverse, ""),
        };
        let given = [
            ("answer", self.answer.is_some()),
            ("measure", self.measure.is_some()),
            ("method", self.method.is_some()),
        ];
        if let Some((key, _)) = given.into_iter().find(|(key, is_given)| *is_given && *key != takes) {
            let message = format!("'{key}' says nothing with the kind '{}'", by.name());
            return Err(ApiError::invalid_value(&format!("{param}.{key}"), message));
        }
        Ok(Choosing { by, keep: self.keep, prefer: self.prefer.clone() })
    }
}

impl InlineEarlyStop {
    pub(super) fn resolve(&self) -> Result<EarlyStop, ApiError> {
        if !(self.agreement > 0.0 && self.agreement <= 1.0) {
            let message = "the agreement must be above 0 and at most 1";
            return Err(ApiError::invalid_value("moa.early_stop.agreement", message));
        }
        let measure = match (self.by, self.answer) {
            (None | Some(InlineAgreementMeasure::Answer), Some(form)) => {
                AgreementMeasure::Answer { form: form.into() }
            }
            (Some(InlineAgreementMeasure::Answer), None) => {
                AgreementMeasure::Answer { form: AnswerForm::default() }
            }
            (None | Some(InlineAgreementMeasure::Words), None) => AgreementMeasure::Words,
            (Some(InlineAgreementMeasure::Examples), None) => AgreementMeasure::Examples,
            (Some(InlineAgreementMeasure::Words | InlineAgreementMeasure::Examples), Some(_)) => {
                let message = "'answer' says nothing where words or examples are compared";
                return Err(ApiError::invalid_value("moa.early_stop.answer", message));
            }
        };
        let then = match self.then {
            InlineAgreedAnswer::Aggregate => AgreedAnswer::Aggregate,
            InlineAgreedAnswer::Answer => AgreedAnswer::Answer,
        };
        Ok(EarlyStop { agreement: self.agreement, measure, then })
    }
}

impl From<InlineAnswerForm> for AnswerForm {
    fn from(form: InlineAnswerForm) -> Self {
        match form {
            InlineAnswerForm::Marked => Self::Marked,
            InlineAnswerForm::Number => Self::Number,
            InlineAnswerForm::Choice => Self::Choice,
            InlineAnswerForm::Text => Self::Text,
            InlineAnswerForm::Whole => Self::Whole,
        }
    }
}

impl From<InlineCertaintyMeasure> for CertaintyMeasure {
    fn from(measure: InlineCertaintyMeasure) -> Self {
        match measure {
            InlineCertaintyMeasure::LogProbability => Self::LogProbability,
            InlineCertaintyMeasure::Entropy => Self::Entropy,
        }
    }
}

impl From<InlineRankMethod> for RankMethod {
    fn from(method: InlineRankMethod) -> Self {
        match method {
            InlineRankMethod::Listwise => Self::Listwise,
            InlineRankMethod::Pairwise => Self::Pairwise,
        }
    }
}
