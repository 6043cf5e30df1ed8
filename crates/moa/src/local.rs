//! The models of a preset, ready to be asked: files found or fetched, handed to the local engine.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use moa_config::{Config, EngineSettings, LocalModel, ResolvedModel, Weights};
use moa_core::{ChatModel, ModelId, Models};
use moa_hub::{Hub, ModelReference};
use moa_llama::{EngineOptions, LlamaEngine, LlamaModel, ModelOptions};

use crate::complaint::Complaint;
use crate::fetch::{self, Consent};
use crate::interrupt::Interrupts;
use crate::remote::RemoteModels;
use crate::workspace::Workspace;

/// The local engine and the models that it has been given, and the endpoints that are asked. Models stay loaded, and connections open, for
/// as long as this lives.
pub(crate) struct LocalModels {
    hub: Hub,
    consent: Consent,
    interrupts: Interrupts,
    options: EngineOptions,
    /// Started with the first model, because that takes a moment.
    engine: Option<LlamaEngine>,
    /// By file, so that two names of one file share its weights.
    models: BTreeMap<ModelId, Arc<LlamaModel>>,
    remote: RemoteModels,
}

impl LocalModels {
    /// No models yet. What is missing is fetched with the consent that `yes` gives, or else the configuration, or else the person.
    pub(crate) fn new(workspace: &Workspace, config: &Config, yes: bool) -> Result<Self, Complaint> {
        let is_given = yes || !config.engine().ask_before_fetching.value;
        Ok(Self {
            hub: workspace.hub(config)?,
            consent: if is_given { Consent::Given } else { Consent::Ask },
            interrupts: workspace.interrupts.clone(),
            options: engine_options(config.engine()),
            engine: None,
            models: BTreeMap::new(),
            remote: RemoteModels::default(),
        })
    }

    /// Changes how the engine works. What was made ready before stays as it is.
    pub(crate) fn change_engine(&mut self, change: impl FnOnce(&mut EngineOptions)) {
        change(&mut self.options);
    }

    /// Makes all models of a preset ready, fetching what is not on disk. Weights of models that the first layer does not ask are
    /// loaded meanwhile, where a core is free.
    ///
    /// # Cancel safety
    /// Dropping the future stops downloads; the next one continues them.
    pub(crate) async fn prepare(
        &mut self,
        wanted: &BTreeMap<ModelId, ResolvedModel>,
    ) -> Result<Models, Complaint> {
        let mut models = Models::new();
        // Endpoints first: a key that is missing should be told before a long download.
        for (id, model) in wanted {
            if let ResolvedModel::Remote(remote) = model {
                models = models.with(self.remote.model(id, remote)?);
            }
        }
        self.agree(wanted.values()).await?;
        let mut ready = Vec::new();
        for (id, model) in wanted {
            if !matches!(model, ResolvedModel::Remote(_)) {
                ready.push(self.model(id, model).await?);
            }
        }
        // Not before all are there: a download that fails should not leave the others loading.
        for model in &ready {
            model.preload();
        }
        Ok(ready.into_iter().fold(models, |models, model| models.with(model as Arc<dyn ChatModel>)))
    }

    /// Makes one local model ready.
    pub(crate) async fn alone(
        &mut self,
        id: &ModelId,
        model: &ResolvedModel,
    ) -> Result<Arc<LlamaModel>, Complaint> {
        self.agree([model]).await?;
        self.model(id, model).await
    }

    /// Makes sure that what is missing may be fetched.
    async fn agree(&self, wanted: impl IntoIterator<Item = &ResolvedModel>) -> Result<(), Complaint> {
        let mut references: Vec<ModelReference> = Vec::new();
        for model in wanted {
            if let ResolvedModel::Local(local) = model {
                let reference = reference(&local.weights);
                if !references.contains(&reference) {
                    references.push(reference);
                }
            }
        }
        fetch::agree(&self.hub, &references, self.consent, &self.interrupts).await
    }

    async fn model(&mut self, id: &ModelId, model: &ResolvedModel) -> Result<Arc<LlamaModel>, Complaint> {
        let local = match model {
            ResolvedModel::Local(local) => local,
            ResolvedModel::Remote(remote) => return Err(not_here(id, &remote.endpoint.name)),
            other => return Err(Complaint::failed(format!("model '{id}' is of an unknown kind: {other:?}"))),
        };
        if let Some(ready) = self.models.get(id) {
            return Ok(Arc::clone(ready));
        }
        let path = fetch::pull(&self.hub, &reference(&local.weights), &self.interrupts).await?;
        let ready = self.engine().model(options(id, local, path));
        self.models.insert(id.clone(), Arc::clone(&ready));
        Ok(ready)
    }

    /// The model's file, if it is on disk already.
    pub(crate) fn file(&self, model: &ResolvedModel) -> Option<PathBuf> {
        match model {
            ResolvedModel::Local(local) => {
                self.hub.locate(&reference(&local.weights)).map(|located| located.path)
            }
            _ => None,
        }
    }

    fn engine(&mut self) -> &LlamaEngine {
        self.engine.get_or_insert_with(|| LlamaEngine::new(self.options))
    }
}

/// What the configuration says of the local engine.
fn engine_options(settings: &EngineSettings) -> EngineOptions {
    let mut options = EngineOptions::default();
    options.cores = settings.cores.as_ref().and_then(|cores| NonZeroUsize::new(cores.value as usize));
    options.lookup = settings.lookup.value;
    options.side_by_side = settings.side_by_side.value;
    options.prefix_reuse = settings.prefix_reuse.value;
    options.read_ahead = settings.read_ahead.value;
    options
}

/// What the hub calls the weights.
pub(crate) fn reference(weights: &Weights) -> ModelReference {
    match weights {
        Weights::File(path) => ModelReference::File(path.clone()),
        named => ModelReference::parse(&named.to_string(), moa_hub::Catalogue::built_in())
            .unwrap_or_else(|_| ModelReference::File(Path::new(&named.to_string()).to_owned())),
    }
}

fn options(id: &ModelId, local: &LocalModel, path: PathBuf) -> ModelOptions {
    let mut options = ModelOptions::new(id.as_str(), path);
    options.context_tokens = local.context_tokens;
    if let Some(sequences) = local.sequences {
        options.parallel_sequences = sequences;
    }
    options
}

/// The end of measuring a model that is not on this machine.
fn not_here(id: &ModelId, endpoint: &str) -> Complaint {
    Complaint::failed(format!("model '{id}' runs at the endpoint '{endpoint}' and not on this machine"))
        .with_hint(Some(format!("`moa ask --model {id} ...` asks it")))
}
