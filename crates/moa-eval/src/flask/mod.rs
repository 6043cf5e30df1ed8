//! FLASK: each answer is graded for three of twelve skills.
//!
//! # Source
//!
//! `gpt_review` of kaistAI/FLASK and of its copy in togethercomputer/MoA; Ye et al., "FLASK", arXiv 2307.10928.

mod difficulty_table;
mod domain_table;
mod item;
mod judge_prompt;
mod model_answer;
mod review;
mod scores;
mod skill_table;
mod skills;
mod tally;

pub use difficulty_table::{DifficultyTable, LevelScore};
pub use domain_table::{DOMAINS, DomainTable};
pub use item::{EvaluationItem, LEVELS, Level, read_items};
pub use judge_prompt::{JudgeMessages, JudgePrompt, Skillset};
pub use model_answer::{ModelAnswer, read_model_answers, write_model_answers};
pub use review::{Review, parse_scores, read_reviews, write_reviews};
pub use scores::Scores;
pub use skill_table::{SkillTable, scores_by_skill};
pub use skills::{SKILLS, SkillGroup, skill_group};
pub use tally::Tally;

use serde::Serialize;

use crate::EvalError;

/// Everything that a file of reviews says of a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlaskScore {
    /// By skill.
    pub skills: SkillTable,
    /// By domain of the instruction.
    pub domains: DomainTable,
    /// By skill and level of difficulty; nothing without the evaluation set.
    pub difficulty: Option<DifficultyTable>,
    /// Reviews in which no dictionary of scores could be read.
    pub n_without_scores: usize,
    /// Reviews.
    pub n_reviews: usize,
}

/// Aggregates reviews as the three official scripts do. The level of a review is that of the item in the same line of the evaluation
/// set, as there; without an evaluation set there are no levels.
///
/// # Errors
///
/// Where there are no reviews, or more than items.
pub fn score(reviews: &[Review], items: Option<&[EvaluationItem]>) -> Result<FlaskScore, EvalError> {
    if reviews.is_empty() {
        return Err(EvalError::NothingToScore { what: "the reviews" });
    }
    Ok(FlaskScore {
        skills: SkillTable::of(reviews),
        domains: DomainTable::of(reviews),
        difficulty: items.map(|items| DifficultyTable::of(reviews, items)).transpose()?,
        n_without_scores: reviews.iter().filter(|review| review.scores.is_empty()).count(),
        n_reviews: reviews.len(),
    })
}

#[cfg(test)]
mod tests;
