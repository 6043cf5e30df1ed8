//! How answers are combined or chosen, as written.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::written::Written;

/// How the answer comes from the last proposals.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Aggregation")]
pub(crate) struct RawAggregation {
    /// In which way.
    pub(crate) kind: Written<RawAggregationKind>,
    /// With `vote` and `mux`: where the answers are looked for. Default: marked.
    pub(crate) answer: Option<Written<RawAnswerForm>>,
    /// With `certainty`: what says how sure a model was. Default: log-probability.
    pub(crate) measure: Option<Written<RawCertaintyMeasure>>,
    /// With `rank`: how the judge is asked. Default: listwise.
    pub(crate) method: Option<Written<RawRankMethod>>,
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
    pub(crate) kind: Written<RawSelectionKind>,
    /// The most answers that go on.
    #[schemars(range(min = 1))]
    pub(crate) keep: Written<u32>,
    /// With `vote` and `mux`: where the answers are looked for. Default: marked.
    pub(crate) answer: Option<Written<RawAnswerForm>>,
    /// With `certainty`: what says how sure a model was. Default: log-probability.
    pub(crate) measure: Option<Written<RawCertaintyMeasure>>,
    /// With `rank`: how the judge is asked. Default: listwise.
    pub(crate) method: Option<Written<RawRankMethod>>,
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

/// Ways to choose between the answers of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "SelectionKind")]
pub(crate) enum RawSelectionKind {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "CertaintyMeasure")]
pub(crate) enum RawCertaintyMeasure {
    /// The mean log-probability of the tokens that it wrote.
    LogProbability,
    /// The mean entropy of what it could have written; not known behind endpoints.
    Entropy,
}

/// How a judge ranks answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "RankMethod")]
pub(crate) enum RawRankMethod {
    /// All at once, in two orders: two calls.
    Listwise,
    /// Each pair both ways round: n (n - 1) calls for n answers.
    Pairwise,
}

/// Where the answer in a text is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "AnswerForm")]
pub(crate) enum RawAnswerForm {
    /// After `####`, in `\boxed{}`, or on the last line that begins with `Answer:`.
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

/// When the layers that are left are not asked, because the answers agree.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "EarlyStop")]
pub(crate) struct RawEarlyStop {
    /// How far they must agree, above 0 and at most 1.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) agreement: Written<f64>,
    /// By what it is measured. Default: `answer` where the key of that name is written, and else `words`.
    pub(crate) by: Option<Written<RawAgreementMeasure>>,
    /// Where the answers are looked for: the share of the most frequent one is the agreement.
    pub(crate) answer: Option<Written<RawAnswerForm>>,
    /// What happens then. Default: aggregate.
    pub(crate) then: Option<Written<RawAgreedAnswer>>,
}

/// By what it is measured whether the layers that are left are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "AgreementMeasure")]
pub(crate) enum RawAgreementMeasure {
    /// How alike the texts are on average.
    Words,
    /// The share of the most frequent answer.
    Answer,
    /// The share of the prompt's examples that the best program passes, as with `run-candidates`; all of them where there are none to try.
    Examples,
}

/// What becomes of answers that agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "AgreedAnswer")]
pub(crate) enum RawAgreedAnswer {
    /// The answer is made of them at once; the layers between are left out.
    Aggregate,
    /// One of them is the answer; nobody else is asked.
    Answer,
}
