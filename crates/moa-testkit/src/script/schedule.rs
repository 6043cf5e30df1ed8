//! Phases of the mock's life: healthy, failing, slow, down.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A part of the mock's life, which rules can be bound to (`when.phase`).
///
/// The phase at a moment is the last one in the list that has begun. A phase with neither `after` nor `after-requests` begins with the
/// mock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Phase {
    /// The name.
    pub name: String,
    /// Begins so long after the mock's start, by tokio's clock.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::duration::optional")]
    pub after: Option<Duration>,
    /// Begins once so many chat requests have arrived: the next one is the first of the phase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_requests: Option<u64>,
    /// What becomes of new connections.
    #[serde(default, skip_serializing_if = "Accept::is_serve")]
    pub accept: Accept,
}

/// What becomes of new connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accept {
    /// They are served.
    #[default]
    Serve,
    /// They are refused: nobody listens on the port. Requests in flight go on; idle connections are closed.
    Refuse,
    /// As `refuse`, and every open connection is reset, as when the process dies.
    Down,
    /// They are accepted and then nothing is said, not even a TLS handshake.
    Silent,
    /// They are accepted and reset at once.
    Reset,
}

impl Accept {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    fn is_serve(&self) -> bool {
        *self == Self::Serve
    }

    /// Whether nobody listens.
    pub(crate) fn refuses(self) -> bool {
        matches!(self, Self::Refuse | Self::Down)
    }
}

impl Phase {
    /// A phase that begins with the mock.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), after: None, after_requests: None, accept: Accept::Serve }
    }

    /// Begins so long after the mock's start.
    #[must_use]
    pub fn after(mut self, time: Duration) -> Self {
        self.after = Some(time);
        self
    }

    /// Begins once so many requests have arrived.
    #[must_use]
    pub fn after_requests(mut self, requests: u64) -> Self {
        self.after_requests = Some(requests);
        self
    }

    /// What becomes of new connections.
    #[must_use]
    pub fn accept(mut self, accept: Accept) -> Self {
        self.accept = accept;
        self
    }

    /// Whether the phase has begun.
    pub(crate) fn has_begun(&self, elapsed: Duration, requests: u64) -> bool {
        self.after.is_none_or(|after| elapsed >= after)
            && self.after_requests.is_none_or(|after| requests >= after)
    }
}
