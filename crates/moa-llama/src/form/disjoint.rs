//! Whether no value fits two schemas, as far as that is easily seen.

use std::collections::BTreeSet;

use serde_json::Value;

/// References that are followed before it is given up.
const MOST_REFERENCES: usize = 16;

/// Whether two schemas differ by type, or by a constant that both demand of the same property.
pub(super) fn are_disjoint(root: &Value, one: &Value, other: &Value) -> bool {
    let (one, other) = (resolved(root, one), resolved(root, other));
    match (constants(one), constants(other)) {
        (Some(one), Some(other)) => return one.is_disjoint(&other),
        (Some(_), None) | (None, Some(_)) => return false,
        (None, None) => {}
    }
    if let (Some(one), Some(other)) = (types(one), types(other))
        && one.is_disjoint(&other)
    {
        // Every integer is a number.
        let is_number = |types: &BTreeSet<&str>| types.contains("number") || types.contains("integer");
        return !(is_number(&one) && is_number(&other));
    }
    let demanded = |schema: &Value, name: &str| {
        let required = schema.get("required").and_then(Value::as_array);
        let is_required = required.is_some_and(|names| names.iter().any(|known| known == name));
        let property = schema.get("properties").and_then(|properties| properties.get(name));
        property.filter(|_| is_required).and_then(|property| constants(resolved(root, property)))
    };
    let mut names = one.get("properties").and_then(Value::as_object).into_iter().flatten();
    names.any(|(name, _)| match (demanded(one, name), demanded(other, name)) {
        (Some(one), Some(other)) => one.is_disjoint(&other),
        _ => false,
    })
}

/// The schema that references lead to.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    for _ in 0..MOST_REFERENCES {
        let pointer = schema.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        let Some(target) = pointer.and_then(|pointer| root.pointer(pointer)) else { break };
        schema = target;
    }
    schema
}

/// The values that a schema lists, in the form of texts.
fn constants(schema: &Value) -> Option<BTreeSet<String>> {
    if let Some(value) = schema.get("const") {
        return Some(BTreeSet::from([value.to_string()]));
    }
    Some(schema.get("enum")?.as_array()?.iter().map(Value::to_string).collect())
}

fn types(schema: &Value) -> Option<BTreeSet<&str>> {
    match schema.get("type")? {
        Value::String(kind) => Some(BTreeSet::from([kind.as_str()])),
        Value::Array(kinds) => kinds.iter().map(Value::as_str).collect(),
        _ => None,
    }
}
