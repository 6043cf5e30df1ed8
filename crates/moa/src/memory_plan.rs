//! How the models of a preset share the memory that they may take.

use std::fmt;

use moa_config::{ResolvedModel, ResolvedPreset};
use moa_core::ModelId;
use moa_llama::load_order;
use moa_terminal::quantities;
use serde::Serialize;

use crate::complaint::Complaint;
use crate::local::{LocalModels, layers};

/// How the local models of a preset share the memory budget.
#[derive(Debug, Serialize)]
pub(crate) struct MemoryPlan {
    /// Absent where there is no limit.
    budget_bytes: Option<u64>,
    /// Each model with its weights and one full context.
    models: Vec<ModelMemory>,
    /// By layer, the models in the order in which they are used.
    layers: Vec<Vec<PlannedUse>>,
    /// How often a model is loaded in a run.
    loads: usize,
    /// The bytes that are loaded in a run.
    loaded_bytes: u64,
}

#[derive(Debug, Serialize)]
struct ModelMemory {
    model: String,
    bytes: u64,
}

#[derive(Debug, Serialize)]
struct PlannedUse {
    model: String,
    /// Whether it is loaded for this layer, or there already.
    is_loaded: bool,
}

impl MemoryPlan {
    /// The plan for a run that begins with nothing loaded. `None` where not all local models are on disk, or there are none.
    ///
    /// # Errors
    /// When a file cannot be read, or the budget cannot hold a model even alone.
    pub(crate) fn of(preset: &ResolvedPreset, local: &LocalModels) -> Result<Option<Self>, Complaint> {
        let budget_bytes = local.memory_bytes();
        let mut models = Vec::new();
        for (id, model) in &preset.models {
            let ResolvedModel::Local(settings) = model else { continue };
            let Some(path) = local.file(model) else { return Ok(None) };
            let options = local.options(id, settings, path);
            let bytes = options
                .memory_bytes(budget_bytes)
                .map_err(|error| Complaint::failed(&error).with_hint(error.hint()))?;
            models.push(ModelMemory { model: id.to_string(), bytes });
        }
        if models.is_empty() {
            return Ok(None);
        }
        let place = |id: &ModelId| models.iter().position(|model| model.model == id.as_str());
        let places: Vec<Vec<usize>> = layers(preset)
            .map(|agents| agents.iter().filter_map(|agent| place(&agent.model)).collect())
            .collect();
        let bytes: Vec<u64> = models.iter().map(|model| model.bytes).collect();
        let order = load_order(&bytes, &places, budget_bytes.unwrap_or(u64::MAX));
        let layers = order.layers.iter().zip(&order.loaded).map(|(used, loaded)| {
            let planned = |place: &usize| PlannedUse {
                model: models[*place].model.clone(),
                is_loaded: loaded.contains(place),
            };
            used.iter().map(planned).collect()
        });
        Ok(Some(Self {
            layers: layers.collect(),
            loads: order.loaded.iter().map(Vec::len).sum(),
            loaded_bytes: order.loaded_bytes,
            budget_bytes,
            models,
        }))
    }

    /// Whether there is a limit at all.
    pub(crate) fn has_budget(&self) -> bool {
        self.budget_bytes.is_some()
    }

    /// Whether all models are loaded at once.
    fn all_fit(&self) -> bool {
        self.loads == self.models.len()
    }

    fn bytes(&self) -> u64 {
        self.models.iter().map(|model| model.bytes).sum()
    }
}

impl fmt::Display for MemoryPlan {
    /// One line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needed = quantities::bytes(self.bytes());
        match self.budget_bytes {
            None => write!(f, "{needed} for weights and contexts, no limit is set"),
            Some(budget) => {
                let budget = quantities::bytes(budget);
                if self.all_fit() {
                    write!(f, "{needed} of {budget} for weights and contexts: all models fit")
                } else {
                    let loads = quantities::counted(self.loads as u64, "load");
                    write!(f, "{needed} for weights and contexts do not fit {budget}: {loads} in a run")
                }
            }
        }
    }
}

impl MemoryPlan {
    /// The order of the models in each layer, a line each, where not all of them fit.
    pub(crate) fn order(&self) -> Vec<String> {
        if self.all_fit() {
            return Vec::new();
        }
        let told = |planned: &PlannedUse| {
            let what = if planned.is_loaded { "loaded" } else { "still there" };
            format!("{} ({what})", planned.model)
        };
        let line = |(layer, number): (&Vec<PlannedUse>, u32)| {
            format!("layer {number}: {}", layer.iter().map(told).collect::<Vec<_>>().join(", then "))
        };
        self.layers.iter().zip(1..).map(line).collect()
    }
}
