//! A JSON schema as a grammar.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::UnsupportedForm;
use super::disjoint::are_disjoint;
use super::primitives::literal;
use super::rules::Rules;

/// The most rules of a grammar. Real schemas have some dozens.
const MOST_RULES: usize = 4_000;

/// The most repetitions that llama.cpp takes.
const MOST_REPETITIONS: u64 = 1_000;

/// Keywords that say nothing of what is valid.
const ANNOTATIONS: [&str; 13] = [
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "default",
    "definitions",
    "deprecated",
    "description",
    "example",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];

type Converted = Result<String, UnsupportedForm>;

/// Makes a grammar of a schema.
pub(super) struct Converter<'a> {
    root: &'a Value,
    place: String,
    rules: &'a mut Rules,
    /// The rules of the places that references name.
    references: BTreeMap<String, usize>,
    /// The references on the way here since anything was to be written: one that leads back to them would never come to an end.
    open: Vec<String>,
}

impl<'a> Converter<'a> {
    pub(super) fn new(root: &'a Value, place: &str, rules: &'a mut Rules) -> Self {
        Self { root, place: place.to_owned(), rules, references: BTreeMap::new(), open: Vec::new() }
    }

    /// The name of the rule for what the whole schema allows.
    pub(super) fn convert(mut self) -> Converted {
        let place = self.place.clone();
        self.rule(self.root, &place)
    }

    /// The name of a rule for what a schema allows.
    fn rule(&mut self, schema: &Value, place: &str) -> Converted {
        if self.rules.len() > MOST_RULES {
            return Err(UnsupportedForm::new(
                place,
                format!("the schema needs more than {MOST_RULES} rules"),
            ));
        }
        let schema = match schema {
            Value::Bool(true) => return Ok(self.rules.primitive("value")),
            Value::Object(schema) => schema,
            _ => return Err(UnsupportedForm::new(place, "a schema is an object or true here")),
        };
        if let Some(reference) = schema.get("$ref") {
            only(schema, &["$ref"], place)?;
            return self.reference(reference, place);
        }
        if let Some(value) = schema.get("const") {
            only(schema, &["const", "type"], place)?;
            return Ok(self.literals(std::slice::from_ref(value)));
        }
        if let Some(values) = schema.get("enum") {
            only(schema, &["enum", "type"], place)?;
            let values = values.as_array().filter(|values| !values.is_empty());
            let values = values.ok_or_else(|| UnsupportedForm::new(place, "'enum' is a list of values"))?;
            return Ok(self.literals(values));
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            if let Some(schemas) = schema.get(key) {
                only(schema, &[key, "discriminator"], place)?;
                return self.combined(key, schemas, place);
            }
        }
        self.typed(schema, place)
    }

    fn reference(&mut self, reference: &Value, place: &str) -> Converted {
        let unsupported = || UnsupportedForm::new(place, "'$ref' names no place within the schema");
        let pointer = reference.as_str().and_then(|text| text.strip_prefix('#')).ok_or_else(unsupported)?;
        if self.open.iter().any(|open| open == pointer) {
            return Err(UnsupportedForm::new(place, "'$ref' leads to itself"));
        }
        if let Some(known) = self.references.get(pointer) {
            return Ok(Rules::name(*known));
        }
        let root: &'a Value = self.root;
        let target = root.pointer(pointer).ok_or_else(unsupported)?;
        let number = self.rules.reserve();
        self.references.insert(pointer.to_owned(), number);
        self.open.push(pointer.to_owned());
        let body = self.rule(target, &format!("{}{}", self.place, pointer.replace('/', ".")))?;
        self.open.pop();
        self.rules.write(number, body);
        Ok(Rules::name(number))
    }

    fn literals(&mut self, values: &[Value]) -> String {
        let ws = self.rules.primitive("ws");
        let texts: Vec<String> = values.iter().map(|value| literal(&value.to_string())).collect();
        self.rules.add(format!("({}) {ws}", texts.join(" | ")))
    }

    fn combined(&mut self, key: &str, schemas: &Value, place: &str) -> Converted {
        let schemas = schemas.as_array().filter(|schemas| !schemas.is_empty());
        let schemas =
            schemas.ok_or_else(|| UnsupportedForm::new(place, format!("'{key}' is a list of schemas")))?;
        if key == "allOf" && schemas.len() > 1 {
            return Err(UnsupportedForm::new(place, "'allOf' of several schemas is not supported"));
        }
        if key == "oneOf" {
            for (number, one) in schemas.iter().enumerate() {
                if schemas.iter().skip(number + 1).any(|other| !are_disjoint(self.root, one, other)) {
                    let reason = "'oneOf' is supported where no value fits two of its schemas by type or by a \
                                  required constant; 'anyOf' does otherwise";
                    return Err(UnsupportedForm::new(place, reason));
                }
            }
        }
        let mut names = Vec::new();
        for (number, schema) in schemas.iter().enumerate() {
            names.push(self.rule(schema, &format!("{place}.{key}[{number}]"))?);
        }
        Ok(self.rules.add(names.join(" | ")))
    }

    fn typed(&mut self, schema: &Map<String, Value>, place: &str) -> Converted {
        // Each of these writes something before it comes to the schemas within.
        let open = std::mem::take(&mut self.open);
        let converted = self.typed_alone(schema, place);
        self.open = open;
        converted
    }

    fn typed_alone(&mut self, schema: &Map<String, Value>, place: &str) -> Converted {
        let kinds: Vec<&str> = match schema.get("type") {
            Some(Value::String(kind)) => vec![kind.as_str()],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            None if ["properties", "required", "additionalProperties"]
                .iter()
                .any(|key| schema.contains_key(*key)) =>
            {
                vec!["object"]
            }
            None if schema.contains_key("items") => vec!["array"],
            None => {
                only(schema, &[], place)?;
                return Ok(self.rules.primitive("value"));
            }
            Some(_) => Vec::new(),
        };
        let mut known: Vec<&str> = vec!["type"];
        let mut names = Vec::new();
        for kind in &kinds {
            let (name, keys): (String, &[&str]) = match *kind {
                "object" => {
                    (self.object(schema, place)?, &["properties", "required", "additionalProperties"])
                }
                "array" => (self.array(schema, place)?, &["items", "minItems", "maxItems"]),
                "string" => (self.string(schema, place)?, &["minLength", "maxLength"]),
                "integer" => (self.number(schema, "integer"), &["minimum"]),
                "number" => (self.number(schema, "number"), &["minimum"]),
                "boolean" => (self.rules.primitive("boolean"), &[]),
                "null" => (self.rules.primitive("null"), &[]),
                other => {
                    let shown: String = other.chars().take(40).collect();
                    return Err(UnsupportedForm::new(place, format!("there is no type '{shown}'")));
                }
            };
            names.push(name);
            known.extend(keys);
        }
        if names.is_empty() {
            return Err(UnsupportedForm::new(place, "'type' is the name of a type or a list of names"));
        }
        // Others than zero would need a grammar of numbers between bounds.
        if schema.get("minimum").is_some_and(|least| least.as_f64() != Some(0.0)) {
            return Err(UnsupportedForm::new(place, "'minimum' is supported where it is 0"));
        }
        only(schema, &known, place)?;
        Ok(if let [name] = names.as_slice() { name.clone() } else { self.rules.add(names.join(" | ")) })
    }

    fn number(&mut self, schema: &Map<String, Value>, kind: &'static str) -> String {
        let name = self.rules.primitive(kind);
        if !schema.contains_key("minimum") {
            return name;
        }
        let (natural, ws) = (self.rules.primitive("natural"), self.rules.primitive("ws"));
        let rest = if kind == "integer" { "" } else { "(\".\" [0-9]{1,15})? " };
        self.rules.add(format!("{natural} {rest}{ws}"))
    }

    fn string(&mut self, schema: &Map<String, Value>, place: &str) -> Converted {
        let (least, most) = (count(schema, "minLength", place)?, count(schema, "maxLength", place)?);
        if least.is_none() && most.is_none() {
            return Ok(self.rules.primitive("string"));
        }
        let (character, ws) = (self.rules.primitive("char"), self.rules.primitive("ws"));
        let times = repetitions(least.unwrap_or(0), most, place)?;
        Ok(self.rules.add(format!("\"\\\"\" {character}{times} \"\\\"\" {ws}")))
    }

    fn array(&mut self, schema: &Map<String, Value>, place: &str) -> Converted {
        let (least, most) =
            (count(schema, "minItems", place)?.unwrap_or(0), count(schema, "maxItems", place)?);
        let item = match schema.get("items") {
            Some(items) => self.rule(items, &format!("{place}.items"))?,
            None => self.rules.primitive("value"),
        };
        let ws = self.rules.primitive("ws");
        let none = "\"[\" ws \"]\" ws".to_owned();
        if most == Some(0) {
            return Ok(self.rules.add(none));
        }
        let times = repetitions(least.saturating_sub(1), most.map(|most| most - 1), place)?;
        let some = format!("\"[\" {ws} {item} (\",\" {ws} {item}){times} \"]\" {ws}");
        Ok(self.rules.add(if least == 0 { format!("{some} | {none}") } else { some }))
    }

    fn object(&mut self, schema: &Map<String, Value>, place: &str) -> Converted {
        let empty = Map::new();
        let properties = match schema.get("properties") {
            None => &empty,
            Some(properties) => properties
                .as_object()
                .ok_or_else(|| UnsupportedForm::new(place, "'properties' is an object of schemas"))?,
        };
        let required: BTreeSet<&str> = match schema.get("required") {
            None => BTreeSet::new(),
            Some(required) => required.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        };
        let anything = Value::Bool(true);
        let others = schema.get("additionalProperties").unwrap_or(&anything);
        if let Some(missing) = required.iter().find(|name| !properties.contains_key(**name)) {
            let shown: String = missing.chars().take(80).collect();
            return Err(UnsupportedForm::new(place, format!("'{shown}' is required and is no property")));
        }
        if properties.is_empty() {
            return self.map(others, place);
        }
        let mut pairs = Vec::new();
        for (name, property) in properties {
            let value = self.rule(property, &format!("{place}.properties.{name}"))?;
            let ws = self.rules.primitive("ws");
            let key = literal(&Value::from(name.as_str()).to_string());
            pairs.push((
                self.rules.add(format!("{key} \":\" {ws} {value}")),
                required.contains(name.as_str()),
            ));
        }
        Ok(self.sequence(&pairs))
    }

    /// An object of properties of any name.
    fn map(&mut self, values: &Value, place: &str) -> Converted {
        if *values == Value::Bool(true) {
            return Ok(self.rules.object());
        }
        let ws = self.rules.primitive("ws");
        if *values == Value::Bool(false) {
            return Ok(self.rules.add(format!("\"{{\" {ws} \"}}\" {ws}")));
        }
        let value = self.rule(values, &format!("{place}.additionalProperties"))?;
        let string = self.rules.primitive("string");
        let pair = self.rules.add(format!("{string} \":\" {ws} {value}"));
        Ok(self.rules.add(format!("\"{{\" {ws} ({pair} (\",\" {ws} {pair})*)? \"}}\" {ws}")))
    }

    /// An object of these pairs in this order, each of them required or not. From the back: what may follow a pair is one rule, and
    /// what may come before anything was written is another.
    fn sequence(&mut self, pairs: &[(String, bool)]) -> String {
        let ws = self.rules.primitive("ws");
        let mut after = String::new();
        let mut first: Option<String> = None;
        for (pair, is_required) in pairs.iter().rev() {
            let begun = format!("{pair} {after}");
            first = Some(match first {
                Some(later) if !is_required => self.rules.add(format!("{begun} | {later}")),
                None if !is_required => self.rules.add(format!("({begun})?")),
                _ => self.rules.add(begun),
            });
            let following = format!("\",\" {ws} {pair}");
            after = self.rules.add(if *is_required {
                format!("{following} {after}")
            } else {
                format!("({following})? {after}")
            });
        }
        let first = first.unwrap_or_default();
        self.rules.add(format!("\"{{\" {ws} {first} \"}}\" {ws}"))
    }
}

/// Refuses keywords that are not known here: not to obey them would break the promise.
fn only(schema: &Map<String, Value>, known: &[&str], place: &str) -> Result<(), UnsupportedForm> {
    let unknown =
        schema.keys().find(|key| !known.contains(&key.as_str()) && !ANNOTATIONS.contains(&key.as_str()));
    match unknown {
        None => Ok(()),
        Some(key) => {
            let shown: String = key.chars().take(40).collect();
            let what = if known.is_empty() { "here" } else { "beside the others here" };
            Err(UnsupportedForm::new(place, format!("'{shown}' is not supported {what}")))
        }
    }
}

fn count(schema: &Map<String, Value>, key: &str, place: &str) -> Result<Option<u64>, UnsupportedForm> {
    let Some(value) = schema.get(key) else { return Ok(None) };
    let value = value.as_u64().filter(|count| *count <= MOST_REPETITIONS);
    let message = || format!("'{key}' is a whole number up to {MOST_REPETITIONS} here");
    value.map(Some).ok_or_else(|| UnsupportedForm::new(place, message()))
}

fn repetitions(least: u64, most: Option<u64>, place: &str) -> Converted {
    match most {
        Some(most) if most < least => Err(UnsupportedForm::new(place, "the least is more than the most")),
        Some(most) => Ok(format!("{{{least},{most}}}")),
        None => Ok(format!("{{{least},}}")),
    }
}
