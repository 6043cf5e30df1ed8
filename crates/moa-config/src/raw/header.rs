//! A header of an endpoint, as written: a text, or where its value is kept.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::written::Written;

/// The value of a header: a text that is no secret, or where a secret is kept.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
#[schemars(rename = "Header")]
pub(crate) enum RawHeader {
    /// The value itself. A text that looks like a key is refused.
    Plain(String),
    /// Where the value is kept.
    Kept(RawHeaderTable),
}

/// Where the value of a header is kept: exactly one of `env` and `file`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "HeaderTable")]
pub(crate) struct RawHeaderTable {
    /// The environment variable that holds the value.
    pub(crate) env: Option<Written<String>>,
    /// A file that holds the value and nothing else. A relative path starts at this file's folder, `~/` at the home folder.
    pub(crate) file: Option<Written<String>>,
}

impl<'de> Deserialize<'de> for RawHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HeaderVisitor;

        impl<'de> Visitor<'de> for HeaderVisitor {
            type Value = RawHeader;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a table with `env` or `file`")
            }

            fn visit_str<E>(self, value: &str) -> Result<RawHeader, E> {
                Ok(RawHeader::Plain(value.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawHeader, A::Error> {
                RawHeaderTable::deserialize(MapAccessDeserializer::new(map)).map(RawHeader::Kept)
            }
        }

        deserializer.deserialize_any(HeaderVisitor)
    }
}
