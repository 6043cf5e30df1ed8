//! Which model answers which call.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::agent::ModelId;
use crate::layer::CallId;
use crate::mixture::Mixture;
use crate::model::ChatModel;
use crate::price::Pricing;
use crate::trial::CandidateRunner;

/// The models that a run may ask, by id; single calls can be given to another model, such as to stored answers. Beside them who runs the programs
/// that they write, where somebody does.
#[derive(Clone, Default)]
pub struct Models {
    by_id: BTreeMap<ModelId, Arc<dyn ChatModel>>,
    by_call: BTreeMap<CallId, Arc<dyn ChatModel>>,
    candidate_runner: Option<CandidateRunner>,
}

impl Models {
    /// No models yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a model under its own id.
    #[must_use]
    pub fn with(mut self, model: Arc<dyn ChatModel>) -> Self {
        self.by_id.insert(model.id().clone(), model);
        self
    }

    /// Lets `model` answer one call, whatever model its agent names.
    #[must_use]
    pub fn with_call(mut self, call: CallId, model: Arc<dyn ChatModel>) -> Self {
        self.by_call.insert(call, model);
        self
    }

    /// Lets `runner` run the programs of answers where a mixture chooses by them.
    #[must_use]
    pub fn with_candidate_runner(self, runner: CandidateRunner) -> Self {
        Self { candidate_runner: Some(runner), ..self }
    }

    /// Who runs the programs of answers.
    #[must_use]
    pub fn candidate_runner(&self) -> Option<&CandidateRunner> {
        self.candidate_runner.as_ref()
    }

    /// Adds all of `others`; what they know wins.
    #[must_use]
    pub fn with_all(mut self, others: Self) -> Self {
        self.by_id.extend(others.by_id);
        self.by_call.extend(others.by_call);
        self.candidate_runner = others.candidate_runner.or(self.candidate_runner);
        self
    }

    /// The same models, each as `wrap` gives it back. Models of single calls stay as they are.
    #[must_use]
    pub fn wrapped(self, wrap: impl Fn(Arc<dyn ChatModel>) -> Arc<dyn ChatModel>) -> Self {
        let by_id = self.by_id.into_iter().map(|(id, model)| (id, wrap(model))).collect();
        Self { by_id, ..self }
    }

    /// A model that `mixture` asks and whose price nobody knows, if there is one.
    #[must_use]
    pub fn without_price(&self, mixture: &Mixture) -> Option<ModelId> {
        let unknown = |id: &ModelId| {
            self.by_id.get(id).is_some_and(|model| matches!(model.pricing(), Pricing::Unknown))
        };
        mixture.models().into_iter().find(unknown)
    }

    /// The model of this id.
    #[must_use]
    pub fn get(&self, id: &ModelId) -> Option<&Arc<dyn ChatModel>> {
        self.by_id.get(id)
    }

    /// The model that answers `call` of an agent that names `id`.
    #[must_use]
    pub fn resolve(&self, call: CallId, id: &ModelId) -> Option<&Arc<dyn ChatModel>> {
        self.by_call.get(&call).or_else(|| self.by_id.get(id))
    }
}

impl std::fmt::Debug for Models {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Models")
            .field("by_id", &self.by_id.keys())
            .field("by_call", &self.by_call.keys())
            .field("candidate_runner", &self.candidate_runner)
            .finish()
    }
}
