//! How far a model's KV cache may grow in the memory budget.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::kv::CELL_BLOCK;
use crate::host::Footprint;
use crate::scheduler::Lease;

/// The cells for which a model has room in memory.
#[derive(Debug)]
pub(crate) struct KvRoom {
    lease: Arc<Lease>,
    stop: Arc<AtomicBool>,
    weight_bytes: u64,
    bytes_per_token: u64,
    context_tokens: u32,
    cells: u32,
}

impl KvRoom {
    /// The room of a model that has just been loaded: one full context.
    pub(crate) fn new(lease: Arc<Lease>, stop: Arc<AtomicBool>, footprint: &Footprint) -> Self {
        Self {
            lease,
            stop,
            weight_bytes: footprint.weight_bytes,
            bytes_per_token: footprint.kv_bytes_per_token,
            context_tokens: footprint.context_tokens,
            cells: footprint.context_tokens.next_multiple_of(CELL_BLOCK),
        }
    }

    /// The cells for which there is room: enough for `cells` where they can be had. Idle models leave for them.
    pub(crate) fn up_to(&mut self, cells: u32) -> u32 {
        let cells = cells.next_multiple_of(CELL_BLOCK);
        if cells > self.cells {
            let bytes = self.weight_bytes + self.bytes_per_token * u64::from(cells);
            if self.lease.extend(bytes, &self.stop) {
                self.cells = cells;
            }
        }
        self.cells
    }

    /// The cells whose contents may be kept outside of a cache of `cells` cells: another full context, but with a budget no more than what the
    /// model has anyway, because others need what is left more than what is only kept in case.
    pub(crate) fn beside(&self, cells: u32) -> usize {
        let room =
            if self.lease.is_bounded() { self.cells.saturating_sub(cells) } else { self.context_tokens };
        room as usize
    }
}
