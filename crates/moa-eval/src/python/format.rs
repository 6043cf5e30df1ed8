//! `str.format` with named fields.

use crate::EvalError;

/// Fills `{name}` in one pass, so that braces in what is filled in are safe; `{{` and `}}` stand for one brace. Fields that the
/// template does not mention are left over.
///
/// # Errors
///
/// Where the template mentions a field that is not there, or is not well formed.
pub(crate) fn fill(name: &str, template: &str, fields: &[(&str, &str)]) -> Result<String, EvalError> {
    let invalid = |reason: String| EvalError::InvalidTemplate { name: name.to_owned(), reason };
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = memchr::memchr2(b'{', b'}', rest.as_bytes()) {
        filled.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            filled.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return Err(invalid("a closing brace stands alone".to_owned()));
        }
        let Some((field, after)) = rest.split_once('}') else {
            return Err(invalid("an opening brace stands alone".to_owned()));
        };
        let Some((_, value)) = fields.iter().find(|(key, _)| *key == field) else {
            return Err(invalid(format!("there is nothing to fill in for {field:?}")));
        };
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
