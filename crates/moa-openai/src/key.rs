//! The key that an endpoint wants to see, and where it comes from.

use std::fs;
use std::path::PathBuf;

use moa_core::{Failure, FailureKind};
use secrecy::{ExposeSecret, SecretString};

/// Where the key of an endpoint comes from. It is looked up when the endpoint is asked for the first time.
#[derive(Debug, Clone, Default)]
pub enum KeySource {
    /// The endpoint wants none.
    #[default]
    None,
    /// A variable of the environment.
    Environment(String),
    /// A file that holds the key and nothing else but white space around it.
    File(PathBuf),
    /// The key itself.
    Value(SecretString),
}

impl KeySource {
    /// The key.
    ///
    /// # Errors
    /// `Unauthorized` when the variable is not set or empty, or the file cannot be read or is empty.
    pub fn resolve(&self) -> Result<Option<SecretString>, Failure> {
        self.resolve_with(|name| std::env::var(name).ok())
    }

    fn resolve_with(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<SecretString>, Failure> {
        let key = match self {
            Self::None => return Ok(None),
            Self::Value(key) => key.clone(),
            Self::Environment(name) => {
                let missing = || {
                    Failure::new(FailureKind::Unauthorized, format!("no key: the variable {name} is not set"))
                        .with_hint(format!("set {name} to the endpoint's key"))
                };
                SecretString::from(variable(name).ok_or_else(missing)?.trim())
            }
            Self::File(path) => {
                // A few bytes, read once: not worth a thread.
                let text = fs::read_to_string(path).map_err(|error| {
                    let message = format!("no key: cannot read {}: {error}", path.display());
                    Failure::new(FailureKind::Unauthorized, message)
                        .with_hint("write the endpoint's key into this file, readable for you alone")
                })?;
                SecretString::from(text.trim())
            }
        };
        if key.expose_secret().is_empty() {
            let message = format!("no key: {} is empty", self.origin());
            return Err(Failure::new(FailureKind::Unauthorized, message)
                .with_hint(format!("put the endpoint's key into {}", self.origin())));
        }
        Ok(Some(key))
    }

    /// For people, where the key comes from.
    #[must_use]
    pub fn origin(&self) -> String {
        match self {
            Self::None => "no key".to_owned(),
            Self::Environment(name) => format!("the variable {name}"),
            Self::File(path) => format!("the file {}", path.display()),
            Self::Value(_) => "the configuration".to_owned(),
        }
    }
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
