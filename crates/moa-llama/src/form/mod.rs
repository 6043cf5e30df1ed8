//! The form that an answer must have (`response_format`), as a grammar in llama.cpp's notation (GBNF).
//!
//! Every answer that the grammar lets through fulfils the schema. Not every value that fulfils the schema can be written: properties
//! come in alphabetical order, and none that the schema does not name. What cannot be promised is refused beforehand, with the place
//! in the schema.
//!
//! llama.cpp has a translation of schemas too, in its `common` library, which nothing else here needs. llguidance, which knows more of
//! JSON Schema, makes `serde_json` keep the order of objects in the whole program, and so changes what is hashed and stored.

mod disjoint;
mod primitives;
mod rules;
mod schema;

use serde_json::Value;

pub(crate) use self::primitives::literal;
pub(crate) use self::rules::Rules;
use self::schema::Converter;

/// Why a form cannot be promised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct UnsupportedForm {
    /// The place in the request, such as `response_format.json_schema.schema.properties.age`.
    pub place: String,
    /// What is wrong there.
    pub reason: String,
}

impl UnsupportedForm {
    pub(crate) fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), reason: reason.into() }
    }
}

/// Whether local models can keep a `response_format`.
///
/// # Errors
/// What it asks for that cannot be promised, and where.
pub fn check_response_format(format: &Value) -> Result<(), UnsupportedForm> {
    grammar(format).map(drop)
}

/// The grammar of a `response_format`; `None` where any answer will do.
pub(crate) fn grammar(format: &Value) -> Result<Option<String>, UnsupportedForm> {
    let mut rules = Rules::default();
    let root = root_of_format(format, &mut rules)?;
    Ok(root.map(|root| rules.grammar(&root)))
}

/// The rule of a `response_format`; `None` where any answer will do.
pub(crate) fn root_of_format(format: &Value, rules: &mut Rules) -> Result<Option<String>, UnsupportedForm> {
    const PLACE: &str = "response_format";
    match format.get("type").and_then(Value::as_str) {
        None | Some("text") => Ok(None),
        Some("json_object") => Ok(Some(rules.object())),
        Some("json_schema") => {
            let place = format!("{PLACE}.json_schema.schema");
            let schema = format.pointer("/json_schema/schema");
            let schema = schema.ok_or_else(|| UnsupportedForm::new(&place, "a schema is needed here"))?;
            root_of_schema(schema, &place, rules).map(Some)
        }
        Some(_) => {
            let reason = "it is none of text, json_object and json_schema";
            Err(UnsupportedForm::new(format!("{PLACE}.type"), reason))
        }
    }
}

/// The rule of what a schema at a place in the request allows.
pub(crate) fn root_of_schema(
    schema: &Value,
    place: &str,
    rules: &mut Rules,
) -> Result<String, UnsupportedForm> {
    Converter::new(schema, place, rules).convert()
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
