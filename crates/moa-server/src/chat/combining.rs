//! How a mixture that a request brings along combines and chooses answers: in the keys and words of the configuration, which docs/combining
//! explains.

use moa_config::words::{self, DEFAULT_WINDOW, LEAST_WINDOW};
use moa_core::extraction::AnswerForm;
use moa_core::{Aggregation, AgreementMeasure, Choosing, ChoosingKind, EarlyStop};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::ApiError;

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
        answer: words::AnswerForm,
        /// Names of agents or models, the best first: who wins where the kind sees no difference.
        #[serde(default)]
        prefer: Vec<String>,
    },
    /// An answer of the model whose own samples agree most with each other; nobody is asked.
    Mux {
        /// Where the answers are looked for.
        #[serde(default)]
        answer: words::AnswerForm,
        /// Names of agents or models, the best first.
        #[serde(default)]
        prefer: Vec<String>,
    },
    /// The proposal of which its own model was most sure; nobody is asked.
    Certainty {
        /// What says how sure a model was.
        #[serde(default)]
        measure: words::CertaintyMeasure,
        /// Names of agents or models, the best first.
        #[serde(default)]
        prefer: Vec<String>,
    },
    /// The proposal that the judge ranks first.
    Rank {
        /// How the judge is asked.
        #[serde(default)]
        method: words::RankMethod,
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
    kind: words::SelectionKind,
    /// The most answers that go on.
    #[schemars(range(min = 1))]
    keep: u32,
    /// With `vote` and `mux`: where the answers are looked for; `marked` where nothing is said.
    #[serde(default)]
    answer: Option<words::AnswerForm>,
    /// With `certainty`: what says how sure a model was; `log-probability` where nothing is said.
    #[serde(default)]
    measure: Option<words::CertaintyMeasure>,
    /// With `rank`: how the judge is asked; `listwise` where nothing is said.
    #[serde(default)]
    method: Option<words::RankMethod>,
    /// Names of agents or models, the best first: who wins where the kind sees no difference.
    #[serde(default)]
    prefer: Vec<String>,
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
    by: Option<words::AgreementMeasure>,
    /// Where the answers are looked for.
    #[serde(default)]
    answer: Option<words::AnswerForm>,
    /// What happens then; `aggregate` where nothing is said.
    #[serde(default)]
    then: words::AgreedAnswer,
}

impl InlineAggregation {
    pub(super) fn resolve(&self) -> Result<Aggregation, ApiError> {
        let (by, prefer) = match self {
            Self::Synthesise {} => return Ok(Aggregation::Synthesise),
            Self::AnalyseThenWrite {} => return Ok(Aggregation::AnalyseThenWrite),
            Self::SelfMoaSeq { window } => {
                let window = window.unwrap_or(DEFAULT_WINDOW);
                if window < LEAST_WINDOW {
                    let message = format!("a window holds at least {LEAST_WINDOW} answers");
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
        use words::SelectionKind as Kind;

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
            (None | Some(words::AgreementMeasure::Answer), Some(form)) => {
                AgreementMeasure::Answer { form: form.into() }
            }
            (Some(words::AgreementMeasure::Answer), None) => {
                AgreementMeasure::Answer { form: AnswerForm::default() }
            }
            (None | Some(words::AgreementMeasure::Words), None) => AgreementMeasure::Words,
            (Some(words::AgreementMeasure::Examples), None) => AgreementMeasure::Examples,
            (Some(words::AgreementMeasure::Words | words::AgreementMeasure::Examples), Some(_)) => {
                let message = "'answer' says nothing where words or examples are compared";
                return Err(ApiError::invalid_value("moa.early_stop.answer", message));
            }
        };
        Ok(EarlyStop { agreement: self.agreement, measure, then: self.then.into() })
    }
}
