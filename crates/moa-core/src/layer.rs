//! Layers, and where in a mixture a call stands.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::agent::Agent;
use crate::aggregation::Choosing;

/// The place of a layer, counted from 1. The aggregator's layer counts as the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LayerIndex(pub u32);

impl fmt::Display for LayerIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The call of one agent in one layer: what events, stored answers and errors refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId {
    /// The layer, counted from 1.
    pub layer: LayerIndex,
    /// The agent's place in its layer, counted from 1.
    pub agent: u32,
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.layer, self.agent)
    }
}

/// What a layer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerRole {
    /// Its answers are references for the next layer.
    Proposers,
    /// Its one answer is the result.
    Aggregator,
}

/// Agents that are asked at the same time, each with the answers of the layer before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The agents, in the order in which their answers are numbered.
    pub agents: Vec<Agent>,
    /// The layer succeeds when at least this many answers are there.
    pub min_proposals: u32,
    /// The longest that the layer may take; what is not there by then is dropped.
    #[serde(
        default,
        with = "crate::milliseconds",
        rename = "deadline_ms",
        skip_serializing_if = "Option::is_none"
    )]
    pub deadline: Option<Duration>,
    /// How long the others are waited for once `min_proposals` answers are there; without it, until the deadline.
    #[serde(
        default,
        with = "crate::milliseconds",
        rename = "wait_ms",
        skip_serializing_if = "Option::is_none"
    )]
    pub wait: Option<Duration>,
    /// Which of its answers go on; without it, all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<Choosing>,
    /// Whether its agents answer the question alone and read no answers. Theirs then join those of the layer before: whatever reads or chooses
    /// next has them all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub independent: bool,
}

impl Layer {
    /// A layer of the given agents that continues with one answer, waits for all, and has no deadline.
    #[must_use]
    pub fn new(agents: Vec<Agent>) -> Self {
        Self { agents, min_proposals: 1, deadline: None, wait: None, select: None, independent: false }
    }
}
