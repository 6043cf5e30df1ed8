//! The format as a JSON Schema, for editors.

use schemars::generate::SchemaSettings;

use crate::raw::RawFile;

/// The JSON Schema (draft 2020-12) of a configuration file.
#[must_use]
pub fn schema() -> serde_json::Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<RawFile>().to_value()
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
