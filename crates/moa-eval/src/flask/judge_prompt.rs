//! What the judge is asked, read from the benchmark's own files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::EvaluationItem;
use crate::python::fill;
use crate::{EvalError, json};

const WHAT: &str = "the file of review prompts";

/// The prompt that shows the reference answer, which every review uses.
const PROMPT_ID: u64 = 2;

/// Scores of the rubric.
const MARKS: [&str; 5] = ["1", "2", "3", "4", "5"];

/// A line of `review_prompt.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct JudgePrompt {
    prompt_id: u64,
    system_prompt: String,
    prompt_template: String,
    defaults: BTreeMap<String, String>,
}

/// The rubrics of the skills (`skillset_description.json`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skillset(Vec<Rubric>);

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Rubric {
    #[serde(rename = "Skill")]
    skill: String,
    #[serde(rename = "Criteria")]
    criteria: String,
    #[serde(rename = "Scoring")]
    scoring: BTreeMap<String, String>,
}

/// What the judge is sent. The official runs sent no temperature and no limit on tokens, against what their code seems to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JudgeMessages {
    /// The system message.
    pub system: String,
    /// The user message.
    pub user: String,
}

impl Skillset {
    /// Reads `skillset_description.json`.
    ///
    /// # Errors
    ///
    /// Where it is no list of rubrics with five marks each.
    pub fn read(text: &[u8]) -> Result<Self, EvalError> {
        const WHAT: &str = "the description of the skills";
        let rubrics: Vec<Rubric> = json::read(WHAT, text)?;
        match rubrics.iter().find(|rubric| MARKS.iter().any(|mark| !rubric.scoring.contains_key(*mark))) {
            Some(rubric) => {
                Err(EvalError::invalid_file(WHAT, None, format!("{} lacks a mark", rubric.skill)))
            }
            None => Ok(Self(rubrics)),
        }
    }

    /// The rubrics of an item: for each of its skills the first one whose name contains it.
    fn describe(&self, skills: &[String]) -> String {
        let mut text = String::new();
        for name in skills {
            let Some(rubric) = self.0.iter().find(|rubric| rubric.skill.contains(name.as_str())) else {
                continue;
            };
            text.extend(["\n", &rubric.skill, ": ", &rubric.criteria]);
            for mark in MARKS {
                let meaning = rubric.scoring.get(mark).map(String::as_str).unwrap_or_default();
                text.extend(["\nScore ", mark, ": ", meaning]);
            }
            text.push_str("\n\n");
        }
        text
    }
}

impl JudgePrompt {
    /// Takes the prompt with the reference answer out of `review_prompt.jsonl`.
    ///
    /// # Errors
    ///
    /// Where it is not there.
    pub fn read(text: &[u8]) -> Result<Self, EvalError> {
        let prompts: Vec<Self> = json::read_lines(WHAT, text)?;
        let found = prompts.into_iter().find(|prompt| prompt.prompt_id == PROMPT_ID);
        found.ok_or_else(|| EvalError::UnknownEntry { what: WHAT, name: PROMPT_ID.to_string() })
    }

    /// Asks for a review of an answer, byte for byte as the official script.
    ///
    /// # Errors
    ///
    /// Where the template mentions a field that nobody knows.
    pub fn messages(
        &self,
        skillset: &Skillset,
        item: &EvaluationItem,
        response: &str,
    ) -> Result<JudgeMessages, EvalError> {
        let skills = skillset.describe(&item.skills);
        let mut fields = vec![
            ("question", item.instruction.as_str()),
            ("response", response),
            ("skills", skills.as_str()),
            ("num", "3"),
            ("sample_answer", item.answer.as_str()),
        ];
        fields.extend(self.defaults.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let user = fill("of the review", &self.prompt_template, &fields)?;
        Ok(JudgeMessages { system: self.system_prompt.clone(), user })
    }
}
