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
}
