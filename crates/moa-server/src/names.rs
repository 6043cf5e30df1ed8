//! What may be asked by name: presets and models, resolved once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use moa_config::{Config, Overrides, ResolvedModel, ResolvedPreset};
use moa_core::ModelId;

use crate::error::ApiError;
use crate::source::ModelSource;

/// How many similar names are told.
const NEAR: usize = 3;

/// The least likeness of a similar name.
const LEAST_LIKENESS: f64 = 0.7;

/// Every name that may be asked. Files and hub references are none: a client must not choose what is read from the disk.
pub(crate) struct Names {
    mixtures: BTreeMap<String, Arc<ResolvedPreset>>,
    presets: BTreeSet<String>,
    models: BTreeMap<String, (ModelId, ResolvedModel)>,
    cost_cap_usd: Option<f64>,
}

impl Names {
    pub(crate) fn new(config: &Config, source: &dyn ModelSource) -> Self {
        let mut mixtures = BTreeMap::new();
        let mut models = BTreeMap::new();
        for card in source.cards() {
            if let Ok(alone) = config.single_model(&card.id, &Overrides::default()) {
                mixtures.insert(card.id.clone(), Arc::new(alone));
            }
            if let Ok(resolved) = config.model(&card.id) {
                models.insert(card.id, resolved);
            }
        }
        // A model that is asked alone has the cap that the configuration sets for all runs.
        let cost_cap_usd = mixtures.values().find_map(|alone: &Arc<ResolvedPreset>| alone.max_cost_usd);
        let mut presets = BTreeSet::new();
        // A preset of a model's name wins: it is what the operator has put together.
        for preset in config.presets() {
            if let Ok(resolved) = config.preset(&preset.name, &Overrides::default()) {
                mixtures.insert(preset.name.clone(), Arc::new(resolved));
                presets.insert(preset.name);
            }
        }
        Self { mixtures, presets, models, cost_cap_usd }
    }

    /// The mixture of this name.
    pub(crate) fn mixture(&self, name: &str) -> Result<&Arc<ResolvedPreset>, ApiError> {
        self.mixtures.get(name).ok_or_else(|| self.unknown(name))
    }

    /// The model of this name.
    pub(crate) fn model(&self, name: &str) -> Result<&(ModelId, ResolvedModel), ApiError> {
        self.models.get(name).ok_or_else(|| self.unknown(name))
    }

    /// The cap on the cost of runs that no preset has a say in.
    pub(crate) fn cost_cap(&self) -> Option<f64> {
        self.cost_cap_usd
    }

    /// The presets, in alphabetical order.
    pub(crate) fn presets(&self) -> impl Iterator<Item = &str> {
        self.presets.iter().map(String::as_str)
    }

    /// Whether a preset has this name.
    pub(crate) fn is_preset(&self, name: &str) -> bool {
        self.presets.contains(name)
    }

    /// The error of a name that is none.
    pub(crate) fn unknown(&self, name: &str) -> ApiError {
        // What is said of a name must not grow with it.
        let shown: String = name.chars().take(128).collect();
        let wanted = shown.to_lowercase();
        let mut near: Vec<(f64, &str)> = self
            .mixtures
            .keys()
            .map(|known| (strsim::jaro_winkler(&wanted, &known.to_lowercase()), known.as_str()))
            .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
            .collect();
        near.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(other.1)));
        let near: Vec<String> = near.iter().take(NEAR).map(|(_, name)| format!("'{name}'")).collect();
        let hint = if near.is_empty() {
            "GET /v1/models lists what there is".to_owned()
        } else {
            format!("did you mean {}?", near.join(" or "))
        };
        ApiError::not_found("model_not_found", format!("there is no model '{shown}': {hint}")).at("model")
    }
}
