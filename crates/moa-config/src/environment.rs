//! The environment, as data.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use crate::check;
use crate::kind::ProblemKind;
use crate::origin::{Origin, Sourced};
use crate::problem::Problem;
use crate::size::parse_size;

/// Environment variables. The caller hands them in, so that nothing here depends on the process it runs in.
///
/// | variable | means |
/// |---|---|
/// | `MOA_HOME` | the folder of the user's `config.toml` |
/// | `XDG_CONFIG_HOME`, `HOME` | where that folder is without `MOA_HOME`: `$XDG_CONFIG_HOME/moa` or `$HOME/.config/moa` |
/// | `MOA_PRESET` | `default-preset` |
/// | `MOA_CORES` | `cores` of `[engine]` |
/// | `MOA_MEMORY` | `memory` of `[engine]` |
/// | `MOA_MODELS_DIR` | `models-folder` of `[engine]` |
/// | `MOA_MAX_TOKENS` | `max-tokens` of every agent |
/// | `MOA_MAX_COST_USD` | `max-cost-usd` of every run |
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
    pub(crate) memory_bytes: Option<Sourced<u64>>,
    pub(crate) models_folder: Option<Sourced<PathBuf>>,
    pub(crate) max_tokens: Option<Sourced<u32>>,
    pub(crate) max_cost_usd: Option<Sourced<f64>>,
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
        let is_positive = |number: &u32| *number > 0;
        let is_usd = |amount: &f64| check::is_usd(*amount);
        let values = EnvironmentValues {
            cores: self.number("MOA_CORES", "cores", is_positive, check::POSITIVE, &mut problems),
            memory_bytes: self.size("MOA_MEMORY", &mut problems),
            max_tokens: self.number(
                "MOA_MAX_TOKENS",
                "max-tokens",
                is_positive,
                check::POSITIVE,
                &mut problems,
            ),
            max_cost_usd: self.number("MOA_MAX_COST_USD", "max-cost-usd", is_usd, check::USD, &mut problems),
            preset: self
                .text("MOA_PRESET")
                .map(|value| Sourced { value, origin: Origin::variable("MOA_PRESET") }),
            models_folder: self
                .path("MOA_MODELS_DIR")
                .map(|value| Sourced { value, origin: Origin::variable("MOA_MODELS_DIR") }),
        };
        (values, problems)
    }

    /// A variable's value as a number that lies in its range.
    fn number<T: FromStr>(
        &self,
        variable: &'static str,
        key: &str,
        is_allowed: impl Fn(&T) -> bool,
        range: &'static str,
        problems: &mut Vec<Problem>,
    ) -> Option<Sourced<T>> {
        let written = self.text(variable)?;
        let origin = Origin::variable(variable);
        let number = written.trim().parse::<T>().ok().filter(is_allowed);
        if number.is_none() {
            let kind = ProblemKind::OutOfRange { key: key.to_owned(), written, range };
            problems.push(Problem::outside(origin.clone(), kind));
        }
        number.map(|value| Sourced { value, origin })
    }

    /// A variable's value as an amount of memory.
    fn size(&self, variable: &'static str, problems: &mut Vec<Problem>) -> Option<Sourced<u64>> {
        let written = self.text(variable)?;
        let origin = Origin::variable(variable);
        let size = parse_size(&written);
        if size.is_none() {
            problems.push(Problem::outside(origin.clone(), ProblemKind::BadSize { written }));
        }
        size.map(|value| Sourced { value, origin })
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
