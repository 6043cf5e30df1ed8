//! What an endpoint and a model behind it are told.

use std::path::PathBuf;
use std::time::Duration;

use moa_core::{ModelId, Pricing};
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::address::EndpointAddress;
use crate::dialect::{Dialect, MaxTokensField, SystemRole};
use crate::key::KeySource;
use crate::proxy::ProxySettings;

/// How long connecting may take where nothing else is said.
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// An endpoint, or one replica of it: one address.
#[derive(Debug, Clone)]
pub struct EndpointSettings {
    /// The name under which the configuration knows the endpoint. Shown in traces.
    pub name: String,
    /// Its address.
    pub address: EndpointAddress,
    /// Whether other addresses serve the endpoint too, so that traces tell which one answered.
    pub is_replica: bool,
    /// Its key.
    pub key: KeySource,
    /// Headers for every request, on top of our own and in place of those of the same name. Their values are shown nowhere.
    pub headers: Vec<(String, SecretString)>,
    /// A file of certificates (PEM) that are trusted on top of the system's.
    pub ca_file: Option<PathBuf>,
    /// Through which proxy it is reached.
    pub proxy: ProxySettings,
    /// What kind of service it is.
    pub dialect: Dialect,
    /// The longest that connecting may take: name look-up, TCP, proxy and TLS together.
    pub connect_timeout: Duration,
}

impl EndpointSettings {
    /// An endpoint without a key, of the kind that its address suggests, with 10 s to connect.
    pub fn new(name: impl Into<String>, address: EndpointAddress) -> Self {
        Self {
            name: name.into(),
            address,
            is_replica: false,
            key: KeySource::None,
            headers: Vec::new(),
            ca_file: None,
            proxy: ProxySettings::Environment,
            dialect: Dialect::Auto,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
        }
    }
}

/// A model behind an endpoint.
#[derive(Debug, Clone)]
pub struct ModelSettings {
    /// The name under which the configuration knows the model.
    pub id: ModelId,
    /// The model's id at the endpoint.
    pub remote_id: String,
    /// Whether the answer is asked for as a stream.
    pub stream: bool,
    /// In which field the most tokens to write are said.
    pub max_tokens_field: MaxTokensField,
    /// As what the model gets system messages.
    pub system_role: SystemRole,
    /// Fields for the request's body, in place of ours of the same name; `null` leaves ours out.
    pub extra_body: Map<String, Value>,
    /// Whether the model can see images.
    pub sees_images: bool,
    /// What asking costs.
    pub pricing: Pricing,
    /// Ids at the endpoint that can take the model's place when it is retired. Named in the failure, never asked by themselves.
    pub successors: Vec<String>,
}

impl ModelSettings {
    /// A model that is asked for streams, sees no images and costs nobody knows how much.
    pub fn new(id: impl Into<ModelId>, remote_id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            remote_id: remote_id.into(),
            stream: true,
            max_tokens_field: MaxTokensField::Auto,
            system_role: SystemRole::System,
            extra_body: Map::new(),
            sees_images: false,
            pricing: Pricing::Unknown,
            successors: Vec::new(),
        }
    }
}
