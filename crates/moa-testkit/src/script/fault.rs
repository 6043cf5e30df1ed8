//! What goes wrong with the connection in the middle of a reply.

use serde::{Deserialize, Serialize};

use super::point::Point;

/// What goes wrong with the connection of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Silence from this point on, until the client leaves.
    StallAt(Point),
    /// The connection is closed in good form (FIN) at this point.
    CloseAt(Point),
    /// The connection is reset (RST) at this point.
    ResetAt(Point),
    /// The connection is closed in good form after so many bytes of the reply, its head included.
    CloseAfterBytes(u64),
    /// The connection is reset after so many bytes of the reply, its head included.
    ResetAfterBytes(u64),
}
