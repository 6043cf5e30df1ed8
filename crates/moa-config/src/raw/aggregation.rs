//! How answers are combined or chosen, as written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::words;
use crate::written::Written;

/// How the answer comes from the last proposals.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Aggregation")]
pub(crate) struct RawAggregation {
    /// In which way.
    pub(crate) kind: Written<RawAggregationKind>,
    /// With `vote` and `mux`: where the answers are looked for. Default: marked.
    pub(crate) answer: Option<Written<words::AnswerForm>>,
    /// With `certainty`: what says how sure a model was. Default: log-probability.
    pub(crate) measure: Option<Written<words::CertaintyMeasure>>,
    /// With `rank`: how the judge is asked. Default: listwise.
    pub(crate) method: Option<Written<words::RankMethod>>,
    /// With `self-moa-seq`: the most answers that are read at once. Default: 6.
    #[schemars(range(min = 2))]
    pub(crate) window: Option<Written<u32>>,
    /// Where answers are chosen: names of agents or models, the best first. They decide where the kind sees no difference.
    pub(crate) prefer: Option<Written<Vec<String>>>,
}

/// Which answers of a layer go on.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Selection")]
pub(crate) struct RawSelection {
    /// By what they are chosen.
    pub(crate) kind: Written<words::SelectionKind>,
    /// The most answers that go on.
    #[schemars(range(min = 1))]
    pub(crate) keep: Written<u32>,
    /// With `vote` and `mux`: where the answers are looked for. Default: marked.
    pub(crate) answer: Option<Written<words::AnswerForm>>,
    /// With `certainty`: what says how sure a model was. Default: log-probability.
    pub(crate) measure: Option<Written<words::CertaintyMeasure>>,
    /// With `rank`: how the judge is asked. Default: listwise.
    pub(crate) method: Option<Written<words::RankMethod>>,
    /// Names of agents or models, the best first. They decide where the kind sees no difference.
    pub(crate) prefer: Option<Written<Vec<String>>>,
}

/// Ways to come to one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "AggregationKind")]
pub(crate) enum RawAggregationKind {
    /// The aggregator reads the proposals and writes one answer.
    Synthesise,
    /// The aggregator says first where the proposals agree, contradict each other and fall short; then it writes.
    AnalyseThenWrite,
    /// The aggregator reads a few proposals at a time, what it wrote so far being the first of them.
    SelfMoaSeq,
    /// The answer that most proposals give; nobody is asked.
    Vote,
    /// An answer of the model whose own samples agree most with each other; nobody is asked.
    Mux,
    /// The proposal of which its own model was most sure; nobody is asked.
    Certainty,
    /// The proposal that the judge ranks first.
    Rank,
    /// The proposal that the judge finds most consistent with the others.
    UniversalSelfConsistency,
    /// The proposal whose program, run in a sandbox, passes most of the examples that the prompt gives.
    RunCandidates,
}

/// When the layers that are left are not asked, because the answers agree.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "EarlyStop")]
pub(crate) struct RawEarlyStop {
    /// How far they must agree, above 0 and at most 1.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) agreement: Written<f64>,
    /// By what it is measured. Default: `answer` where the key of that name is written, and else `words`.
    pub(crate) by: Option<Written<words::AgreementMeasure>>,
    /// Where the answers are looked for: the share of the most frequent one is the agreement.
    pub(crate) answer: Option<Written<words::AnswerForm>>,
    /// What happens then. Default: aggregate.
    pub(crate) then: Option<Written<words::AgreedAnswer>>,
}
