//! The models that `moa serve` answers with: what is on this machine and what is configured, and never a download.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use moa_config::{Config, KeySource, LocalModel, ResolvedModel, ResolvedPreset, Weights};
use moa_core::{CandidateRunner, ChatModel, Conversation, ModelId, Tools};
use moa_hub::{Hub, ModelState};
use moa_server::{Estimate as Figures, ModelCard, ModelKind, ModelSource, Unavailable};
use moa_store::Store;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::candidates::sandboxed;
use crate::complaint::Complaint;
use crate::discreet::DiscreetModel;
use crate::estimate::Estimate;
use crate::local::{LocalModels, reference};
use crate::workspace::Workspace;

/// The models of this process, handed to the server.
pub(crate) struct ServedModels {
    config: Arc<Config>,
    hub: Hub,
    pool: Mutex<LocalModels>,
    store: Option<Arc<Store>>,
    /// One for all runs: its sandbox is proven once.
    candidate_runner: CandidateRunner,
}

impl ServedModels {
    pub(crate) fn new(
        workspace: &Workspace,
        config: &Arc<Config>,
        store: Option<Arc<Store>>,
    ) -> Result<Self, Complaint> {
        Ok(Self {
            hub: workspace.hub(config)?,
            pool: Mutex::new(LocalModels::new(workspace, config, false)?),
            config: Arc::clone(config),
            store,
            candidate_runner: sandboxed(),
        })
    }

    fn card(&self, id: String, model: &ResolvedModel) -> ModelCard {
        let card = |kind, endpoint: &str, is_ready| ModelCard {
            id,
            kind,
            endpoint: endpoint.to_owned(),
            is_ready,
            size_bytes: None,
            licence: None,
            parameters: None,
        };
        match model {
            ResolvedModel::Local(local) => {
                let located = self.hub.locate(&reference(&local.weights));
                let size_bytes = located.as_ref().map(|located| located.bytes);
                ModelCard { size_bytes, ..card(ModelKind::Local, "local", located.is_some()) }
            }
            ResolvedModel::Remote(remote) => {
                card(ModelKind::Remote, &remote.endpoint.name, has_key(remote.endpoint.key.as_ref()))
            }
            _ => card(ModelKind::Remote, "unknown", false),
        }
    }

    /// What says that a model is not on this machine, and how it gets there.
    fn missing(id: &ModelId, model: &ResolvedModel) -> Unavailable {
        let hint = match model {
            // Where files are is nobody else's business.
            ResolvedModel::Local(LocalModel { weights: Weights::File(_), .. }) => {
                "the file that the configuration names is not there".to_owned()
            }
            ResolvedModel::Local(local) => {
                format!("`moa models pull {}` on the server fetches it", local.weights)
            }
            _ => format!("`moa models info {id}` on the server says more"),
        };
        Unavailable { message: format!("the model '{id}' is not on this machine"), hint: Some(hint) }
    }
}

/// Whether the key that an endpoint wants is there; what it is worth only the endpoint knows.
fn has_key(key: Option<&KeySource>) -> bool {
    match key {
        None => true,
        Some(KeySource::Variable(name)) => std::env::var_os(name).is_some_and(|key| !key.is_empty()),
        Some(KeySource::File(path)) => path.is_file(),
    }
}

impl ModelSource for ServedModels {
    fn cards(&self) -> Vec<ModelCard> {
        let configured = self.config.models();
        let mut cards: Vec<ModelCard> =
            configured.iter().map(|(name, model)| self.card(name.clone(), model)).collect();
        let listed = self.hub.list().unwrap_or_else(|error| {
            tracing::warn!(%error, "the models folder cannot be listed");
            Vec::new()
        });
        for model in listed {
            let Some(known) = model.catalogue else { continue };
            if configured.contains_key(&known.id) {
                continue;
            }
            cards.push(ModelCard {
                kind: ModelKind::Local,
                endpoint: "local".to_owned(),
                is_ready: matches!(model.state, ModelState::Verified | ModelState::Unverified),
                size_bytes: model.bytes,
                licence: Some(known.licence.name),
                parameters: Some(known.parameters),
                id: known.id,
            });
        }
        cards.sort_by(|one, other| one.id.cmp(&other.id));
        cards
    }

    fn candidate_runner(&self) -> CandidateRunner {
        self.candidate_runner.clone()
    }

    fn model<'a>(
        &'a self,
        id: &'a ModelId,
        model: &'a ResolvedModel,
    ) -> BoxFuture<'a, Result<Arc<dyn ChatModel>, Unavailable>> {
        async move {
            let mut pool = self.pool.lock().await;
            let file = pool.file(model);
            if matches!(model, ResolvedModel::Local(_)) && file.is_none() {
                return Err(Self::missing(id, model));
            }
            let wanted = std::iter::once((id.clone(), model.clone())).collect();
            let models = pool.prepare(&wanted).await.map_err(Complaint::into_unavailable)?;
            let ready = models.get(id).cloned().ok_or_else(|| Self::missing(id, model))?;
            Ok(match file {
                Some(file) => Arc::new(DiscreetModel::new(ready, &file)),
                None => ready,
            })
        }
        .boxed()
    }

    fn refuses_tools(&self, model: &ResolvedModel, tools: &Tools, form: Option<&Value>) -> Option<String> {
        let is_here = matches!(model, ResolvedModel::Local(_));
        is_here.then(|| moa_llama::check_tools(tools, form).err())?.map(|unsupported| unsupported.to_string())
    }

    fn refuses_form(&self, model: &ResolvedModel, form: &Value) -> Option<String> {
        let is_here = matches!(model, ResolvedModel::Local(_));
        is_here
            .then(|| moa_llama::check_response_format(form).err())?
            .map(|unsupported| unsupported.to_string())
    }

    fn estimate(&self, preset: &ResolvedPreset, conversation: &Conversation) -> Result<Figures, Unavailable> {
        let pool = self.pool.blocking_lock();
        let estimate = Estimate::of(preset, conversation, &pool, self.store.as_deref());
        estimate.map(|estimate| estimate.figures()).map_err(Complaint::into_unavailable)
    }
}

#[cfg(test)]
#[path = "served_tests.rs"]
mod tests;
