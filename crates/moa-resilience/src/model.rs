//! The model that stands in for others.

use std::sync::Arc;

use moa_core::{ChatModel, ChatRequest, ChatStream, ModelId, Pricing};

use crate::endpoint::EndpointState;
use crate::leg::Upstreams;
use crate::retry::call;

/// A model around one or several others that answer alike, with the time-outs, retries, limits and so on of their endpoint.
///
/// Its name, identity and price are those of the first.
pub struct ResilientModel {
    upstreams: Arc<Upstreams>,
}

/// One of several models that answer alike, such as the same weights on another machine.
#[derive(Clone)]
pub struct Replica {
    /// What tells it from the others: its address without credentials. Models of one endpoint that name the same replica share its circuit
    /// breaker.
    pub name: String,
    /// The model there.
    pub model: Arc<dyn ChatModel>,
}

impl ResilientModel {
    /// A model around `model`, which has no other replicas.
    #[must_use]
    pub fn new(model: Arc<dyn ChatModel>, endpoint: Arc<EndpointState>) -> Self {
        let name = model.endpoint().to_owned();
        Self::balanced(Replica { name, model }, Vec::new(), endpoint)
    }

    /// A model that gives each request to the replica with the least to do.
    #[must_use]
    pub fn balanced(first: Replica, others: Vec<Replica>, endpoint: Arc<EndpointState>) -> Self {
        let mut replicas = vec![first];
        replicas.extend(others);
        let numbers = replicas.iter().map(|replica| endpoint.replicas.number_of(&replica.name)).collect();
        Self { upstreams: Arc::new(Upstreams { endpoint, replicas, numbers }) }
    }

    /// What this model shares with the others of its endpoint.
    #[must_use]
    pub fn endpoint_state(&self) -> &Arc<EndpointState> {
        &self.upstreams.endpoint
    }

    fn first(&self) -> &dyn ChatModel {
        self.upstreams.replicas[0].model.as_ref()
    }
}

impl ChatModel for ResilientModel {
    fn id(&self) -> &ModelId {
        self.first().id()
    }

    fn endpoint(&self) -> &str {
        self.first().endpoint()
    }

    fn identity(&self) -> String {
        self.first().identity()
    }

    fn pricing(&self) -> Pricing {
        self.first().pricing()
    }

    fn sees_images(&self) -> bool {
        self.first().sees_images()
    }

    fn stream(&self, request: ChatRequest) -> ChatStream {
        call(Arc::clone(&self.upstreams), request)
    }
}

impl std::fmt::Debug for ResilientModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let replicas: Vec<&str> =
            self.upstreams.replicas.iter().map(|replica| replica.name.as_str()).collect();
        f.debug_struct("ResilientModel")
            .field("id", self.id())
            .field("replicas", &replicas)
            .finish_non_exhaustive()
    }
}
