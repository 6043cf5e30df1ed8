//! What is needed to run a mixture once.

use tokio_util::sync::CancellationToken;

use crate::conversation::Conversation;
use crate::event::RunId;
use crate::mixture::Mixture;

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
    pub seed: u64,
    /// Stops the run and all its calls. What was finished by then is reported.
    pub cancel: CancellationToken,
}
