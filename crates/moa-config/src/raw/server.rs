//! How `moa serve` listens and whom it lets in, as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::written::Written;

/// How `moa serve` listens, whom it lets in and what it answers. A project's file may not say any of it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Server")]
pub(crate) struct RawServer {
    /// The address and port to listen on. Default: 127.0.0.1:8080.
    pub(crate) listen: Option<Written<String>>,
    /// Whether a server without keys may listen on an address that others can reach. Default: false.
    pub(crate) allow_anonymous: Option<Written<bool>>,
    /// Names under which the server is reached, such as `moa.example`. A server without keys refuses requests for other names than these,
    /// `localhost` and plain IP addresses, because another site's page could have had its own name point here.
    pub(crate) allowed_hosts: Option<Written<Vec<Written<String>>>>,
    /// Origins whose pages may call the API, such as `https://chat.example`. Default: none but the server's own page.
    pub(crate) cors_origins: Option<Written<Vec<Written<String>>>>,
    /// Keys by the names of their holders. Without any, everybody who reaches the address may ask.
    #[serde(default)]
    pub(crate) keys: BTreeMap<String, Written<RawServerKey>>,
    /// Where ordinary clients find the proposals: `reasoning-content` (default), `reasoning`, or `off`.
    pub(crate) reasoning: Option<Written<RawReasoningField>>,
    /// What becomes of a request with tools: `aggregator` lets the aggregator of the mixture call them (default), `bypass` asks the
    /// aggregator alone, without proposers.
    pub(crate) tools: Option<Written<RawToolPolicy>>,
    /// What becomes of a run whose client leaves: `cancel` (default) or `finish`.
    pub(crate) on_disconnect: Option<Written<RawOnDisconnect>>,
    /// The longest that a client may take nothing of what is written to it. Default: 30s.
    pub(crate) write_idle: Option<Written<String>>,
    /// How long a stream is silent before a comment keeps it alive; at most 10s. Default: 8s.
    pub(crate) keep_alive: Option<Written<String>>,
    /// How long runs may go on when the server is told to stop. Default: 30s.
    pub(crate) drain: Option<Written<String>>,
    /// How long an answer is kept for a client that asks the same again because its connection broke. Default: 5m.
    pub(crate) retry_window: Option<Written<String>>,
    /// The largest request body, in bytes. Default: 20971520.
    #[schemars(range(min = 1))]
    pub(crate) max_body_bytes: Option<Written<u32>>,
    /// Runs at the same time. Default: 16.
    #[schemars(range(min = 1))]
    pub(crate) max_runs: Option<Written<u32>>,
    /// Requests that may wait for a run to end; later ones are refused at once. Default: 64.
    pub(crate) max_queue: Option<Written<u32>>,
    /// What the events of one run may take in memory, in bytes; a run that takes more is ended. Default: 67108864.
    #[schemars(range(min = 1))]
    pub(crate) max_run_bytes: Option<Written<u32>>,
    /// What runs that have ended may take in memory, in bytes, for clients that ask again or come late. Default: 67108864.
    pub(crate) max_kept_bytes: Option<Written<u32>>,
    /// Whether mixtures of the kind `run-candidates` may run, in a sandbox on this machine, the programs that models write. Where not, such a mixture chooses
    /// as it does where there is nothing to compare, and says so. Default: false.
    pub(crate) run_candidates: Option<Written<bool>>,
    /// Mixtures that requests bring along.
    #[serde(default)]
    pub(crate) inline: RawInline,
}

/// Somebody who may ask.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "ServerKey")]
pub(crate) struct RawServerKey {
    /// The SHA-256 of the key in hexadecimal digits, as `moa serve hash-key` prints it. The key itself is kept nowhere.
    pub(crate) sha256: Written<String>,
    /// Runs at the same time. Default: as many as the server allows.
    #[schemars(range(min = 1))]
    pub(crate) max_runs: Option<Written<u32>>,
    /// Runs that may begin within a minute. Default: no limit.
    #[schemars(range(min = 1))]
    pub(crate) requests_per_minute: Option<Written<u32>>,
}

/// Mixtures that requests bring along.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Inline")]
pub(crate) struct RawInline {
    /// Whether there may be any. Default: true.
    pub(crate) allowed: Option<Written<bool>>,
    /// The most layers, the aggregator's included. Default: 4.
    #[schemars(range(min = 1))]
    pub(crate) max_layers: Option<Written<u32>>,
    /// The most agents of a layer. Default: 8.
    #[schemars(range(min = 1))]
    pub(crate) max_agents: Option<Written<u32>>,
    /// The models that they may name. Default: every model that is listed.
    pub(crate) models: Option<Written<Vec<Written<String>>>>,
}

/// Where ordinary clients find the proposals.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub(crate) enum RawReasoningField {
    ReasoningContent,
    Reasoning,
    Off,
}

/// Who sees the tools of a request.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub(crate) enum RawToolPolicy {
    Aggregator,
    Bypass,
}

/// What becomes of a run whose client leaves.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub(crate) enum RawOnDisconnect {
    Cancel,
    Finish,
}
