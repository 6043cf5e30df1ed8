//! What a report is made from.

use moa_core::Usage;
use moa_eval::alpaca::{Annotation, Difficulty, GamedRows, Leaderboard};
use moa_eval::exact::Scores;
use moa_eval::flask::Review;
use moa_eval::mt_bench::{Judgment, Question};
use moa_eval::runner::Answer;

/// How alike two texts are, from 0 to 1.
pub type Likeness<'a> = dyn Fn(&str, &str) -> f64 + 'a;

/// All that was found.
pub struct Input<'a> {
    /// The heading.
    pub title: String,
    /// When the report was made, for its readers.
    pub made_at: String,
    /// Whom the others are laid beside; the best contender that is no mixture where it is nothing.
    pub base: Option<String>,
    /// The answers of the journals.
    pub answers: Vec<AnswerSet>,
    /// `AlpacaEval`.
    pub alpaca: AlpacaInput,
    /// MT-Bench.
    pub mt_bench: MtBenchInput,
    /// FLASK, both sets.
    pub flask: Vec<FlaskFile>,
    /// Tasks whose answers are right or wrong.
    pub exact: Vec<Scores>,
    /// How alike an answer and a proposal are.
    pub likeness: &'a Likeness<'a>,
    /// What `likeness` is called.
    pub likeness_name: &'static str,
    /// What a reader has to know of how the files were read.
    pub remarks: Vec<String>,
}

/// What one contender answered to one benchmark.
#[derive(Debug, Clone)]
pub struct AnswerSet {
    /// `alpaca-eval`, `mt-bench`, `flask`, `gsm8k` and so on.
    pub benchmark: String,
    /// Who answered.
    pub contender: String,
    /// The answers.
    pub items: Vec<AnsweredItem>,
}

/// One answered item.
#[derive(Debug, Clone)]
pub struct AnsweredItem {
    /// As the judgments name it: `AlpacaEval`'s instruction, a question's number, a task's name.
    pub id: String,
    /// The answers, turn by turn.
    pub turns: Vec<Answer>,
    /// Tokens and cost.
    pub usage: Usage,
    /// From the question to the answer, in milliseconds.
    pub wall_ms: f64,
}

/// `AlpacaEval`'s files.
#[derive(Default)]
pub struct AlpacaInput {
    /// A judge's preferences.
    pub files: Vec<AlpacaFile>,
    /// The published scores.
    pub leaderboard: Option<Leaderboard>,
    /// For the length-controlled win rate.
    pub difficulty: Option<Difficulty>,
    /// For the length-controlled win rate.
    pub gamed: Option<GamedRows>,
}

/// One judge's preferences between one contender and the baseline.
pub struct AlpacaFile {
    /// Whose answers they are.
    pub contender: String,
    /// The preferences.
    pub annotations: Vec<Annotation>,
}

/// MT-Bench's files.
#[derive(Default)]
pub struct MtBenchInput {
    /// All grades of all judges, with the contenders under their own names.
    pub judgments: Vec<Judgment>,
    /// The questions, for their categories and their words; may be missing.
    pub questions: Vec<Question>,
}

/// One judge's reviews of one contender's answers.
pub struct FlaskFile {
    /// Whether the answers are those to the hard set.
    pub is_hard: bool,
    /// Whose answers they are.
    pub contender: String,
    /// Who judged.
    pub judge: String,
    /// The reviews.
    pub reviews: Vec<Review>,
}
