//! Taking fields out of a request, one after another, so that what is left over is known.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::ApiError;

/// The fields of a request that nobody has taken yet. A null counts as absent.
pub(crate) struct Fields(Map<String, Value>);

impl From<Map<String, Value>> for Fields {
    fn from(fields: Map<String, Value>) -> Self {
        Self(fields)
    }
}

impl Fields {
    /// The fields of a body.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| ApiError::invalid(format!("the body is not valid JSON: {error}")))?;
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(ApiError::invalid("the body must be a JSON object")),
        }
    }

    /// Takes a field.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, ApiError> {
        match self.0.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => serde_json::from_value(value)
                .map(Some)
                .map_err(|error| ApiError::invalid_value(key, format!("'{key}' cannot be read: {error}"))),
        }
    }

    /// Takes a field that must be there.
    pub(crate) fn require<T: DeserializeOwned>(&mut self, key: &str) -> Result<T, ApiError> {
        self.take(key)?
            .ok_or_else(|| ApiError::invalid(format!("you must provide the field '{key}'")).at(key))
    }

    /// Takes a number that lies in a range.
    pub(crate) fn number(
        &mut self,
        key: &str,
        range: std::ops::RangeInclusive<f64>,
    ) -> Result<Option<f32>, ApiError> {
        let Some(number) = self.take::<f64>(key)? else { return Ok(None) };
        if !range.contains(&number) {
            let message = format!("'{key}' must be from {} to {}, not {number}", range.start(), range.end());
            return Err(ApiError::invalid_value(key, message));
        }
        #[expect(clippy::cast_possible_truncation, reason = "sampling has no use for more digits")]
        Ok(Some(number as f32))
    }

    /// Takes a whole number that lies in a range.
    pub(crate) fn count(
        &mut self,
        key: &str,
        range: std::ops::RangeInclusive<u32>,
    ) -> Result<Option<u32>, ApiError> {
        let Some(number) = self.take::<u32>(key)? else { return Ok(None) };
        if !range.contains(&number) {
            let message = format!("'{key}' must be from {} to {}, not {number}", range.start(), range.end());
            return Err(ApiError::invalid_value(key, message));
        }
        Ok(Some(number))
    }

    /// Refuses a field that is known and not supported, unless its value asks for nothing.
    pub(crate) fn refuse(&mut self, key: &str, why: &str) -> Result<(), ApiError> {
        let asks_nothing = match self.0.remove(key) {
            None | Some(Value::Null | Value::Bool(false)) => true,
            Some(Value::Object(value)) => value.is_empty(),
            Some(Value::Array(value)) => value.is_empty(),
            Some(Value::Number(value)) => value.as_f64() == Some(0.0),
            Some(_) => false,
        };
        if asks_nothing {
            Ok(())
        } else {
            Err(ApiError::unsupported(key, format!("'{key}' is not supported: {why}")))
        }
    }

    /// What nobody took.
    pub(crate) fn rest(self) -> Map<String, Value> {
        self.0.into_iter().filter(|(_, value)| !value.is_null()).collect()
    }
}
