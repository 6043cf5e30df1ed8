//! MT-Bench: 80 questions of two turns, graded by a judge one answer at a time or in pairs.
//!
//! # Source
//!
//! `fastchat/llm_judge` of `FastChat`; Zheng et al., "Judging LLM-as-a-Judge", arXiv 2306.05685.

mod answer;
mod judge_prompt;
mod judgment;
mod pairwise;
mod question;
mod single;
mod verdict;

pub use answer::{Answer, Choice, latest_by_question, read_answers, write_answers};
pub use judge_prompt::{JudgePrompt, JudgePrompts, JudgeRequest, Match, Turn, judging_order};
pub use judgment::{
    Judgment, PairJudgment, read_judgments, read_pair_judgments, write_judgments, write_pair_judgments,
};
pub use pairwise::{PairwiseRow, score_pairwise};
pub use question::{
    CATEGORIES, Category, Question, QuestionId, needs_reference, read_questions, temperature,
};
pub use single::{ModelScore, estimate_single, score_single};
pub use verdict::{
    API_ERROR, GameWinner, OutputFormat, PairWinner, Score, extract_pair_winner, extract_score,
};

#[cfg(test)]
mod tests;
