//! What can be wrong with a configuration.

/// What is wrong. The text says what; [`ProblemKind::hint`] says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A file cannot be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The file is no TOML.
    #[error("this is not valid TOML: {message}")]
    Syntax {
        /// What the parser says.
        message: String,
    },
    /// A key that nothing reads.
    #[error("there is no key `{key}` here")]
    UnknownKey {
        /// The key.
        key: String,
        /// The key that was probably meant.
        nearest: Option<String>,
        /// The keys that there are.
        known: Vec<String>,
    },
    /// A value of the wrong type, or a key that is missing.
    #[error("{message}")]
    WrongType {
        /// What was found and what was expected.
        message: String,
    },
    /// A key of a service written into the file.
    #[error("a key must not stand in a configuration file")]
    InlineKey,
    /// An endpoint with two keys.
    #[error(
        "an endpoint has one key: give it in `api-key-env`, in `api-key-file` or in the header `Authorization`"
    )]
    TwoKeySources,
    /// An endpoint without an address.
    #[error("endpoint `{name}` has no address")]
    NoBaseUrl {
        /// The endpoint.
        name: String,
    },
    /// An endpoint with both ways to give its address.
    #[error("an endpoint has either `base-url` or `base-urls`")]
    TwoBaseUrls,
    /// Two replicas at one address.
    #[error("the address `{url}` stands here twice")]
    RepeatedUrl {
        /// The address.
        url: String,
    },
    /// A name that could not stand before the colon of a reference.
    #[error("`{name}` cannot be the name of an endpoint")]
    BadEndpointName {
        /// The name.
        name: String,
    },
    /// An address that no proxy can have.
    #[error("`{url}` is not the address of a proxy")]
    BadProxy {
        /// The address.
        url: String,
    },
    /// A header that cannot be sent.
    #[error("the header `{name}` {reason}")]
    BadHeader {
        /// The header.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// A header whose secret value stands in the file.
    #[error("the value of the header `{name}` must not stand in a configuration file")]
    SecretHeader {
        /// The header.
        name: String,
    },
    /// A field that cannot be added to a request.
    #[error("`{key}` in `extra-body` {reason}")]
    BadExtraBody {
        /// The field.
        key: String,
        /// Why.
        reason: &'static str,
    },
    /// An address with a user or a password in it.
    #[error("an address must not hold a user or a password")]
    UrlCredentials,
    /// A base URL that no request could be sent to.
    #[error("`{url}` is not the address of a service")]
    BadUrl {
        /// The address.
        url: String,
    },
    /// An endpoint defined by a file that came with the folder.
    #[error("a project file may not define the endpoint `{name}`")]
    ProjectEndpoint {
        /// The endpoint.
        name: String,
    },
    /// How to serve, said by a file that came with the folder.
    #[error("a project file may not say how the server listens and whom it lets in")]
    ProjectServer,
    /// An address that nobody can listen on.
    #[error("`{written}` is not an address to listen on")]
    BadListenAddress {
        /// The text.
        written: String,
    },
    /// A text that is no origin of a page.
    #[error("`{written}` is not the origin of a page")]
    BadOrigin {
        /// The text.
        written: String,
    },
    /// A key of the server that is not hashed, or not rightly.
    #[error("`sha256` must be the SHA-256 of a key: 64 hexadecimal digits")]
    BadKeyHash,
    /// A name that no model has.
    #[error("there is no model `{name}`")]
    UnknownModel {
        /// The name.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// A name that no endpoint has.
    #[error("there is no endpoint `{name}`")]
    UnknownEndpoint {
        /// The name.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// A name that no preset has.
    #[error("there is no preset `{name}`")]
    UnknownPreset {
        /// The name.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
        /// The presets that there are.
        known: Vec<String>,
    },
    /// Presets that extend each other in a circle.
    #[error("presets extend each other in a circle: {}", chain.join(" -> "))]
    PresetCycle {
        /// The names, the first one again at the end.
        chain: Vec<String>,
    },
    /// Model names that stand for each other in a circle.
    #[error("model names stand for each other in a circle: {}", chain.join(" -> "))]
    ModelCycle {
        /// The names, the first one again at the end.
        chain: Vec<String>,
    },
    /// A model with no source.
    #[error("model `{name}` comes from nowhere")]
    NoModelSource {
        /// The model.
        name: String,
    },
    /// A model behind an endpoint without its id there.
    #[error("model `{name}` has no id at its endpoint")]
    NoModelId {
        /// The model.
        name: String,
    },
    /// A model with more than one source.
    #[error("model `{name}` comes from several places at once: {}", given.join(", "))]
    SeveralModelSources {
        /// The model.
        name: String,
        /// The keys that say where it comes from.
        given: Vec<&'static str>,
    },
    /// A key of a model that does not go with its source.
    #[error("`{key}` does not go with {source_key}")]
    MisplacedModelKey {
        /// The key.
        key: &'static str,
        /// What it does not go with.
        source_key: &'static str,
    },
    /// A hub reference of the wrong form.
    #[error("`{written}` does not name a file on the hub")]
    BadHubReference {
        /// The reference.
        written: String,
    },
    /// A layer with nobody to ask.
    #[error("layer {layer} of preset `{preset}` has no agent")]
    EmptyLayer {
        /// The preset.
        preset: String,
        /// The layer, counted from 1.
        layer: usize,
    },
    /// More agents than anybody would want to pay for.
    #[error("layer {layer} of preset `{preset}` has more than {most} agents")]
    TooManyAgents {
        /// The preset.
        preset: String,
        /// The layer, counted from 1.
        layer: usize,
        /// The most agents that a layer may have.
        most: usize,
    },
    /// Layers without proposers.
    #[error("preset `{preset}` has no proposers for {layers} layers")]
    NoProposers {
        /// The preset.
        preset: String,
        /// The layers, the aggregator's included.
        layers: u32,
    },
    /// Layers around a model that is asked alone.
    #[error("`{model}` is a model that is asked alone: it has one layer")]
    OneModelLayers {
        /// The model.
        model: String,
    },
    /// Nobody to write the answer.
    #[error("preset `{preset}` has no aggregator")]
    NoAggregator {
        /// The preset.
        preset: String,
    },
    /// Both ways to write layers in one preset.
    #[error("preset `{preset}` writes its layers in two ways at once")]
    MixedLayers {
        /// The preset.
        preset: String,
    },
    /// More answers asked for than a layer can give.
    #[error(
        "layer {layer} of preset `{preset}` wants at least {min_proposals} answers, more than it has agents ({agents})"
    )]
    TooManyProposals {
        /// The preset.
        preset: String,
        /// The layer, counted from 1.
        layer: usize,
        /// The answers wanted.
        min_proposals: u32,
        /// The agents that there are.
        agents: usize,
    },
    /// A number outside its range.
    #[error("`{key}` must be {range}, not {written}")]
    OutOfRange {
        /// The key.
        key: String,
        /// What was written.
        written: String,
        /// What is allowed, in words.
        range: &'static str,
    },
    /// A text that is no duration.
    #[error("`{written}` is not a duration above zero")]
    BadDuration {
        /// The text.
        written: String,
    },
    /// A text that is no duration, not even zero.
    #[error("`{written}` is not a duration")]
    BadWait {
        /// The text.
        written: String,
    },
    /// A text that is no amount of memory.
    #[error("`{written}` is not an amount of memory")]
    BadSize {
        /// The text.
        written: String,
    },
    /// A text that must not be empty.
    #[error("`{key}` must not be empty")]
    Empty {
        /// The key.
        key: &'static str,
    },
    /// `synthesis` and `synthesis-file` in one preset.
    #[error("preset `{preset}` has both `synthesis` and `synthesis-file`")]
    TwoSyntheses {
        /// The preset.
        preset: String,
    },
    /// A text that cannot serve as the synthesis instruction.
    #[error("{message}")]
    BadSynthesis {
        /// Why.
        message: String,
    },
    /// A key beside a kind that has no use for it.
    #[error("`{key}` does not go with the kind `{kind}`")]
    MisplacedKindKey {
        /// The key.
        key: &'static str,
        /// The kind.
        kind: &'static str,
    },
    /// A name in an order of preference that nobody in the preset has.
    #[error("no proposer of this preset is called `{name}` or has a model of that name")]
    UnknownPreferred {
        /// The name.
        name: String,
    },
    /// The aggregator cannot answer several times.
    #[error("aggregators and judges answer once: `samples` is for proposers")]
    AggregatorSamples,
}

impl ProblemKind {
    /// Whether what stands at the place must not be shown.
    pub(crate) fn is_about_a_secret(&self) -> bool {
        matches!(self, Self::InlineKey | Self::UrlCredentials | Self::SecretHeader { .. } | Self::BadKeyHash)
    }

    /// What stands beside the marked place.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "named here",
            Self::UnknownKey { .. } => "unknown key",
            Self::InlineKey | Self::UrlCredentials | Self::SecretHeader { .. } | Self::BadKeyHash => {
                "not shown"
            }
            Self::UnknownModel { .. } => "unknown model",
            Self::UnknownEndpoint { .. } => "unknown endpoint",
            Self::UnknownPreset { .. } => "unknown preset",
            Self::PresetCycle { .. } | Self::ModelCycle { .. } => "the circle closes here",
            Self::NoModelSource { .. } => "says nothing about its source",
            _ => "here",
        }
    }
}
