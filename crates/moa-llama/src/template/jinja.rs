//! A model's own chat template, rendered as the transformers library would.
//!
//! # Source
//! The environment of `apply_chat_template` in Hugging Face transformers: blocks trimmed, loop controls, Python's string
//! methods, `tojson`, `raise_exception`, `strftime_now`, tools where there are any and no documents.

use std::error::Error as _;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, Value, context};
use serde_json::Serializer;
use serde_json::ser::Formatter;

use super::SpecialTexts;
use super::spoken::Spoken;

/// What a rendering may spend, besides what the length of the messages needs: enough for any real template, and little enough
/// that a template that loops for ever is stopped within a second.
const FUEL: u64 = 5_000_000;

const NAME: &str = "chat";

/// Why a template gave no text.
#[derive(Debug, thiserror::Error)]
pub(super) enum JinjaError {
    /// The template itself says that it cannot write this conversation.
    #[error("the model's chat template refuses the conversation: {0}")]
    Refused(String),
    /// The template is broken, or uses something that this engine does not have.
    #[error("chat template: {0}")]
    Template(String),
}

/// What a template said with `raise_exception`.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Raised(String);

/// A compiled template.
#[derive(Debug)]
pub(super) struct JinjaTemplate {
    environment: Environment<'static>,
    source: String,
    specials: SpecialTexts,
}

impl JinjaTemplate {
    pub(super) fn new(source: &str, specials: SpecialTexts) -> Result<Self, JinjaError> {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(broken)?;
        environment.set_syntax(syntax);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, "raised").with_source(Raised(message)))
        });
        environment.add_function("strftime_now", |format: String| -> Result<String, Error> {
            jiff::fmt::strtime::format(&format, &jiff::ZonedDateTime::now())
                .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
        });
        environment.add_filter("tojson", |value: Value| -> Result<Value, Error> {
            python_json(&value).map(Value::from_safe_string)
        });
        environment.add_template_owned(NAME, without_generation_tags(source)).map_err(broken)?;
        Ok(Self { environment, source: source.to_owned(), specials })
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn render(&self, spoken: &Spoken) -> Result<String, JinjaError> {
        let mut environment = self.environment.clone();
        environment.set_fuel(Some(FUEL.saturating_add(spoken.length() as u64)));
        let template = environment.get_template(NAME).map_err(broken)?;
        let tools =
            if spoken.tools.is_empty() { Value::from(()) } else { Value::from(Serde(spoken.tools.clone())) };
        let variables = context! {
            messages => Value::from(Serde(spoken.messages.clone())),
            add_generation_prompt => true,
            bos_token => self.specials.bos.as_str(),
            eos_token => self.specials.eos.as_str(),
            tools => tools,
            documents => (),
        };
        template.render(variables).map_err(broken)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn broken(error: Error) -> JinjaError {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(Raised(message)) = cause.downcast_ref() {
            return JinjaError::Refused(message.clone());
        }
        source = cause.source();
    }
    JinjaError::Template(error.to_string())
}

/// Without the tags with which transformers marks what a model is trained on. They write nothing.
fn without_generation_tags(source: &str) -> String {
    let mut text = source.to_owned();
    for name in ["generation", "endgeneration"] {
        for (open, close) in [("{%", "%}"), ("{%-", "%}"), ("{%", "-%}"), ("{%-", "-%}")] {
            // An empty comment strips the same white space around it.
            let comment = format!("{}{}", open.replace('%', "#"), close.replace('%', "#"));
            text = text.replace(&format!("{open} {name} {close}"), &comment);
        }
    }
    text
}

/// JSON as Python's `json.dumps(..., ensure_ascii=False)` writes it, without the escapes for HTML that minijinja adds.
fn python_json(value: &Value) -> Result<String, Error> {
    struct Spaced;

    impl Formatter for Spaced {
        fn begin_array_value<W: ?Sized + std::io::Write>(
            &mut self,
            writer: &mut W,
            first: bool,
        ) -> std::io::Result<()> {
            if first { Ok(()) } else { writer.write_all(b", ") }
        }

        fn begin_object_key<W: ?Sized + std::io::Write>(
            &mut self,
            writer: &mut W,
            first: bool,
        ) -> std::io::Result<()> {
            if first { Ok(()) } else { writer.write_all(b", ") }
        }

        fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
            writer.write_all(b": ")
        }
    }

    let failed = |error: String| Error::new(ErrorKind::BadSerialization, error);
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, Spaced);
    serde::Serialize::serialize(value, &mut serializer).map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}
