//! The same contender has the same colour and form in all figures.

use crate::board::Board;
use crate::chart::{Colour, Shape};

/// The contenders, in the order in which they come first.
pub(crate) struct Palette {
    contenders: Vec<String>,
}

impl Palette {
    pub(crate) fn of(boards: &[Board]) -> Self {
        let mut contenders: Vec<String> = Vec::new();
        for row in boards.iter().flat_map(|board| &board.rows) {
            if !contenders.contains(&row.contender) {
                contenders.push(row.contender.clone());
            }
        }
        Self { contenders }
    }

    pub(crate) fn place(&self, contender: &str) -> usize {
        self.contenders.iter().position(|known| known == contender).unwrap_or(self.contenders.len())
    }

    pub(crate) fn colour(&self, contender: &str) -> Colour {
        Colour::Series(self.place(contender))
    }

    pub(crate) fn shape(&self, contender: &str) -> Shape {
        Shape::of(self.place(contender))
    }
}
