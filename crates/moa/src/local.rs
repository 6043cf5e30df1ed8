//! The models of a preset, ready to be asked: files found or fetched, handed to the local engine.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use moa_config::{Config, EngineSettings, KvCache, LocalModel, ResolvedModel, ResolvedPreset, Weights};
use moa_core::{Agent, ChatModel, ModelId, Models};
use moa_hub::{Hub, ModelReference};
use moa_llama::{EngineOptions, KvCacheType, LlamaEngine, LlamaModel, ModelOptions};

use crate::candidates::sandboxed;
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
    kv_cache: KvCache,
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
            kv_cache: config.engine().kv_cache.value,
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
        let (models, ready) = self.make_ready(wanted).await?;
        // Not before all are there: a download that fails should not leave the others loading.
        for model in &ready {
            model.preload();
        }
        Ok(models)
    }

    /// Makes those models ready that are on disk or behind an endpoint, and fetches and loads nothing.
    ///
    /// # Cancel safety
    /// Nothing is waited for.
    pub(crate) async fn prepare_present(
        &mut self,
        wanted: &BTreeMap<ModelId, ResolvedModel>,
    ) -> Result<Models, Complaint> {
        let present = wanted
            .iter()
            .filter(|(_, model)| !matches!(model, ResolvedModel::Local(_)) || self.file(model).is_some());
        let present = present.map(|(id, model)| (id.clone(), model.clone())).collect();
        Ok(self.make_ready(&present).await?.0)
    }

    /// Makes all models of a preset ready, as [`Self::prepare`] does, and has them loaded in the order in which its mixture loads them least where
    /// memory cannot hold all of them.
    ///
    /// # Cancel safety
    /// As that of [`Self::prepare`].
    pub(crate) async fn prepare_preset(&mut self, preset: &ResolvedPreset) -> Result<Models, Complaint> {
        let (models, ready) = self.make_ready(&preset.models).await?;
        if ready.is_empty() {
            return Ok(models);
        }
        let layers: Vec<Vec<Arc<LlamaModel>>> = layers(preset)
            .map(|agents| agents.iter().filter_map(|agent| self.models.get(&agent.model).cloned()).collect())
            .collect();
        let first = self.engine().expect(&layers);
        for model in first.iter().chain(&ready) {
            model.preload();
        }
        Ok(models)
    }

    async fn make_ready(
        &mut self,
        wanted: &BTreeMap<ModelId, ResolvedModel>,
    ) -> Result<(Models, Vec<Arc<LlamaModel>>), Complaint> {
        let mut models = Models::new().with_candidate_runner(sandboxed());
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
        let with =
            |models: Models, model: &Arc<LlamaModel>| models.with(Arc::clone(model) as Arc<dyn ChatModel>);
        Ok((ready.iter().fold(models, with), ready))
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
        let options = self.options(id, local, path);
        let ready = self.engine().model(options);
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

    /// What local models may take of memory, in bytes.
    pub(crate) fn memory_bytes(&self) -> Option<u64> {
        self.options.memory_bytes
    }

    /// How a local model whose file is at `path` is used.
    pub(crate) fn options(&self, id: &ModelId, local: &LocalModel, path: PathBuf) -> ModelOptions {
        let mut options = ModelOptions::new(id.as_str(), path);
        options.context_tokens = local.context_tokens;
        if let Some(sequences) = local.sequences {
            options.parallel_sequences = sequences;
        }
        options.kv_cache = match local.kv_cache.unwrap_or(self.kv_cache) {
            KvCache::F16 => KvCacheType::F16,
            KvCache::Q8 => KvCacheType::Q8,
        };
        options
    }

    fn engine(&mut self) -> &LlamaEngine {
        self.engine.get_or_insert_with(|| LlamaEngine::new(self.options))
    }
}

/// What the configuration says of the local engine.
fn engine_options(settings: &EngineSettings) -> EngineOptions {
    let mut options = EngineOptions::default();
    options.cores = settings.cores.as_ref().and_then(|cores| NonZeroUsize::new(cores.value as usize));
    options.memory_bytes = settings.memory_bytes.as_ref().map(|memory| memory.value);
    options.kernels = settings.kernels.value;
    options.lookup = settings.lookup.value;
    options.peer_lookup = settings.peer_lookup.value;
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

/// The agents of each layer of a preset, the aggregator's last.
pub(crate) fn layers(preset: &ResolvedPreset) -> impl Iterator<Item = &[Agent]> {
    let proposers = preset.mixture.layers.iter().map(|layer| layer.agents.as_slice());
    proposers.chain([std::slice::from_ref(&preset.mixture.aggregator)])
}

/// The end of measuring a model that is not on this machine.
fn not_here(id: &ModelId, endpoint: &str) -> Complaint {
    Complaint::failed(format!("model '{id}' runs at the endpoint '{endpoint}' and not on this machine"))
        .with_hint(Some(format!("`moa ask --model {id} ...` asks it")))
}
