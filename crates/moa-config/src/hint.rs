//! What to do about each thing that can be wrong.

use crate::kind::ProblemKind;

impl ProblemKind {
    /// What the reader can do about it.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one arm for each thing that can be wrong")]
    pub fn hint(&self) -> Option<String> {
        let did_you_mean =
            |nearest: &Option<String>| nearest.as_ref().map(|name| format!("did you mean `{name}`?"));
        let fixed: &str = match self {
            Self::Unreadable { .. }
            | Self::Syntax { .. }
            | Self::WrongType { .. }
            | Self::OutOfRange { .. }
            | Self::Empty { .. } => return None,
            Self::UnknownKey { nearest, known, .. } => {
                let listed = format!("the keys here are: {}", known.join(", "));
                return did_you_mean(nearest).or((!known.is_empty()).then_some(listed));
            }
            Self::UnknownModel { nearest, .. } => {
                let ways = "name a model of `moa models list` or of [models], endpoint:id such as ollama:llama3.2:1b, \
                            hf:owner/repository/file.gguf, or a path to a .gguf file";
                return did_you_mean(nearest).or(Some(ways.to_owned()));
            }
            Self::UnknownEndpoint { name, nearest } => {
                let define = format!("define it: [endpoints.{name}] with base-url = \"https://...\"");
                return did_you_mean(nearest).or(Some(define));
            }
            Self::UnknownPreset { nearest, known, .. } => {
                return did_you_mean(nearest).or(Some(format!("the presets are: {}", known.join(", "))));
            }
            Self::ModelCycle { chain } => {
                let last = chain.last().map_or("id", String::as_str);
                return Some(format!(
                    "let one of them say where the model comes from, such as {last} = {{ catalogue = \"...\" }}"
                ));
            }
            Self::InlineKey => {
                "put the key into an environment variable and write api-key-env = \"ITS_NAME\", or into a file and write \
                 api-key-file = \"its/path\"; a key that was in a file that others can read should be replaced"
            }
            Self::UrlCredentials => {
                "take out what stands before the @; a service's key is named with api-key-env, and a proxy that wants a \
                 password is set in the environment (HTTPS_PROXY)"
            }
            Self::BadUrl { .. } => {
                "write it like https://api.openai.com/v1, without a user, a password, a query or a fragment"
            }
            Self::NoBaseUrl { .. } => {
                "add base-url = \"https://...\", or base-urls = [\"...\", \"...\"] for several replicas"
            }
            Self::RepeatedUrl { .. } => "name each replica once",
            Self::BadEndpointName { .. } => {
                "use letters, digits, `-`, `_` and `.`; `hf` stands for the hub where models are named"
            }
            Self::BadProxy { .. } => "write it like http://proxy.example:3128, or \"none\" to use no proxy",
            Self::BadHeader { .. } => {
                "write it like X-Title = \"my team\", or X-Secret = { env = \"ITS_VARIABLE\" }"
            }
            Self::SecretHeader { name } => {
                return Some(format!(
                    "put it into an environment variable and write {name} = {{ env = \"ITS_NAME\" }}, or into a file and \
                     write {name} = {{ file = \"its/path\" }}; a secret that was in a file that others can read should be \
                     replaced"
                ));
            }
            Self::BadExtraBody { .. } => "take it out, or write it in the form that the service wants",
            Self::ProjectEndpoint { .. } => {
                "it could send your questions and keys anywhere: move it to your own configuration file, or say that you \
                 trust this file by naming it with --config"
            }
            Self::ProjectServer => {
                "it could let anybody in: move it to your own configuration file, or name this file with --config"
            }
            Self::BadListenAddress { .. } => {
                "write an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080"
            }
            Self::BadOrigin { .. } => "write it like https://chat.example, without a path",
            Self::BadKeyHash => {
                "`moa serve hash-key` prints it; a key that was in a file that others can read should be replaced"
            }
            Self::PresetCycle { .. } => "take `extends` out of one of them",
            Self::NoModelSource { .. } => {
                "give it one of: catalogue = \"id\", hub = \"hf:owner/repository/file.gguf\", path = \"file.gguf\", or \
                 endpoint = \"name\" with id = \"...\""
            }
            Self::NoModelId { .. } => "add id = \"the id that the endpoint knows\"",
            Self::SeveralModelSources { .. }
            | Self::TwoKeySources
            | Self::TwoBaseUrls
            | Self::TwoSyntheses { .. } => "keep one of them",
            Self::MisplacedModelKey { .. } => {
                "sequences and kv-cache are for local models; id, successors, price, images and stream are for models behind an endpoint"
            }
            Self::BadHubReference { .. } => "write it like hf:owner/repository/file.gguf",
            Self::EmptyLayer { .. } => "name at least one model",
            Self::TooManyAgents { .. } => "lower `samples` or take agents out",
            Self::NoProposers { .. } => "add proposers = [\"a-model\", ...], or write layers = 1",
            Self::OneModelLayers { .. } => "name a preset with --preset to ask several models in layers",
            Self::NoAggregator { .. } => "add aggregator = \"a-model\", or extends = \"another-preset\"",
            Self::MixedLayers { .. } => {
                "keep either `layers` and `proposers`, or the [[presets.NAME.layer]] tables"
            }
            Self::TooManyProposals { .. } => "lower min-proposals or add agents",
            Self::BadDuration { .. } => "write it like \"90s\", \"2m\" or \"1m 30s\"",
            Self::BadSize { .. } => "write it like \"4GB\", \"512 MB\" or \"1.5 GiB\"",
            Self::BadWait { .. } => "write it like \"0s\", \"90s\" or \"1m 30s\"",
            Self::BadSynthesis { .. } => {
                "write {{ responses }} where the answers shall stand, and {% raw %} around marks that are not for the template"
            }
            Self::MisplacedKindKey { .. } => "take it out, or choose another kind",
            Self::UnknownPreferred { .. } => "name agents or models of the preset's layers",
            Self::AggregatorSamples => "sample it in a layer of proposers",
        };
        Some(fixed.to_owned())
    }
}
