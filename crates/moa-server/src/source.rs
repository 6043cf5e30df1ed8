//! What the server needs to know of models.

use std::sync::Arc;

use futures::future::BoxFuture;
use moa_config::{ResolvedModel, ResolvedPreset};
use moa_core::{CandidateRunner, ChatModel, Conversation, ModelId, Tools};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Where models come from. They are kept once they are there, so that each is asked for once.
pub trait ModelSource: Send + Sync + 'static {
    /// Every model that may be named, with what is known of it now.
    fn cards(&self) -> Vec<ModelCard>;

    /// Makes a model ready to be asked, without fetching anything.
    ///
    /// # Errors
    /// When it is not on this machine, or when its endpoint cannot be used.
    fn model<'a>(
        &'a self,
        id: &'a ModelId,
        model: &'a ResolvedModel,
    ) -> BoxFuture<'a, Result<Arc<dyn ChatModel>, Unavailable>>;

    /// Why a model would not call these tools, or say something in the form (`response_format`) instead, if it would not; asked before
    /// anybody is asked anything.
    fn refuses_tools(&self, model: &ResolvedModel, _tools: &Tools, _form: Option<&Value>) -> Option<String> {
        refuses(model)
    }

    /// Why a model would not keep its answer to a form (`response_format`), if it would not; asked before anybody is asked anything.
    fn refuses_form(&self, model: &ResolvedModel, _form: &Value) -> Option<String> {
        refuses(model)
    }

    /// Who runs the programs that models write, where the operator wants them to be run.
    fn candidate_runner(&self) -> CandidateRunner {
        CandidateRunner::refusing("there is no sandbox for programs")
    }

    /// Works out what a run would take, without asking anybody. Blocks the thread.
    ///
    /// # Errors
    /// When the prompts cannot be made.
    fn estimate(&self, preset: &ResolvedPreset, conversation: &Conversation)
    -> Result<Estimate, Unavailable>;
}

/// What models in this process obey of neither, where nobody says otherwise.
fn refuses(model: &ResolvedModel) -> Option<String> {
    let is_here = matches!(model, ResolvedModel::Local(_));
    is_here.then(|| "it runs in this process; let a model behind an endpoint aggregate".to_owned())
}

/// Why a model cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unavailable {
    /// What is missing.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A model as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ModelCard {
    /// The name under which it is asked.
    pub id: String,
    /// Where it runs.
    pub kind: ModelKind,
    /// The endpoint's name, or `local`.
    pub endpoint: String,
    /// Whether it can be asked now: its file is on the server's machine, or the key that its endpoint wants.
    pub is_ready: bool,
    /// The size of its file.
    pub size_bytes: Option<u64>,
    /// The licence of its weights.
    pub licence: Option<String>,
    /// Its parameters.
    pub parameters: Option<u64>,
}

/// Where a model runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// In this process.
    Local,
    /// Behind an endpoint.
    Remote,
}

/// What a run would take, if every answer is as long as it may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Estimate {
    /// Questions to models.
    pub calls: u64,
    /// Tokens that they read.
    pub prompt_tokens: u64,
    /// Tokens that they write.
    pub completion_tokens: u64,
    /// US dollars; absent where a price is not known.
    pub cost_usd: Option<f64>,
    /// Memory of the local models; absent where one is not on disk.
    pub memory_bytes: Option<u64>,
    /// Time; absent until each model has answered once.
    pub seconds: Option<f64>,
}
