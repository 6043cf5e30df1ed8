use proptest::prelude::*;

use super::{Attention, Cells, Mask, Queries, attend};
use crate::{Instructions, Output, Share, is_supported};

const HIDDEN: u16 = 0xfc00;

/// Random numbers that are the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        // A linear congruential generator (Knuth's constants); the low bits are weak.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    #[expect(clippy::cast_precision_loss, reason = "any number will do")]
    fn float(&mut self) -> f32 {
        (self.next() % 20_001) as f32 / 10_000.0 - 1.0
    }

    /// A float of 16 bits between -2 and 2.
    fn half(&mut self) -> u16 {
        let (sign, exponent) = (self.next() % 2, 11 + self.next() % 5);
        u16::try_from((sign << 15) | (exponent << 10) | (self.next() % 1024)).unwrap()
    }
}

fn float_of_half(half: u16) -> f64 {
    let sign = if half >> 15 == 1 { -1.0 } else { 1.0 };
    match half >> 10 & 31 {
        0 => sign * f64::from(half & 1023) * 2.0_f64.powi(-24),
        31 => sign * f64::INFINITY,
        exponent => sign * (1.0 + f64::from(half & 1023) / 1024.0) * 2.0_f64.powi(i32::from(exponent) - 15),
    }
}

/// A cache that sequences share, and tokens of them.
struct Case {
    dimensions: usize,
    heads: usize,
    cell_heads: usize,
    cells: usize,
    tokens: usize,
    queries: Vec<f32>,
    keys: Vec<u16>,
    values: Vec<u16>,
    mask: Vec<u16>,
    scale: f32,
}

impl Case {
    /// `owner` says which sequence a cell belongs to, and `tokens` which sequence a token belongs to and how many cells of it it sees.
    fn new(
        [dimensions, group, cell_heads]: [usize; 3],
        owners: &[u8],
        tokens: &[(u8, usize)],
        seed: u64,
    ) -> Self {
        let mut numbers = Numbers(seed);
        let (cells, heads) = (owners.len(), group * cell_heads);
        let width = cell_heads * dimensions;
        let mut mask = vec![HIDDEN; tokens.len() * cells];
        for (token, (owner, seen)) in tokens.iter().enumerate() {
            let own = owners.iter().enumerate().filter(|(_, of)| *of == owner).map(|(cell, _)| cell);
            // Some of what is seen counts less.
            own.take(*seen)
                .for_each(|cell| mask[token * cells + cell] = if cell % 7 == 3 { 0xbc00 } else { 0 });
        }
        Self {
            dimensions,
            heads,
            cell_heads,
            cells,
            tokens: tokens.len(),
            queries: (0..tokens.len() * heads * dimensions).map(|_| numbers.float() * 3.0).collect(),
            keys: (0..cells * width).map(|_| numbers.half()).collect(),
            values: (0..cells * width).map(|_| numbers.half()).collect(),
            mask,
            scale: 0.3,
        }
    }

    /// With whatever instructions there are: they all come to the same.
    fn results(&self, shares: usize) -> Vec<f32> {
        let queries = Queries {
            numbers: &self.queries,
            dimensions: self.dimensions,
            heads: self.heads,
            tokens: self.tokens,
            head_stride: self.dimensions,
            token_stride: self.heads * self.dimensions,
        };
        let cells = |numbers| Cells {
            numbers,
            head_stride: self.dimensions,
            cell_stride: self.cell_heads * self.dimensions,
        };
        let mask = Mask { numbers: &self.mask, token_stride: self.cells };
        let sizes = (self.cells, self.cell_heads);
        let attention =
            Attention::new(queries, [cells(&self.keys), cells(&self.values)], mask, sizes, self.scale)
                .unwrap();
        let of_each = Instructions::available().map(|instructions| {
            let attention = attention.with(instructions);
            let mut results = vec![f32::NAN; self.queries.len()];
            #[expect(unsafe_code, reason = "the vector is there, and this thread's alone")]
            // SAFETY: as the reason says.
            let output = unsafe { Output::new(results.as_mut_ptr(), results.len()) };
            (0..shares).for_each(|index| attend(&attention, output, Share { index, of: shares }));
            (instructions, results)
        });
        let of_each: Vec<_> = of_each.collect();
        let (_, first) = &of_each[0];
        for (instructions, results) in &of_each {
            let is_same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
            assert!(results.iter().zip(first).all(is_same), "{instructions:?}, bit by bit");
        }
        first.clone()
    }

    /// What a head of a token comes to, one cell after the other.
    fn exact(&self, token: usize, head: usize) -> Vec<f64> {
        let cell_head = head / (self.heads / self.cell_heads);
        let query = &self.queries[(token * self.heads + head) * self.dimensions..][..self.dimensions];
        let vector = |numbers: &[u16], cell: usize| -> Vec<f64> {
            let from = (cell * self.cell_heads + cell_head) * self.dimensions;
            numbers[from..from + self.dimensions].iter().copied().map(float_of_half).collect()
        };
        let scores: Vec<f64> = (0..self.cells)
            .map(|cell| {
                let product: f64 = query
                    .iter()
                    .zip(vector(&self.keys, cell))
                    .map(|(query, key)| f64::from(*query) * key)
                    .sum();
                product * f64::from(self.scale) + float_of_half(self.mask[token * self.cells + cell])
            })
            .collect();
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sums = vec![0.0; self.dimensions];
        if largest == f64::NEG_INFINITY {
            return sums;
        }
        let total: f64 = scores.iter().map(|score| (score - largest).exp()).sum();
        for (cell, score) in scores.iter().enumerate() {
            let weight = (score - largest).exp() / total;
            sums.iter_mut().zip(vector(&self.values, cell)).for_each(|(sum, value)| *sum += weight * value);
        }
        sums
    }
}

proptest! {
    /// Sequences whose cells lie among each other, and tokens of theirs in any order: each sees its own, and gets what attention comes to.
    #[test]
    fn attention_is_what_it_comes_to_cell_by_cell(
        blocks_of_dimensions in 1_usize..3,
        group in 1_usize..8,
        cell_heads in 1_usize..3,
        owners in prop::collection::vec(0_u8..3, 1..200),
        tokens in prop::collection::vec((0_u8..3, 0_usize..150), 1..24),
        shares in 1_usize..4,
        seed: u64,
    ) {
        if !is_supported() {
            return Ok(());
        }
        let case = Case::new([blocks_of_dimensions * 64, group, cell_heads], &owners, &tokens, seed);
        let results = case.results(shares);
        for token in 0..case.tokens {
            for head in 0..case.heads {
                let result = &results[(token * case.heads + head) * case.dimensions..][..case.dimensions];
                for (result, exact) in result.iter().zip(case.exact(token, head)) {
                    prop_assert!((f64::from(*result) - exact).abs() < 2e-5, "token {token} head {head}: {result} instead of {exact}");
                }
            }
        }
    }
}

#[test]
fn a_prompt_sees_what_is_before_it() {
    if !is_supported() {
        return;
    }
    let tokens: Vec<(u8, usize)> = (1..=100).map(|seen| (0, seen)).collect();
    let case = Case::new([64, 3, 2], &[0; 100], &tokens, 5);
    let results = case.results(2);
    for token in [0, 1, 62, 63, 64, 99] {
        let exact = case.exact(token, 4);
        let result = &results[(token * 6 + 4) * 64..][..64];
        assert!(
            result.iter().zip(exact).all(|(result, exact)| (f64::from(*result) - exact).abs() < 2e-5),
            "token {token}"
        );
    }
}

#[test]
fn a_token_gets_the_same_wherever_its_cells_lie_and_whoever_is_computed_beside_it() {
    if !is_supported() {
        return;
    }
    // Three sequences in turns, and tokens of each.
    let owners: Vec<u8> = (0..240).map(|cell| cell % 3).collect();
    let tokens: Vec<(u8, usize)> =
        (0..3).flat_map(|owner| (60..=80).map(move |seen| (owner, seen))).collect();
    let mixed = Case::new([64, 3, 2], &owners, &tokens, 11);
    let results = mixed.results(2);
    for owner in 0..3 {
        let width = mixed.cell_heads * mixed.dimensions;
        let own = |numbers: &[u16]| -> Vec<u16> {
            (0..80).flat_map(|at| numbers[(at * 3 + owner) * width..][..width].to_vec()).collect()
        };
        let token = owner * 21 + 20;
        let queries = mixed.heads * mixed.dimensions;
        let alone = Case {
            cells: 80,
            tokens: 1,
            queries: mixed.queries[token * queries..][..queries].to_vec(),
            keys: own(&mixed.keys),
            values: own(&mixed.values),
            mask: (0..80).map(|at| mixed.mask[token * 240 + at * 3 + owner]).collect(),
            ..mixed
        };
        assert!(alone.results(1) == results[token * queries..][..queries], "sequence {owner}, bit by bit");
    }
}

#[test]
fn what_is_no_number_stays_with_its_token() {
    if !is_supported() {
        return;
    }
    for strange in [f32::NAN, f32::INFINITY, f32::MAX] {
        let mut case = Case::new([64, 2, 1], &[0; 70], &[(0, 70), (0, 70)], 13);
        case.queries[..128].fill(strange);
        assert!(case.results(1)[128..].iter().all(|result| result.is_finite()), "beside {strange}");
    }
}

#[test]
fn large_scores_do_not_overflow() {
    if !is_supported() {
        return;
    }
    let mut case = Case::new([64, 1, 1], &[0; 130], &[(0, 130), (0, 70)], 9);
    case.scale = 400.0;
    let results = case.results(1);
    for token in 0..2 {
        let exact = case.exact(token, 0);
        let result = &results[token * 64..][..64];
        assert!(
            result.iter().zip(exact).all(|(result, exact)| (f64::from(*result) - exact).abs() < 1e-2),
            "token {token}"
        );
    }
}

#[test]
fn what_does_not_fit_is_no_attention() {
    let queries = Queries {
        numbers: &[0.0; 64],
        dimensions: 64,
        heads: 1,
        tokens: 1,
        head_stride: 64,
        token_stride: 64,
    };
    let cells = Cells { numbers: &[0; 128], head_stride: 64, cell_stride: 64 };
    let mask = Mask { numbers: &[0; 2], token_stride: 2 };
    let is_made =
        |queries, cells, mask, sizes| Attention::new(queries, [cells, cells], mask, sizes, 1.0).is_some();
    assert_eq!(is_made(queries, cells, mask, (2, 1)), is_supported());
    assert!(!is_made(queries, cells, mask, (3, 1)), "more cells than numbers");
    assert!(!is_made(queries, cells, Mask { numbers: &[0; 1], token_stride: 2 }, (2, 1)), "a short mask");
    assert!(!is_made(Queries { tokens: 2, ..queries }, cells, mask, (2, 1)), "more tokens than queries");
    assert!(
        !is_made(Queries { dimensions: 32, ..queries }, cells, mask, (2, 1)),
        "dimensions that are no whole block"
    );
    assert!(
        !is_made(Queries { token_stride: usize::MAX, tokens: 3, ..queries }, cells, mask, (2, 1)),
        "strides out of all bounds"
    );
    assert!(!is_made(queries, cells, mask, (2, 0)), "no heads");
    assert!(!is_made(queries, cells, mask, (0, 1)), "no cells");
}
