//! The scores of one review: a small dictionary in the order in which the judge wrote it.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::python::parse_float;

/// What counts as a score that was withheld.
pub(crate) const NOT_APPLICABLE: &str = "N/A";

/// Skills and what the judge gave for them. A repeated key keeps its first place and its last value, as in Python.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores(Vec<(String, Value)>);

impl Scores {
    /// Whether there are none: the judge wrote no dictionary that could be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The keys and values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }
}

impl FromIterator<(String, Value)> for Scores {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(entries: I) -> Self {
        let mut scores = Self::default();
        let mut places = std::collections::HashMap::new();
        for (key, value) in entries {
            let place = *places.entry(key.clone()).or_insert(scores.0.len());
            match scores.0.get_mut(place) {
                Some((_, old)) => *old = value,
                None => scores.0.push((key, value)),
            }
        }
        scores
    }
}

impl Serialize for Scores {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Scores {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Scores;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of scores")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scores, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries.into_iter().collect())
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

/// What Python's `float(value)` gives; nothing where it raises.
pub(crate) fn to_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => parse_float(text),
        Value::Bool(flag) => Some(if *flag { 1.0 } else { 0.0 }),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether the score was withheld.
pub(crate) fn is_not_applicable(value: &Value) -> bool {
    value == NOT_APPLICABLE
}
