//! The environment, as data.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::check;
use crate::kind::ProblemKind;
use crate::origin::{Origin, Sourced};
use crate::problem::Problem;

/// Environment variables. The caller hands them in, so that nothing here depends on the process it runs in.
///
/// | variable | means |
/// |---|---|
/// | `MOA_HOME` | the folder of the user's `config.toml` |
/// | `XDG_CONFIG_HOME`, `HOME` | where that folder is without `MOA_HOME`: `$XDG_CONFIG_HOME/moa` or `$HOME/.config/moa` |
/// | `MOA_PRESET` | `default-preset` |
/// | `MOA_CORES` | `cores` of `[engine]` |
/// | `MOA_MODELS_DIR` | `models-folder` of `[engine]` |
/// | `MOA_MAX_TOKENS` | `max-tokens` of every agent |
///
/// An empty variable counts as none.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

/// What the environment says, read and checked.
#[derive(Debug, Clone, Default)]
pub(crate) struct EnvironmentValues {
    pub(crate) preset: Option<Sourced<String>>,
    pub(crate) cores: Option<Sourced<u32>>,
    pub(crate) models_folder: Option<Sourced<PathBuf>>,
    pub(crate) max_tokens: Option<Sourced<u32>>,
}

impl Environment {
    /// A variable's value as a path.
    pub(crate) fn path(&self, variable: &str) -> Option<PathBuf> {
        let value = self.variables.get(&OsString::from(variable))?;
        (!value.is_empty()).then(|| PathBuf::from(value))
    }

    /// The user's home folder.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.path("HOME").or_else(|| self.path("USERPROFILE")).filter(|home| home.is_absolute())
    }

    /// What the variables say, and what is wrong with them.
    pub(crate) fn values(&self) -> (EnvironmentValues, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut positive = |variable: &'static str, key: &str| {
            let written = self.text(variable)?;
            let origin = Origin::variable(variable);
            let number = written.trim().parse::<u32>().ok().filter(|number| *number > 0);
            if number.is_none() {
                let key = key.to_owned();
                let kind = ProblemKind::OutOfRange { key, written, range: check::POSITIVE };
                problems.push(Problem::outside(origin.clone(), kind));
            }
            number.map(|value| Sourced { value, origin })
        };
        let values = EnvironmentValues {
            cores: positive("MOA_CORES", "cores"),
            max_tokens: positive("MOA_MAX_TOKENS", "max-tokens"),
            preset: self
                .text("MOA_PRESET")
                .map(|value| Sourced { value, origin: Origin::variable("MOA_PRESET") }),
            models_folder: self
                .path("MOA_MODELS_DIR")
                .map(|value| Sourced { value, origin: Origin::variable("MOA_MODELS_DIR") }),
        };
        (values, problems)
    }

    fn text(&self, variable: &str) -> Option<String> {
        let value = self.variables.get(&OsString::from(variable))?;
        (!value.is_empty()).then(|| value.to_string_lossy().into_owned())
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self { variables: variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }
}
