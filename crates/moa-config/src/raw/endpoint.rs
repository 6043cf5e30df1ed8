//! An endpoint, as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::RawHeader;
use crate::written::Written;

/// A service that speaks the OpenAI API. Its key never stands in the file: name a variable or a file that holds it, or neither for a
/// service that needs none.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Endpoint")]
pub(crate) struct RawEndpoint {
    /// The address up to and including the version, such as `https://api.openai.com/v1`.
    pub(crate) base_url: Option<Written<String>>,
    /// The addresses of several replicas that serve the same models, instead of `base-url`.
    pub(crate) base_urls: Option<Written<Vec<Written<String>>>>,
    /// The environment variable that holds the key, such as `TOGETHER_API_KEY`.
    pub(crate) api_key_env: Option<Written<String>>,
    /// A file that holds the key and nothing else. A relative path starts at this file's folder, `~/` at the home folder.
    pub(crate) api_key_file: Option<Written<String>>,
    /// Headers that are added to every request. Those that are secret name a variable or a file that holds them.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Written<RawHeader>>,
    /// A file of PEM certificates that are trusted besides those of the system, for a service with a certificate of one's own. A
    /// relative path starts at this file's folder, `~/` at the home folder.
    pub(crate) ca_file: Option<Written<String>>,
    /// The proxy through which the service is reached, such as `http://proxy.example:3128`, or `none`. Default: what the environment says
    /// (`HTTPS_PROXY` and its like).
    pub(crate) proxy: Option<Written<String>>,
    /// The longest that connecting may take. Default: 10s.
    pub(crate) connect_timeout: Option<Written<String>>,
    /// The longest that the first token may take once a request is sent. Default: 2m.
    pub(crate) first_token_timeout: Option<Written<String>>,
    /// The longest that nothing may come once an answer has begun. Default: 1m.
    pub(crate) idle_timeout: Option<Written<String>>,
    /// How often a call is tried again that failed for a reason that may pass, before a word of its answer came. Default: 5.
    #[schemars(range(max = 20))]
    pub(crate) retries: Option<Written<u32>>,
    /// The longest wait before a call is tried again. Where the service asks for a longer one, the call fails instead. Default: 30s.
    pub(crate) retry_wait_max: Option<Written<String>>,
    /// A second request is made for an answer that has not begun after this time, such as `5s`; whichever begins first is taken. With
    /// `auto` the time is learnt from the latest answers. Costs more. Default: never.
    pub(crate) hedge_after: Option<Written<String>>,
    /// After so many failures in a row the service is left alone for a while. 0 never leaves it alone. Default: 5.
    #[schemars(range(max = 1000))]
    pub(crate) breaker_failures: Option<Written<u32>>,
    /// How long it is left alone before one request tries it again. Default: 30s.
    pub(crate) breaker_pause: Option<Written<String>>,
    /// The most requests that are under way at the same time. Default: no limit.
    #[schemars(range(min = 1))]
    pub(crate) max_in_flight: Option<Written<u32>>,
    /// The most requests in any minute. Default: no limit.
    #[schemars(range(min = 1))]
    pub(crate) requests_per_minute: Option<Written<u32>>,
    /// The most tokens, read and written, in any minute. Default: no limit.
    #[schemars(range(min = 1))]
    pub(crate) tokens_per_minute: Option<Written<u32>>,
    /// The most calls that may wait because of these limits; beyond them a call fails at once. Default: 256.
    pub(crate) max_queue: Option<Written<u32>>,
    /// Whether answers are asked for piece by piece. Default: true.
    pub(crate) stream: Option<Written<bool>>,
    /// The name under which the service expects the most tokens of an answer. Default: auto.
    pub(crate) max_tokens_field: Option<Written<RawMaxTokensField>>,
    /// Fields that are added to the body of every request, such as `{ top_a = 0.2 }`.
    pub(crate) extra_body: Option<Written<serde_json::Map<String, serde_json::Value>>>,
}

/// The name of the field that caps an answer.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MaxTokensField")]
pub(crate) enum RawMaxTokensField {
    /// What the service is known to expect.
    Auto,
    /// The older name, which most services know.
    MaxTokens,
    /// The newer name, which OpenAI's models that think insist on.
    MaxCompletionTokens,
}
