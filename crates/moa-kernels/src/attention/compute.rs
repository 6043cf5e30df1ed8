//! A thread's share of attention, tile by tile.

use std::cell::RefCell;

use super::Attention;
use super::block::{Attending, Room};
use super::tiles::{Finding, Tiles};
use crate::{Output, Share};

/// Computes this thread's share.
pub(super) fn attend(attention: &Attention<'_>, output: Output, share: Share) {
    thread_local! {
        static SCRATCH: RefCell<(Tiles, Room)> = RefCell::default();
    }
    let instructions = attention.instructions;
    SCRATCH.with_borrow_mut(|(tiles, room)| {
        instructions.run(Finding { tiles, attention, threads: share.of });
        let all = (0..tiles.len()).flat_map(|tile| (0..attention.cell_heads).map(move |head| (tile, head)));
        // Tiles that lie far behind see more cells, so that threads take them in turns.
        for (tile, head) in all.skip(share.index).step_by(share.of) {
            instructions.run(Attending { room, attention, tile: &tiles.get(tile), head, output });
        }
    });
}

impl<'a> Attention<'a> {
    /// The query of a token's head.
    pub(super) fn query(&self, token: usize, head: usize) -> &'a [f32] {
        &self.queries.numbers[token * self.queries.token_stride + head * self.queries.head_stride..]
            [..self.queries.dimensions]
    }

    /// What the mask says of all cells.
    pub(super) fn mask_of(&self, token: usize) -> &'a [u16] {
        &self.mask.numbers[token * self.mask.token_stride..][..self.cells]
    }
}
