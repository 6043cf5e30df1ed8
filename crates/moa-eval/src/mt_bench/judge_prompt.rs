//! What the judge is asked, read from the benchmark's own file.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Answer, OutputFormat, Question, needs_reference};
use crate::python::fill;
use crate::{EvalError, json};

const WHAT: &str = "the file of judge prompts";

/// A line of `judge_prompts.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgePrompt {
    /// Its name.
    pub name: String,
    /// `single` or `pairwise`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The system message.
    pub system_prompt: String,
    /// The user message with its fields.
    pub prompt_template: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// What it is for.
    #[serde(default)]
    pub category: String,
    /// How the judge gives its verdict.
    pub output_format: OutputFormat,
}

/// All prompts, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgePrompts(HashMap<String, JudgePrompt>);

/// Which turn of a conversation is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Turn {
    /// The answer to the question.
    First,
    /// The answer to the follow-up.
    Second,
}

impl Turn {
    /// As files write it.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }
}

/// A question, the answers to be judged and the reference answer.
#[derive(Debug, Clone, Copy)]
pub struct Match<'a> {
    /// The question.
    pub question: &'a Question,
    /// The reference answer, which reasoning, math and coding need.
    pub reference: Option<&'a Answer>,
    /// The turn.
    pub turn: Turn,
}

/// What the judge is sent, at temperature 0 and with at most 2048 tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JudgeRequest {
    /// The prompt's name.
    pub prompt: String,
    /// The system message.
    pub system: String,
    /// The user message.
    pub user: String,
    /// How the verdict is read.
    pub output_format: OutputFormat,
}

impl JudgePrompts {
    /// Reads `judge_prompts.jsonl`.
    ///
    /// # Errors
    ///
    /// Where a line is no prompt, or has an output format that nobody knows.
    pub fn read(text: &[u8]) -> Result<Self, EvalError> {
        let prompts: Vec<JudgePrompt> = json::read_lines(WHAT, text)?;
        Ok(Self(prompts.into_iter().map(|prompt| (prompt.name.clone(), prompt)).collect()))
    }

    /// A prompt by its name.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub fn of(&self, name: &str) -> Result<&JudgePrompt, EvalError> {
        self.0.get(name).ok_or_else(|| EvalError::UnknownEntry { what: WHAT, name: name.to_owned() })
    }

    /// Asks for a grade of one answer.
    ///
    /// # Errors
    ///
    /// Where the question, the answer or the reference lacks a turn, or the prompt is not there.
    pub fn single(&self, of: &Match<'_>, answer: &Answer) -> Result<JudgeRequest, EvalError> {
        self.request(of, "single", &[("answer", answer)])
    }

    /// Asks which of two answers is better, the first being shown as assistant A's. The official script asks twice, with the answers
    /// exchanged.
    ///
    /// # Errors
    ///
    /// As for [`single`](Self::single).
    pub fn pair(&self, of: &Match<'_>, first: &Answer, second: &Answer) -> Result<JudgeRequest, EvalError> {
        self.request(of, "pair", &[("answer_a", first), ("answer_b", second)])
    }

    fn request(
        &self,
        of: &Match<'_>,
        kind: &str,
        answers: &[(&str, &Answer)],
    ) -> Result<JudgeRequest, EvalError> {
        let name = prompt_name(kind, &of.question.category, of.turn);
        let prompt = self.of(&name)?;
        let turns: &[usize] = match of.turn {
            Turn::First => &[0],
            Turn::Second => &[0, 1],
        };
        let missing = |what: &str| EvalError::Unjudgeable {
            question: of.question.question_id.to_string(),
            reason: format!("{what} has too few turns"),
        };
        let mut fields: Vec<(String, &str)> = Vec::new();
        for turn in turns {
            let field = |name: &str| match of.turn {
                Turn::First => name.to_owned(),
                Turn::Second => format!("{name}_{}", turn + 1),
            };
            let question = of.question.turns.get(*turn).ok_or_else(|| missing("the question"))?;
            fields.push((field("question"), question));
            for (name, answer) in answers {
                fields.push((field(name), answer.turn(*turn).ok_or_else(|| missing("an answer"))?));
            }
            if needs_reference(&of.question.category) {
                let reference = of.reference.and_then(|reference| reference.turn(*turn));
                let reference = reference.ok_or_else(|| missing("the reference answer"))?;
                fields.push((format!("ref_answer_{}", turn + 1), reference));
            }
        }
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        Ok(JudgeRequest {
            system: prompt.system_prompt.clone(),
            user: fill(&name, &prompt.prompt_template, &fields)?,
            output_format: prompt.output_format,
            prompt: name,
        })
    }
}

/// `single-v1`, `single-math-v1-multi-turn`, `pair-v2` and so on.
fn prompt_name(kind: &str, category: &str, turn: Turn) -> String {
    let version = match (kind, needs_reference(category)) {
        (_, true) => "math-v1",
        ("pair", false) => "v2",
        (_, false) => "v1",
    };
    let turns = match turn {
        Turn::First => "",
        Turn::Second => "-multi-turn",
    };
    format!("{kind}-{version}{turns}")
}

/// The order in which the official script judges: first turns before second ones, and in each the questions without a reference answer
/// before the others. Questions without exactly two turns have no second turn.
#[must_use]
pub fn judging_order(questions: &[Question]) -> Vec<(&Question, Turn)> {
    let of = |turn: Turn, reference: bool| {
        questions
            .iter()
            .filter(move |question| needs_reference(&question.category) == reference)
            .filter(move |question| turn == Turn::First || question.turns.len() == 2)
            .map(move |question| (question, turn))
    };
    of(Turn::First, false)
        .chain(of(Turn::First, true))
        .chain(of(Turn::Second, false))
        .chain(of(Turn::Second, true))
        .collect()
}
