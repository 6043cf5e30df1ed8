//! A call as a model wrote it, whole or cut off.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// A call that can be told, though its arguments may be cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) name: String,
    /// As JSON where they are whole, else as far as they were written.
    pub(super) arguments: String,
    pub(super) is_whole: bool,
}

/// Why a text is no call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoCall {
    /// It ends before its arguments begin, and may become one.
    TooShort,
    /// It is something else.
    Other,
}

/// Reads an object with `name` and `arguments`, of which the end may be missing. Llama models were trained to write `parameters` for the
/// latter, and `type` before everything. What follows the arguments is not looked at.
pub(super) fn written(text: &str, is_tool: impl Fn(&str) -> bool) -> Result<Written, NoCall> {
    let mut rest = text;
    sign(&mut rest, '{')?;
    let mut name: Option<String> = None;
    loop {
        let key: String = value(&mut rest)?;
        sign(&mut rest, ':')?;
        match (key.as_str(), &name) {
            ("name", None) => name = Some(value(&mut rest)?),
            ("type", None) => drop(value::<String>(&mut rest)?),
            ("arguments" | "parameters", Some(_)) => break,
            _ => return Err(NoCall::Other),
        }
        if name.as_deref().is_some_and(|name| !is_tool(name)) {
            return Err(NoCall::Other);
        }
        sign(&mut rest, ',')?;
    }
    let name = name.ok_or(NoCall::Other)?;
    let begun = rest.trim_start();
    match value::<Value>(&mut rest) {
        Ok(arguments) if arguments.is_object() => {
            Ok(Written { name, arguments: arguments.to_string(), is_whole: true })
        }
        Err(NoCall::TooShort) if begun.starts_with('{') => {
            Ok(Written { name, arguments: begun.to_owned(), is_whole: false })
        }
        Ok(_) => Err(NoCall::Other),
        Err(no_call) => Err(no_call),
    }
}

/// Takes a sign, and white space before it.
fn sign(rest: &mut &str, sign: char) -> Result<(), NoCall> {
    let trimmed = rest.trim_start();
    *rest = trimmed.strip_prefix(sign).ok_or(if trimmed.is_empty() {
        NoCall::TooShort
    } else {
        NoCall::Other
    })?;
    Ok(())
}

/// Takes a value, and white space before it.
fn value<T: DeserializeOwned>(rest: &mut &str) -> Result<T, NoCall> {
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<T>();
    match values.next() {
        Some(Ok(value)) => {
            *rest = rest.get(values.byte_offset()..).unwrap_or_default();
            Ok(value)
        }
        Some(Err(error)) if !error.is_eof() => Err(NoCall::Other),
        _ => Err(NoCall::TooShort),
    }
}
