//! Tools that a model may call: what it is told of them, the form of its calls, and the calls in what it writes.
//!
//! Calls are written as Hermes and Qwen models were trained to: `<tool_call>`, an object with `name` and `arguments`, `</tool_call>`. A
//! grammar keeps every model to it, also those that were trained on nothing of the kind, and every call to the schema of its tool as far
//! as the grammar can promise that. Where a model need not call anything, the grammar cannot keep it from writing a call in a form of its own;
//! such calls are read too.

mod form;
mod loose;
mod reader;
mod thought;
mod words;
mod written;

use moa_core::{ChatRequest, Tools};
use serde_json::Value;

use crate::form::UnsupportedForm;

pub(crate) use self::form::grammar;
pub(crate) use self::reader::reader;
pub(crate) use self::words::in_words;

pub(crate) const OPENS: &str = "<tool_call>";
const CLOSES: &str = "</tool_call>";
/// In what models put calls without being told to.
const FENCE: &str = "```";

/// Which tools an answer may or must call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offered<'a> {
    pub(crate) tools: &'a [Value],
    choice: Choice<'a>,
    several: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice<'a> {
    Auto,
    Required,
    Named(&'a str),
}

/// Whether local models can call these tools as it is asked.
///
/// # Errors
/// What cannot be promised, and where.
pub fn check_tools(tools: &Tools, response_format: Option<&Value>) -> Result<(), UnsupportedForm> {
    match offered(tools)? {
        Some(offered) => grammar(offered, response_format).map(drop),
        None => Ok(()),
    }
}

/// What a request offers; `None` where no tool may be called.
pub(crate) fn asked(request: &ChatRequest) -> Result<Option<Offered<'_>>, UnsupportedForm> {
    request.tools.as_deref().map_or(Ok(None), offered)
}

/// What is offered; `None` where no tool may be called.
fn offered(tools: &Tools) -> Result<Option<Offered<'_>>, UnsupportedForm> {
    const PLACE: &str = "tool_choice";
    let choice = match &tools.tool_choice {
        None | Some(Value::Null) => Choice::Auto,
        Some(Value::String(word)) => match word.as_str() {
            "none" => return Ok(None),
            "auto" => Choice::Auto,
            "required" => Choice::Required,
            _ => {
                return Err(UnsupportedForm::new(PLACE, "it is none of none, auto, required and a function"));
            }
        },
        Some(choice) => match choice.pointer("/function/name").and_then(Value::as_str) {
            Some(name) => Choice::Named(name),
            None => return Err(UnsupportedForm::new(PLACE, "it names no function")),
        },
    };
    if tools.tools.is_empty() {
        return Ok(None);
    }
    for (place, tool) in tools.tools.iter().enumerate() {
        let name = name_of(tool).unwrap_or_default();
        if name.is_empty()
            || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.".contains(letter))
        {
            let place = format!("tools[{place}].function.name");
            return Err(UnsupportedForm::new(
                place,
                "a name of letters, digits, '_', '-' and '.' is needed here",
            ));
        }
        // They become part of the template's own text, in which the names of control tokens mean those tokens.
        if let Some(key) = odd_key(tool) {
            let shown: String = key.chars().take(40).collect();
            let reason = format!("the property '{shown}' has one of the signs < [ | in its name");
            return Err(UnsupportedForm::new(format!("tools[{place}]"), reason));
        }
    }
    if let Choice::Named(name) = choice
        && !tools.tools.iter().any(|tool| name_of(tool) == Some(name))
    {
        return Err(UnsupportedForm::new(PLACE, "it names a function that is not among the tools"));
    }
    Ok(Some(Offered { tools: &tools.tools, choice, several: tools.parallel_tool_calls != Some(false) }))
}

impl Offered<'_> {
    /// The tools whose calls are known in any form; none where a grammar keeps the whole answer to a form, in which what looks like a call
    /// is what was asked for.
    fn loose_names(&self, format: Option<&Value>) -> Vec<String> {
        let kind = format.and_then(|format| format.get("type")).and_then(Value::as_str);
        if self.choice != Choice::Auto || kind.is_some_and(|kind| kind != "text") {
            return Vec::new();
        }
        self.tools.iter().filter_map(name_of).map(str::to_owned).collect()
    }
}

fn name_of(tool: &Value) -> Option<&str> {
    tool.pointer("/function/name").and_then(Value::as_str)
}

fn odd_key(value: &Value) -> Option<&str> {
    match value {
        Value::Object(object) => object.iter().find_map(|(key, value)| {
            if key.contains(['<', '[', '|']) { Some(key.as_str()) } else { odd_key(value) }
        }),
        Value::Array(list) => list.iter().find_map(odd_key),
        _ => None,
    }
}

#[cfg(test)]
#[path = "tools_tests.rs"]
mod tests;
