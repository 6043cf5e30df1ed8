//! The twelve skills.

use serde::Serialize;

/// The skills, as the tables name them and in their order.
pub const SKILLS: [&str; 12] = [
    "robustness",
    "correctness",
    "efficiency",
    "factuality",
    "commonsense",
    "comprehension",
    "insightfulness",
    "completeness",
    "metacognition",
    "readability",
    "conciseness",
    "harmlessness",
];

/// The article's groups of skills; no script uses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum SkillGroup {
    /// Robustness, correctness, efficiency.
    #[serde(rename = "Logical Thinking")]
    LogicalThinking,
    /// Factuality, commonsense.
    #[serde(rename = "Background Knowledge")]
    BackgroundKnowledge,
    /// Comprehension, insightfulness, completeness, metacognition.
    #[serde(rename = "Problem Handling")]
    ProblemHandling,
    /// Conciseness, readability, harmlessness.
    #[serde(rename = "User Alignment")]
    UserAlignment,
}

/// The group of a skill that a table names.
#[must_use]
pub fn skill_group(skill: &str) -> Option<SkillGroup> {
    match skill {
        "robustness" | "correctness" | "efficiency" => Some(SkillGroup::LogicalThinking),
        "factuality" | "commonsense" => Some(SkillGroup::BackgroundKnowledge),
        "comprehension" | "insightfulness" | "completeness" | "metacognition" => {
            Some(SkillGroup::ProblemHandling)
        }
        "readability" | "conciseness" | "harmlessness" => Some(SkillGroup::UserAlignment),
        _ => None,
    }
}

/// The word of a judge's key that names the skill: the second one of "logical correctness", else the first one.
pub(crate) fn named_skill(key: &str) -> Option<&str> {
    if is_logical(key) { key.split(' ').nth(1) } else { first_word(key) }
}

/// Whether the scripts look at the second word.
pub(crate) fn is_logical(key: &str) -> bool {
    key.contains("logical")
}

/// `key.split(' ')[0]`
pub(crate) fn first_word(key: &str) -> Option<&str> {
    key.split(' ').next()
}
