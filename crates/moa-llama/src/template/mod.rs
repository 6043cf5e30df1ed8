//! From a conversation to the text that a model was trained on.
//!
//! A model's own template (Jinja) is rendered as it is. Where it cannot be, llama.cpp's list of known formats is tried, and then
//! `ChatML`, both with a warning. The result is not one text but [`Piece`]s: what the template wrote, in which the names of control
//! tokens mean those tokens, and what people or models wrote, in which they must mean nothing.

mod align;
mod jinja;
mod spoken;

use std::borrow::Cow;

use moa_core::{Conversation, Failure, FailureKind, Message, Role, ToolCall};
use serde_json::{Value, json};

use self::align::{Marks, align};
use self::jinja::{JinjaError, JinjaTemplate};
use self::spoken::Spoken;
use crate::native;
use crate::tools::{OPENS, in_words};

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
    /// Whether the template itself writes tools down, and calls in the form that is read here.
    knows_tools: bool,
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
        let mut template = Self { format, has_system_role: true, knows_tools: false, warning };
        template.has_system_role = template.probe_system_role();
        template.knows_tools = template.probe_tools();
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

    /// Writes a conversation down, and the tools that may be called, up to where the model's answer begins.
    ///
    /// # Errors
    /// `InvalidRequest` when there is nothing to answer, or when the template refuses the order of the messages.
    pub(crate) fn render(&self, conversation: &Conversation, tools: &[Value]) -> Result<Vec<Piece>, Failure> {
        let mut conversation = Cow::Borrowed(conversation);
        let mut tools = tools;
        if !self.knows_tools {
            conversation = Cow::Owned(in_words(&conversation, tools));
            tools = &[];
        }
        if !self.has_system_role {
            conversation = Cow::Owned(conversation.without_system_role());
        }
        let messages = conversation.messages();
        if messages.iter().all(|message| message.content.trim().is_empty()) {
            return Err(Failure::new(FailureKind::InvalidRequest, "the prompt is empty")
                .with_hint("write what the model should answer"));
        }
        let spoken = Spoken::new(messages, tools);
        let marks = Marks::fresh(spoken.contents.len());
        let marked = self.text(&Spoken::marked(messages, tools, &marks))?;
        let plain = self.text(&spoken)?;
        Ok(align(&marked, &marks, &plain, &spoken.contents))
    }

    fn text(&self, spoken: &Spoken) -> Result<String, Failure> {
        match &self.format {
            Format::Jinja(template) => template.render(spoken).map_err(|error| refusal(&error)),
            Format::Known(source) => native::apply_known_template(source, &spoken.pairs()).ok_or_else(|| {
                Failure::new(
                    FailureKind::InvalidRequest,
                    "the conversation cannot be written in the model's format",
                )
            }),
            Format::ChatMl => Ok(chatml(&spoken.pairs())),
        }
    }

    /// Whether a system message reaches the prompt.
    fn probe_system_role(&self) -> bool {
        let marks = Marks::fresh(2);
        let messages = [Message::system(""), Message::user("")];
        self.text(&Spoken::marked(&messages, &[], &marks)).is_ok_and(|text| marks.all_in(&text))
    }

    /// Whether the template writes down tools, calls of them and their results, the calls as they are read here.
    fn probe_tools(&self) -> bool {
        if !matches!(self.format, Format::Jinja(_)) {
            return false;
        }
        let call = ToolCall {
            id: "1".to_owned(),
            name: "name".to_owned(),
            arguments: r#"{"key": "which one?"}"#.to_owned(),
        };
        let called = Message { tool_calls: vec![call], ..Message::assistant("said") };
        let result = Message { tool_call_id: Some("1".to_owned()), ..Message::new(Role::Tool, "result") };
        let messages = [Message::user("question"), called, result];
        let tools = [json!({"type": "function", "function": {"name": "name", "description": "what for?"}})];
        let spoken = Spoken::new(&messages, &tools);
        let marks = Marks::fresh(spoken.contents.len());
        self.text(&Spoken::marked(&messages, &tools, &marks))
            .is_ok_and(|text| marks.all_in(&text) && text.matches(OPENS).count() >= 2)
    }
}

/// The best format that works at all.
fn choose(source: Option<&str>, specials: SpecialTexts) -> (Format, Option<String>) {
    let Some(source) = source else {
        let warning = "the model has no chat template: the prompt is written as ChatML, which it may not have been trained on";
        return (Format::ChatMl, Some(warning.to_owned()));
    };
    let marks = Marks::fresh(1);
    let question = Spoken::marked(&[Message::user("")], &[], &marks);
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
fn chatml(messages: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (role, content) in messages {
        text.push_str("<|im_start|>");
        text.push_str(role);
        text.push('\n');
        text.push_str(content);
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
