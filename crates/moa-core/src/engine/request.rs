//! What is needed to run a mixture once.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::seed::seed_of_call;
use crate::conversation::Conversation;
use crate::event::RunId;
use crate::layer::CallId;
use crate::mixture::Mixture;
use crate::tool::Tools;

/// One run: what to ask whom.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// Names the run. Made by the caller, so that it can be told to others before the run starts.
    pub id: RunId,
    /// When the run starts, in milliseconds since 1970 (UTC). The engine itself reads no wall clock.
    pub started_at_unix_ms: u64,
    /// The mixture.
    pub mixture: Mixture,
    /// What was said so far, the question last.
    pub conversation: Conversation,
    /// From which the seeds of the calls are derived.
    pub seed: RunSeed,
    /// The tools that the aggregator may call. Proposers get none.
    pub tools: Option<Arc<Tools>>,
    /// The form that the answer must have. Proposals are free.
    pub response_format: Option<Arc<serde_json::Value>>,
    /// The most that the run may cost, in US dollars. Calls that could pass it are not made.
    pub max_cost_usd: Option<f64>,
    /// What was said about the run that nothing reads. It is kept in the trace and changes nothing.
    pub unused_fields: serde_json::Map<String, serde_json::Value>,
    /// What the reader of the trace should know of how the mixture suits the request, a line each. It changes nothing.
    pub notes: Vec<String>,
    /// Stops the run and all its calls. What was finished by then is reported.
    pub cancel: CancellationToken,
}

/// The seed of a run, and whether somebody wanted this very one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunSeed {
    /// Somebody chose it: another seed asks for other answers.
    Given(u64),
    /// Drawn by chance: any other would have done as well.
    Drawn(u64),
}

impl RunSeed {
    /// The number.
    #[must_use]
    pub fn value(self) -> u64 {
        match self {
            Self::Given(seed) | Self::Drawn(seed) => seed,
        }
    }

    /// The seed that the engine gives to a call of the run whose agent has none of its own.
    #[must_use]
    pub fn of_call(self, call: CallId) -> u64 {
        seed_of_call(self.value(), call)
    }
}

impl RunRequest {
    /// A run of `mixture` with neither tools nor a cap on its cost.
    #[must_use]
    pub fn new(
        id: RunId,
        started_at_unix_ms: u64,
        mixture: Mixture,
        conversation: Conversation,
        seed: RunSeed,
    ) -> Self {
        Self {
            id,
            started_at_unix_ms,
            mixture,
            conversation,
            seed,
            tools: None,
            response_format: None,
            max_cost_usd: None,
            unused_fields: serde_json::Map::new(),
            notes: Vec::new(),
            cancel: CancellationToken::new(),
        }
    }
}
