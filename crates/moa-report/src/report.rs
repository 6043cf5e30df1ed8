//! What a report says.

use serde::Serialize;

/// Everything that a report says.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// The heading.
    pub title: String,
    /// When it was made, for people.
    pub made_at: String,
    /// Whose scores these are.
    pub contenders: Vec<Contender>,
    /// Rows of the official leaderboard of `AlpacaEval` to stand beside them.
    pub leaderboard: Vec<Listed>,
    /// The items that went best and worst.
    pub items: Vec<Item>,
    /// What a reader should know before believing a number.
    pub warnings: Vec<String>,
}

/// A mean with all that a reader needs to weigh it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// The mean.
    pub value: f64,
    /// Where it lies with a confidence of 95 %.
    pub interval: Option<[f64; 2]>,
    /// Over how many judgments.
    pub n: usize,
    /// Who judged.
    pub judge: String,
    /// What has to be known of the judge; nothing of the official one.
    pub note: Option<String>,
}

/// Whoever answered, and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Contender {
    /// The name.
    pub name: String,
    /// Whether several agents answered.
    pub is_mixture: bool,
    /// `AlpacaEval` 2.0.
    pub alpaca: Option<Alpaca>,
    /// MT-Bench.
    pub mt_bench: Option<MtBench>,
    /// FLASK.
    pub flask: Option<Flask>,
    /// What its answers took.
    pub work: Option<Work>,
    /// How alike its answers and its proposals are, layer by layer.
    pub layers: Vec<Layer>,
}

/// A score of `AlpacaEval`, in per cent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alpaca {
    /// At equal lengths, where that could be computed.
    pub length_controlled: Option<Measured>,
    /// As the judge saw the answers.
    pub win_rate: Measured,
    /// Mean characters of an answer.
    pub mean_length: u64,
}

/// A score of MT-Bench, from 1 to 10.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MtBench {
    /// Over both turns.
    pub average: Measured,
    /// First turns.
    pub turn_1: Option<f64>,
    /// Second turns.
    pub turn_2: Option<f64>,
    /// Judgments without a grade.
    pub n_invalid: usize,
    /// By category, in the benchmark's order.
    pub categories: Vec<(String, f64)>,
}

/// A score of FLASK, from 1 to 5.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flask {
    /// By skill, in the benchmark's order.
    pub skills: Vec<(String, Measured)>,
}

/// What the answers of a contender took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Work {
    /// Answers.
    pub n: usize,
    /// Mean seconds to an answer, while others were worked on at the same time.
    pub seconds: f64,
    /// Mean US dollars, where every price is known.
    pub cost_usd: Option<f64>,
    /// Mean tokens written, those of proposals included.
    pub tokens: f64,
    /// Mean characters of an answer.
    pub mean_length: f64,
}

/// The proposals of one layer, beside the answers that came of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Layer {
    /// The layer, counted from 1.
    pub layer: usize,
    /// Who proposed.
    pub agent: String,
    /// Proposals.
    pub n: usize,
    /// Mean characters of a proposal.
    pub mean_length: f64,
    /// Mean likeness of proposal and answer.
    pub similarity: Similarity,
    /// The score of the proposals themselves, where a judge has seen them.
    pub judged: Option<Measured>,
}

/// Three measures of likeness, each from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Similarity {
    /// Of 1- to 4-grams.
    pub bleu: f64,
    /// Of words, weighed by how rare they are.
    pub tf_idf: f64,
    /// Of words in their order.
    pub levenshtein: f64,
}

/// A row of the official leaderboard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listed {
    /// The model.
    pub model: String,
    /// At equal lengths, in per cent.
    pub length_controlled: f64,
    /// Its standard error, where it is published.
    pub error: Option<f64>,
    /// As the judge saw the answers.
    pub win_rate: f64,
    /// Mean characters of an answer.
    pub mean_length: Option<u64>,
}

/// An answer to be read beside another one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// The benchmark.
    pub benchmark: String,
    /// Whose answer it is.
    pub contender: String,
    /// What was asked.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// Whose answer stands beside it, and what it is.
    pub other: Option<(String, String)>,
    /// The score, for people.
    pub score: String,
    /// Whether it is among the best.
    pub is_good: bool,
    /// What the judge wrote.
    pub judgment: String,
    /// The proposals, layer by layer.
    pub layers: Vec<Vec<Proposal>>,
}

/// A proposal to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Who proposed.
    pub agent: String,
    /// What.
    pub text: String,
}
