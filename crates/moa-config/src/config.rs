//! The checked configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use moa_core::{Agent, Mixture, ModelId, Sampling};

use crate::chain::Chain;
use crate::check;
use crate::cost_cap::cost_cap;
use crate::engine::{EngineSettings, strongest};
use crate::environment::EnvironmentValues;
use crate::error::ConfigError;
use crate::kind::ProblemKind;
use crate::known::KnownModels;
use crate::load::LoadOptions;
use crate::model::{Models, ResolvedModel};
use crate::origin::{FileKind, Origin, Sourced};
use crate::overrides::Overrides;
use crate::place::{Place, Placed};
use crate::preset::{PresetBuilder, ResolvedPreset};
use crate::problem::Problem;
use crate::server::ServerSettings;
use crate::source::Sources;

/// The preset that is used where nobody names one. The built-in file says so too.
const DEFAULT_PRESET: &str = "local";

/// A configuration in which every name leads somewhere and every number is in its range.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) sources: Sources,
    pub(crate) environment: EnvironmentValues,
    known: KnownModels,
    engine: EngineSettings,
    server: ServerSettings,
    default_preset: Sourced<String>,
}

/// What a list of presets shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresetSummary {
    /// The name.
    pub name: String,
    /// One line about what it is for.
    pub description: Option<String>,
    /// The layers, the aggregator's included.
    pub layer_count: usize,
    /// The models that it asks, each once.
    pub models: Vec<ModelId>,
    /// Where it was last defined.
    pub origin: Origin,
}

impl Config {
    /// Checks what the files and the environment say.
    pub(crate) fn new(sources: Sources, options: LoadOptions) -> Result<Self, ConfigError> {
        let (environment, mut problems) = options.environment.values();
        let engine = EngineSettings::new(&sources, &environment, &options.flags, &mut problems);
        let server = ServerSettings::new(&sources, &mut problems);
        let flag =
            options.flags.preset.clone().map(|value| Sourced { value, origin: Origin::flag("--preset") });
        let written = sources.find(|raw| raw.default_preset.as_ref());
        let written = written.map(|(file, written)| file.placed(written).map(Clone::clone));
        let default_preset = strongest(flag, written, environment.preset.clone())
            .unwrap_or_else(|| Sourced { value: DEFAULT_PRESET.to_owned(), origin: Origin::Default });
        let config =
            Self { sources, environment, known: options.known_models, engine, server, default_preset };
        problems.extend(config.problems());
        ConfigError::check(problems)?;
        Ok(config)
    }

    /// The preset to use where none is named.
    #[must_use]
    pub fn default_preset(&self) -> &Sourced<String> {
        &self.default_preset
    }

    /// What the local engine may use.
    #[must_use]
    pub fn engine(&self) -> &EngineSettings {
        &self.engine
    }

    /// How `moa serve` listens, whom it lets in and what it answers.
    #[must_use]
    pub fn server(&self) -> &ServerSettings {
        &self.server
    }

    /// The files that were read, the strongest last; without what is built in.
    pub fn files(&self) -> impl Iterator<Item = (FileKind, &Path)> {
        let files = self.sources.files.iter().filter(|file| file.kind != FileKind::BuiltIn);
        files.map(|file| (file.kind, file.path.as_path()))
    }

    /// Whether there is a preset of this name.
    #[must_use]
    pub fn has_preset(&self, name: &str) -> bool {
        self.sources.preset_names().contains(name)
    }

    /// Every preset, in alphabetical order.
    pub fn presets(&self) -> impl Iterator<Item = PresetSummary> {
        self.sources.preset_names().into_iter().filter_map(|name| {
            let chain = Chain::find(&self.sources, &argument(name)).ok()?;
            let resolved = self.preset(name, &Overrides::default()).ok()?;
            Some(PresetSummary {
                name: name.to_owned(),
                description: chain.pick(|raw| raw.description.as_ref()).map(|text| text.value.clone()),
                layer_count: resolved.mixture.layer_count(),
                models: resolved.models.into_keys().collect(),
                origin: chain.definitions().first().map_or(Origin::Default, |first| first.place().origin()),
            })
        })
    }

    /// The models that files give a name to, in alphabetical order; the catalogue's are not among them.
    #[must_use]
    pub fn models(&self) -> BTreeMap<String, ResolvedModel> {
        let names = self.sources.files.iter().flat_map(|file| file.raw.models.keys());
        let resolve = |name: &String| Some((name.clone(), self.model(name).ok()?.1));
        names.filter_map(resolve).collect()
    }

    /// The model that a name or a reference means.
    ///
    /// # Errors
    /// When there is none.
    pub fn model(&self, name: &str) -> Result<(ModelId, ResolvedModel), ConfigError> {
        let named = self.resolver().resolve(&argument(name))?;
        Ok((named.id, named.model))
    }

    /// The preset `name` as the command line wants it.
    ///
    /// # Errors
    /// When there is no such preset, or when a flag cannot be applied to it.
    pub fn preset(&self, name: &str, overrides: &Overrides) -> Result<ResolvedPreset, ConfigError> {
        self.resolve(&argument(name), overrides).map_err(ConfigError::of)
    }

    /// A mixture of one model alone, so that any model can be asked by its name.
    ///
    /// # Errors
    /// When there is no such model, or when a flag cannot be applied to it.
    pub fn single_model(&self, name: &str, overrides: &Overrides) -> Result<ResolvedPreset, ConfigError> {
        let model = self.resolver().resolve(&argument(name))?;
        if let Some(layers) = overrides.placed_layers().filter(|layers| *layers.value != 1) {
            let kind = ProblemKind::OneModelLayers { model: name.to_owned() };
            return Err(Problem::at(&layers.place, kind).into());
        }
        let max_tokens = self.environment.max_tokens.as_ref().map(|sourced| sourced.value);
        let agent = Agent {
            name: model.agent_name.clone(),
            model: model.id.clone(),
            system: None,
            sampling: Sampling::default(),
            max_tokens: max_tokens.unwrap_or_else(|| model.model.default_max_tokens()),
            deadline: None,
        };
        let mut mixture = Mixture::new(model.agent_name, Vec::new(), agent);
        overrides.apply(&mut mixture)?;
        let max_cost_usd = cost_cap(&self.sources, None, self.environment.max_cost_usd.as_ref(), overrides)?;
        let models = BTreeMap::from([(model.id, model.model)]);
        Ok(ResolvedPreset { mixture, models, max_cost_usd, calibration: None })
    }

    /// What is wrong with any of the endpoints, models and presets.
    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for file in &self.sources.files {
            problems.extend(self.sources.endpoint_problems(file));
            for name in file.raw.models.keys() {
                problems.extend(self.resolver().resolve(&argument(name)).err());
            }
            if let Some(written) = &file.raw.max_cost_usd {
                problems.extend(check::usd("max-cost-usd", &file.placed(written)).err());
            }
            if let Some(written) = &file.raw.default_preset {
                let name = file.placed(written).map(String::as_str);
                problems.extend(Chain::find(&self.sources, &name).err());
            }
        }
        if let Origin::Environment { .. } = &self.default_preset.origin {
            let place = Place::Outside(self.default_preset.origin.clone());
            let name = Placed { value: self.default_preset.value.as_str(), place };
            problems.extend(Chain::find(&self.sources, &name).err());
        }
        for name in self.sources.preset_names() {
            let as_written = self.resolve(&argument(name), &Overrides::default());
            // Proposers that a preset of one layer does not ask can still be asked for with `--layers`.
            let proposers = Overrides { layers: Some(2), ..Overrides::default() };
            let is_alone = as_written.as_ref().is_ok_and(|preset| preset.mixture.layers.is_empty());
            let mistakes = match as_written {
                Ok(_) if is_alone => self.resolve(&argument(name), &proposers).err().unwrap_or_default(),
                Ok(_) => Vec::new(),
                Err(mistakes) => mistakes,
            };
            let is_in_a_file = |problem: &Problem| matches!(problem.origin(), Origin::File { .. });
            problems.extend(mistakes.into_iter().filter(is_in_a_file));
        }
        problems
    }

    fn resolve<'a>(
        &'a self,
        name: &Placed<'a, &'a str>,
        overrides: &'a Overrides,
    ) -> Result<ResolvedPreset, Vec<Problem>> {
        let builder = PresetBuilder::new(self.resolver(), name, &self.environment, overrides);
        builder.map_err(|problem| vec![problem])?.build()
    }

    fn resolver(&self) -> Models<'_> {
        Models { sources: &self.sources, known: &self.known }
    }
}

impl Sources {
    /// The names of all presets.
    pub(crate) fn preset_names(&self) -> BTreeSet<&str> {
        self.files.iter().flat_map(|file| file.raw.presets.keys()).map(String::as_str).collect()
    }
}

/// A name that the caller gives, of which no file is to blame.
fn argument(name: &str) -> Placed<'_, &str> {
    Placed { value: name, place: Place::Outside(Origin::Default) }
}
