//! The whole script, as a TOML file has it.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::ScriptError;
use super::rule::Rule;
use super::schedule::Phase;

/// Everything that a mock is told: one model for the builder and for the TOML file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Script {
    /// From which every drawn number follows, together with the request itself.
    pub seed: u64,
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Serves HTTPS with a certificate of a made-up authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Certificate>,
    /// The names that `GET /v1/models` lists; without it the names of models in the rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<String>>,
    /// What is kept of requests.
    #[serde(skip_serializing_if = "is_default")]
    pub log: Keep,
    /// After so long the phases begin anew.
    #[serde(skip_serializing_if = "Option::is_none", with = "super::duration::optional")]
    pub repeat_phases_every: Option<Duration>,
    /// The phases of the mock's life, in the order in which they begin.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Phase>,
    /// The rules, the first that fits first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The server certificate. It is made at the start and signed by an authority that is made at the start too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certificate {
    /// For `localhost` and 127.0.0.1.
    #[default]
    Valid,
    /// The same, but it ran out long ago.
    Expired,
    /// For a host of another name.
    WrongHost,
}

/// What is kept of requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Keep {
    /// Whether their parsed bodies are kept.
    pub bodies: bool,
    /// Whether the moment of each chunk is kept.
    pub chunks: bool,
    /// How many requests are kept, the newest ones.
    pub requests: usize,
}

impl Default for Keep {
    fn default() -> Self {
        Self { bodies: true, chunks: true, requests: 20_000 }
    }
}

impl Script {
    /// Reads a script from TOML; `name` stands for the text in errors.
    ///
    /// # Errors
    ///
    /// The place in the text and what to write instead.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, ScriptError> {
        let script: Self = toml::from_str(text).map_err(|error| ScriptError::syntax(name, text, &error))?;
        script.check().map_err(|problem| problem.into_error(name, text))?;
        Ok(script)
    }

    /// Reads a script from a TOML file.
    ///
    /// # Errors
    ///
    /// That the file cannot be read, or the place in it and what to write instead.
    pub fn read(path: &Path) -> Result<Self, ScriptError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| ScriptError::unreadable(&name, error))?;
        Self::from_toml(&name, &text)
    }

    /// A commented script that shows what there is.
    #[must_use]
    pub fn example() -> &'static str {
        include_str!("example.toml")
    }
}
