//! The judge's prompt, read from the benchmark's own file.

use serde::Serialize;

use crate::EvalError;
use crate::python::strip;

const NAME: &str = "of the judge of AlpacaEval";
const START: &str = "<|im_start|>";
const END: &str = "<|im_end|>";
const PLACEHOLDERS: [&str; 3] = ["{instruction}", "{output_1}", "{output_2}"];

/// How texts get into the prompt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Filling {
    /// As the official tool does it: one placeholder after the other, so that a text which itself contains a placeholder or a marker
    /// of a message changes the prompt.
    #[default]
    Official,
    /// All three at once within messages that are cut before: texts cannot reach outside their place.
    Safe,
}

/// A message to the judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JudgeMessage {
    /// `system` or `user`.
    pub role: String,
    /// The text.
    pub content: String,
}

/// The template of the judge's prompt (`alpaca_eval_clf.txt`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgePrompt {
    template: String,
}

impl JudgePrompt {
    /// Takes the text of the benchmark's file.
    ///
    /// # Errors
    ///
    /// Where a placeholder does not occur exactly once, or there are no messages in it.
    pub fn new(template: &str) -> Result<Self, EvalError> {
        for placeholder in PLACEHOLDERS {
            let times = template.matches(placeholder).count();
            if times != 1 {
                return Err(invalid(format!("{placeholder} occurs {times} times")));
            }
        }
        messages(template)?;
        Ok(Self { template: template.to_owned() })
    }

    /// What the judge is asked; `switched` shows `output_2` first.
    ///
    /// # Errors
    ///
    /// With [`Filling::Official`], where a text contains markers of messages that leave no well-formed ones.
    pub fn messages(
        &self,
        instruction: &str,
        output_1: &str,
        output_2: &str,
        switched: bool,
        filling: Filling,
    ) -> Result<Vec<JudgeMessage>, EvalError> {
        let (first, second) = if switched { (output_2, output_1) } else { (output_1, output_2) };
        let texts = [instruction, first, second];
        match filling {
            Filling::Official => {
                let filled = PLACEHOLDERS
                    .iter()
                    .zip(texts)
                    .fold(self.template.clone(), |prompt, (placeholder, text)| {
                        prompt.replacen(placeholder, text, 1)
                    });
                messages(&filled)
            }
            Filling::Safe => {
                let mut messages = messages(&self.template)?;
                for message in &mut messages {
                    message.content = fill_at_once(&message.content, texts);
                }
                Ok(messages)
            }
        }
    }
}

/// Fills the placeholders of a text in one pass.
fn fill_at_once(template: &str, texts: [&str; 3]) -> String {
    let mut places: Vec<(usize, &str, &str)> = PLACEHOLDERS
        .iter()
        .zip(texts)
        .filter_map(|(placeholder, text)| template.find(placeholder).map(|at| (at, *placeholder, text)))
        .collect();
    places.sort_unstable_by_key(|(at, ..)| *at);
    let mut filled =
        String::with_capacity(template.len() + texts.iter().map(|text| text.len()).sum::<usize>());
    let mut done = 0;
    for (at, placeholder, text) in places {
        filled.push_str(&template[done..at]);
        filled.push_str(text);
        done = at + placeholder.len();
    }
    filled.push_str(&template[done..]);
    filled
}

/// Cuts `ChatML` into messages, as `utils.prompt_to_chatml` does.
fn messages(prompt: &str) -> Result<Vec<JudgeMessage>, EvalError> {
    let prompt = strip(prompt);
    if !prompt.starts_with(START) || !prompt.ends_with(END) {
        return Err(invalid(format!("it does not begin with {START} and end with {END}")));
    }
    let message = |text: &str| {
        let (role, content) =
            text.split_once('\n').ok_or_else(|| invalid("a message has a role and no text".to_owned()))?;
        let content = content.split_once(END).map_or(content, |(content, _)| content);
        let role = strip(role);
        // What may follow "system" are parameters that no file of the benchmark uses.
        let role = if role.starts_with("system") { "system" } else { role };
        Ok(JudgeMessage { role: role.to_owned(), content: strip(content).to_owned() })
    };
    prompt.split(START).skip(1).map(message).collect()
}

fn invalid(reason: String) -> EvalError {
    EvalError::InvalidTemplate { name: NAME.to_owned(), reason }
}
