//! The models behind endpoints, ready to be asked: what the configuration says, handed to the HTTP client and to what stands around it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use moa_config::{
    Endpoint as EndpointConfig, HeaderSource, Hedging, KeySource as ConfigKey, MaxTokensField, Proxy,
    RemoteModel,
};
use moa_core::{ChatModel, ModelId};
use moa_openai::{
    Endpoint, EndpointAddress, EndpointSettings, KeySource, ModelSettings, OpenAiModel, ProxySettings,
};
use moa_resilience::{
    BreakerSettings, EndpointState, HedgeDelay, HedgeSettings, LimitSettings, Replica, ResilienceSettings,
    ResilientModel, RetrySettings, Timeouts,
};
use secrecy::SecretString;

use crate::complaint::Complaint;

/// The endpoints that models were asked of so far. Models of one endpoint share its connections, its limits and what is known of its
/// health.
#[derive(Default)]
pub(crate) struct RemoteModels {
    endpoints: BTreeMap<String, Opened>,
    /// What each was made of, so that another configuration of the name makes another one.
    models: BTreeMap<ModelId, (RemoteModel, Arc<dyn ChatModel>)>,
}

/// An endpoint in use.
struct Opened {
    /// One for each replica.
    replicas: Vec<Endpoint>,
    state: Arc<EndpointState>,
}

impl RemoteModels {
    /// Makes a model ready. Nothing is asked yet, but the key must be there.
    ///
    /// # Errors
    /// When the key or a header cannot be had, or when the settings cannot be used.
    pub(crate) fn model(
        &mut self,
        id: &ModelId,
        remote: &RemoteModel,
    ) -> Result<Arc<dyn ChatModel>, Complaint> {
        if let Some((_, model)) = self.models.get(id).filter(|(made_of, _)| made_of == remote) {
            return Ok(Arc::clone(model));
        }
        let name = &remote.endpoint.name;
        if !self.endpoints.contains_key(name) {
            self.endpoints.insert(name.clone(), Opened::new(&remote.endpoint)?);
        }
        let Some(opened) = self.endpoints.get(name) else {
            return Err(Complaint::failed(format!("the endpoint '{name}' cannot be used")));
        };
        let mut replicas = opened.replicas.iter().map(|endpoint| Replica {
            name: endpoint.settings().address.to_string(),
            model: Arc::new(OpenAiModel::new(endpoint, settings(id, remote))) as Arc<dyn ChatModel>,
        });
        let Some(first) = replicas.next() else {
            return Err(Complaint::failed(format!("the endpoint '{name}' has no address")));
        };
        let model: Arc<dyn ChatModel> =
            Arc::new(ResilientModel::balanced(first, replicas.collect(), Arc::clone(&opened.state)));
        // A model knows which fields its endpoint refuses, and should not have to learn it again.
        self.models.insert(id.clone(), (remote.clone(), Arc::clone(&model)));
        Ok(model)
    }
}

impl Opened {
    fn new(config: &EndpointConfig) -> Result<Self, Complaint> {
        let mut replicas = Vec::new();
        for url in &config.base_urls {
            let endpoint = Endpoint::new(endpoint_settings(config, url)?);
            // A key that is missing is told before anybody is asked, not once by every call.
            endpoint.check().map_err(|failure| {
                Complaint::usage(format!("endpoint '{}': {}", config.name, failure.message))
                    .with_hint(failure.hint)
            })?;
            replicas.push(endpoint);
        }
        Ok(Self { replicas, state: EndpointState::new(&config.name, resilience(config)) })
    }
}

fn endpoint_settings(config: &EndpointConfig, url: &str) -> Result<EndpointSettings, Complaint> {
    let address = EndpointAddress::parse(url).map_err(|error| {
        Complaint::usage(format!("endpoint '{}': {error}", config.name))
            .with_hint(Some(error.hint().to_owned()))
    })?;
    let mut settings = EndpointSettings::new(&config.name, address);
    settings.is_replica = config.base_urls.len() > 1;
    settings.key = match &config.key {
        None => KeySource::None,
        Some(ConfigKey::Variable(name)) => KeySource::Environment(name.clone()),
        Some(ConfigKey::File(path)) => KeySource::File(path.clone()),
    };
    for (name, source) in &config.headers {
        settings.headers.push((name.clone(), header(&config.name, name, source)?));
    }
    settings.ca_file.clone_from(&config.ca_file);
    settings.proxy = match &config.proxy {
        Proxy::Environment => ProxySettings::Environment,
        Proxy::None => ProxySettings::Direct,
        Proxy::Url(url) => ProxySettings::Through { url: SecretString::from(url.as_str()), except: None },
    };
    settings.connect_timeout = config.timeouts.connect;
    Ok(settings)
}

/// The value of a header.
fn header(endpoint: &str, name: &str, source: &HeaderSource) -> Result<SecretString, Complaint> {
    let missing = |what: String| {
        Complaint::usage(format!("endpoint '{endpoint}': the header '{name}' has no value: {what}"))
    };
    match source {
        HeaderSource::Plain(value) => Ok(SecretString::from(value.as_str())),
        HeaderSource::Variable(variable) => std::env::var(variable)
            .map(SecretString::from)
            .map_err(|_| missing(format!("the variable {variable} is not set"))),
        HeaderSource::File(path) => std::fs::read_to_string(path)
            .map(|text| SecretString::from(text.trim()))
            .map_err(|error| missing(format!("cannot read {}: {error}", path.display()))),
    }
}

fn settings(id: &ModelId, remote: &RemoteModel) -> ModelSettings {
    let mut settings = ModelSettings::new(id.clone(), &remote.id);
    settings.stream = remote.stream;
    settings.max_tokens_field = match remote.endpoint.max_tokens_field {
        MaxTokensField::Auto => moa_openai::MaxTokensField::Auto,
        MaxTokensField::MaxTokens => moa_openai::MaxTokensField::MaxTokens,
        MaxTokensField::MaxCompletionTokens => moa_openai::MaxTokensField::MaxCompletionTokens,
    };
    settings.extra_body.clone_from(&remote.endpoint.extra_body);
    settings.sees_images = remote.images;
    settings.pricing = remote.pricing;
    settings.successors.clone_from(&remote.successors);
    settings
}

fn resilience(config: &EndpointConfig) -> ResilienceSettings {
    let hedge = |delay| Some(HedgeSettings { delay, ..HedgeSettings::default() });
    ResilienceSettings {
        timeouts: Timeouts {
            first_token: Some(config.timeouts.first_token),
            idle: Some(config.timeouts.idle),
        },
        retry: RetrySettings {
            max_retries: config.retries.most,
            cap: config.retries.wait_max,
            max_retry_after: config.retries.wait_max,
            ..RetrySettings::default()
        },
        hedge: match config.hedging {
            Hedging::Off => None,
            Hedging::Auto => hedge(HedgeSettings::default().delay),
            Hedging::After(time) => hedge(HedgeDelay::Fixed(time)),
        },
        breaker: config.breaker.map_or(
            BreakerSettings { failures: 0, cool_down: Duration::ZERO },
            |breaker| BreakerSettings { failures: breaker.failures, cool_down: breaker.pause },
        ),
        limits: LimitSettings {
            in_flight: config.limits.in_flight,
            requests_per_minute: config.limits.requests_per_minute,
            tokens_per_minute: config.limits.tokens_per_minute.map(u64::from),
            queue: usize::try_from(config.limits.queue).unwrap_or(usize::MAX),
        },
    }
}
