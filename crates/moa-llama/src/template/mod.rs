//! From a conversation to the text that a model was trained on.
//!
//! A model's own template (Jinja) is rendered as it is. Where it cannot be, llama.cpp's list of known formats is tried, and then
//! `ChatML`, both with a warning. The result is not one text but [`Piece`]s: what the template wrote, in which the names of control
//! tokens mean those tokens, and what people or models wrote, in which they must mean nothing.

mod align;
mod jinja;

use moa_core::{Conversation, Failure, FailureKind, Message, Role};

use self::align::{Marks, align};
use self::jinja::{JinjaError, JinjaTemplate};
use crate::native;

/// A part of a rendered prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Written by the template.
    Template(String),
    /// Written by a person or a model.
    Content(String),
}

/// How prompts are written for one model.
#[derive(Debug)]
pub(crate) struct ChatTemplate {
    format: Format,
    has_system_role: bool,
    warning: Option<String>,
}

#[derive(Debug)]
enum Format {
    Jinja(Box<JinjaTemplate>),
    /// The template's text, of a kind that llama.cpp knows by its looks.
    Known(String),
    ChatMl,
}

/// The texts of the tokens that templates refer to.
#[derive(Debug, Clone, Default)]
pub(crate) struct SpecialTexts {
    pub(crate) bos: String,
    pub(crate) eos: String,
}

impl ChatTemplate {
    /// The template of a model, `None` being a model without one.
    pub(crate) fn new(source: Option<&str>, specials: SpecialTexts) -> Self {
        let (format, warning) = choose(source, specials);
        let mut template = Self { format, has_system_role: true, warning };
        template.has_system_role = template.probe_system_role();
        template
    }

    /// What the reader should know about the format, if it is not the model's own.
    pub(crate) fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// Texts that end an answer although the vocabulary may not know them as tokens.
    pub(crate) fn stop_texts(&self) -> &[&str] {
        match self.format {
            Format::ChatMl => &["<|im_end|>", "<|im_start|>"],
            Format::Jinja(_) | Format::Known(_) => &[],
        }
    }

    /// The template's own text, where control tokens are named.
    pub(crate) fn source(&self) -> &str {
        match &self.format {
            Format::Jinja(template) => template.source(),
            Format::Known(source) => source,
            Format::ChatMl => "<|im_start|><|im_end|>",
        }
    }

    /// Writes a conversation down, up to where the model's answer begins.
    ///
    /// # Errors
    /// `InvalidRequest` when there is nothing to answer, or when the template refuses the order of the messages.
    pub(crate) fn render(&self, conversation: &Conversation) -> Result<Vec<Piece>, Failure> {
        let moved;
        let conversation = if self.has_system_role {
            conversation
        } else {
            moved = conversation.without_system_role();
            &moved
        };
        let messages = conversation.messages();
        if messages.iter().all(|message| message.content.trim().is_empty()) {
            return Err(Failure::new(FailureKind::InvalidRequest, "the prompt is empty")
                .with_hint("write what the model should answer"));
        }
        let marks = Marks::fresh(messages.len());
        let marked = self.text(&marks.in_place_of(messages))?;
        let plain = self.text(messages)?;
        Ok(align(&marked, &marks, &plain, messages))
    }

    fn text(&self, messages: &[Message]) -> Result<String, Failure> {
        match &self.format {
            Format::Jinja(template) => template.render(messages).map_err(|error| refusal(&error)),
            Format::Known(source) => {
                let pairs: Vec<(&str, &str)> =
                    messages.iter().map(|m| (m.role.as_str(), m.content.as_str())).collect();
                native::apply_known_template(source, &pairs).ok_or_else(|| {
                    Failure::new(
                        FailureKind::InvalidRequest,
                        "the conversation cannot be written in the model's format",
                    )
                })
            }
            Format::ChatMl => Ok(chatml(messages)),
        }
    }

    /// Whether a system message reaches the prompt.
    fn probe_system_role(&self) -> bool {
        let marks = Marks::fresh(2);
        let messages = [Message::system(""), Message::user("")];
        self.text(&marks.in_place_of(&messages)).is_ok_and(|text| marks.all_in(&text))
    }
}

/// The best format that works at all.
fn choose(source: Option<&str>, specials: SpecialTexts) -> (Format, Option<String>) {
    let Some(source) = source else {
        let warning = "the model has no chat template: the prompt is written as ChatML, which it may not have been trained on";
        return (Format::ChatMl, Some(warning.to_owned()));
    };
    let marks = Marks::fresh(1);
    let question = marks.in_place_of(&[Message::user("")]);
    let reason = match JinjaTemplate::new(source, specials) {
        Ok(template) => match template.render(&question) {
            Ok(text) if marks.all_in(&text) => return (Format::Jinja(Box::new(template)), None),
            Ok(_) => "it does not show what the user says".to_owned(),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    if native::apply_known_template(source, &[("user", "x")]).is_some() {
        let warning = format!(
            "the model's chat template cannot be rendered ({reason}): llama.cpp's version of the same format is used"
        );
        return (Format::Known(source.to_owned()), Some(warning));
    }
    let warning = format!(
        "the model's chat template cannot be rendered ({reason}): the prompt is written as ChatML, which it may not have \
         been trained on"
    );
    (Format::ChatMl, Some(warning))
}

fn refusal(error: &JinjaError) -> Failure {
    let failure = Failure::new(FailureKind::InvalidRequest, error.to_string());
    match error {
        JinjaError::Refused(_) => {
            failure.with_hint("most models want a user's message first, and user and assistant in turn")
        }
        JinjaError::Template(_) => failure,
    }
}

/// `ChatML`, the most widespread format.
fn chatml(messages: &[Message]) -> String {
    let mut text = String::new();
    for message in messages {
        text.push_str("<|im_start|>");
        text.push_str(message.role.as_str());
        text.push('\n');
        text.push_str(&message.content);
        text.push_str("<|im_end|>\n");
    }
    text.push_str("<|im_start|>");
    text.push_str(Role::Assistant.as_str());
    text.push('\n');
    text
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "real_tests.rs"]
mod real_tests;
