//! Waits drawn by chance, and yet the same whenever the same call is made again.

use std::time::Duration;

use moa_core::ChatRequest;

/// From what the waits of one call are drawn.
#[derive(Debug, Clone)]
pub(crate) struct Jitter {
    hasher: blake3::Hasher,
}

impl Jitter {
    /// The waits of `request`. Equal questions of different places or runs wait differently, so that they do not come back together.
    pub(crate) fn of(request: &ChatRequest) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(request.key.as_str().as_bytes());
        hasher.update(&request.call.layer.0.to_le_bytes());
        hasher.update(&request.call.agent.to_le_bytes());
        hasher.update(&request.sampling.seed.unwrap_or_default().to_le_bytes());
        Self { hasher }
    }

    /// A time from 0 to `most`, evenly spread over the calls, that depends on the call and on `attempt` alone.
    pub(crate) fn up_to(&self, most: Duration, attempt: u32) -> Duration {
        let mut hasher = self.hasher.clone();
        hasher.update(&attempt.to_le_bytes());
        let mut first = [0; 8];
        hasher.finalize_xof().fill(&mut first);
        let nanoseconds = u64::try_from(most.as_nanos()).unwrap_or(u64::MAX);
        let drawn = (u128::from(u64::from_le_bytes(first)) * u128::from(nanoseconds)) >> 64;
        Duration::from_nanos(u64::try_from(drawn).unwrap_or(nanoseconds))
    }
}
