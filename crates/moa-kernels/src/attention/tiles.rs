//! Which tokens are computed together, and on which cells.
//!
//! Where sequences share a cache, most cells are hidden from most tokens, and what a token sees lies anywhere. So a tile has a list of the
//! cells that its tokens see, and blocks are made of that list. Its tokens see ever more of it, as those of one sequence do: then what a
//! token gets depends on the cells that it sees and on nothing else, neither on where they lie nor on who is computed beside it, to the last bit.

use std::ops::Range;

use super::Attention;
use crate::simd::{HalfFloats, Simd, Work};

/// Tokens of a tile, at most.
const MOST_TOKENS: usize = 16;

/// How many cells may be computed for a token that does not see them: one for so many that are seen.
const SEEN_FOR_ONE_IN_VAIN: usize = 4;

/// Tiles of tokens.
#[derive(Debug, Default)]
pub(super) struct Tiles {
    /// The tokens of each, and where its cells lie.
    found: Vec<(Range<usize>, Range<usize>)>,
    /// The cells of all tiles.
    cells: Vec<usize>,
    /// A bit for each cell that the tile's last token sees, and for those that the next one sees.
    seen: Vec<u64>,
    seen_by_next: Vec<u64>,
}

/// Tokens, and the cells that the last of them sees.
#[derive(Debug)]
pub(super) struct Tile<'a> {
    pub(super) tokens: Range<usize>,
    pub(super) cells: &'a [usize],
}

impl Tiles {
    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    pub(super) fn get(&self, tile: usize) -> Tile<'_> {
        let (tokens, cells) = &self.found[tile];
        Tile { tokens: tokens.clone(), cells: &self.cells[cells.clone()] }
    }

    fn end(&mut self, tokens: Range<usize>) {
        let first = self.cells.len();
        for (word, bits) in self.seen.iter().enumerate() {
            let mut left = *bits;
            while left != 0 {
                self.cells.push(word * 64 + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
        self.found.push((tokens, first..self.cells.len()));
    }
}

/// Divides all tokens into tiles, so small that so many threads have something to do.
pub(super) struct Finding<'a> {
    pub(super) tiles: &'a mut Tiles,
    pub(super) attention: &'a Attention<'a>,
    pub(super) threads: usize,
}

impl Work for Finding<'_> {
    type Output = ();

    #[inline(always)]
    fn on<S: Simd>(self, simd: S) {
        let Self { tiles, attention, threads } = self;
        tiles.found.clear();
        tiles.cells.clear();
        let most_tokens = (attention.parts() / threads).clamp(1, MOST_TOKENS);
        let mut first = 0;
        let mut seen_by_each = 0;
        for token in 0..attention.queries.tokens {
            HalfFloats(attention.mask_of(token)).find_seen(simd, &mut tiles.seen_by_next);
            let by_next: usize = tiles.seen_by_next.iter().map(|word| word.count_ones() as usize).sum();
            if token > first {
                let sees_all =
                    tiles.seen.iter().zip(&tiles.seen_by_next).all(|(seen, by_next)| seen & !by_next == 0);
                let computed = by_next * (token - first + 1);
                let in_vain = computed.saturating_sub(seen_by_each + by_next);
                if !sees_all || token - first == most_tokens || in_vain * SEEN_FOR_ONE_IN_VAIN > computed {
                    tiles.end(first..token);
                    first = token;
                    seen_by_each = 0;
                }
            }
            seen_by_each += by_next;
            std::mem::swap(&mut tiles.seen, &mut tiles.seen_by_next);
        }
        if first < attention.queries.tokens {
            tiles.end(first..attention.queries.tokens);
        }
    }
}
