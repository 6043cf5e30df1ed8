use proptest::prelude::*;

use super::{Format, Inputs, Matrix, Workspace, multiply};
use crate::{Instructions, Output, Share, is_supported};

const FORMATS: [Format; 8] = [
    Format::Q4_0,
    Format::Q4_1,
    Format::Q5_0,
    Format::Q5_1,
    Format::Q8_0,
    Format::Q4K,
    Format::Q5K,
    Format::Q6K,
];

/// Random numbers that are the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        // A linear congruential generator (Knuth's constants); the low bits are weak.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    #[expect(clippy::cast_precision_loss, reason = "any number will do")]
    fn float(&mut self) -> f32 {
        (self.next() % 20_001) as f32 / 10_000.0 - 1.0
    }

    /// A small positive float of 16 bits: between 2^-9 and 2^-7.
    fn half(&mut self) -> u16 {
        let exponent = 6 + self.next() % 2;
        u16::try_from((exponent << 10) | (self.next() % 1024)).unwrap()
    }
}

fn float_of_half(half: u16) -> f32 {
    let exponent = i32::from(half >> 10 & 31);
    (1.0 + f32::from(half & 1023) / 1024.0) * 2.0_f32.powi(exponent - 15)
}

/// Where a unit's floats of 16 bits lie.
fn halves_at(format: Format) -> &'static [usize] {
    match format {
        Format::Q4_0 | Format::Q5_0 | Format::Q8_0 => &[0],
        Format::Q6K => &[208],
        _ => &[0, 2],
    }
}

/// The bytes of a unit.
fn unit(format: Format, numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..format.unit_bytes()).map(|_| numbers.byte()).collect();
    for at in halves_at(format) {
        bytes[*at..at + 2].copy_from_slice(&numbers.half().to_le_bytes());
    }
    bytes
}

/// What the weights of a row are as floats: slowly, and each in its own words.
fn floats(format: Format, row: &[u8]) -> Vec<f32> {
    row.chunks_exact(format.unit_bytes()).flat_map(|unit| floats_of_unit(format, unit)).collect()
}

fn floats_of_unit(format: Format, bytes: &[u8]) -> Vec<f32> {
    let half = |at: usize| float_of_half(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let nibble = |at: usize, column: usize, span: usize| {
        let byte = bytes[at + column % span];
        if column < span { byte & 15 } else { byte >> 4 }
    };
    let fifth = |at: usize, column: usize| (bytes[at + column / 8] >> (column % 8) & 1) << 4;
    let six_bits = |block: usize| {
        let packed = &bytes[4..16];
        if block < 4 {
            (packed[block] & 63, packed[block + 4] & 63)
        } else {
            (
                packed[block + 4] & 15 | packed[block - 4] >> 6 << 4,
                packed[block + 4] >> 4 | packed[block] >> 6 << 4,
            )
        }
    };
    let weight = |column: usize| -> f32 {
        match format {
            Format::Q4_0 => half(0) * (f32::from(nibble(2, column, 16)) - 8.0),
            Format::Q4_1 => half(0) * f32::from(nibble(4, column, 16)) + half(2),
            Format::Q5_0 => half(0) * (f32::from(nibble(6, column, 16) | fifth(2, column)) - 16.0),
            Format::Q5_1 => half(0) * f32::from(nibble(8, column, 16) | fifth(4, column)) + half(2),
            Format::Q8_0 => half(0) * f32::from(bytes[2 + column].cast_signed()),
            Format::Q4K | Format::Q5K => {
                let (scale, minimum) = six_bits(column / 32);
                let (at, fifth) = if format == Format::Q4K {
                    (16, 0)
                } else {
                    (48, (bytes[16 + column % 32] >> (column / 32) & 1) << 4)
                };
                let low = nibble(at + column / 64 * 32, column % 64, 32);
                half(0) * f32::from(scale) * f32::from(low | fifth) - half(2) * f32::from(minimum)
            }
            Format::Q6K => {
                let within = column % 128;
                let low = bytes[column / 128 * 64 + within % 64] >> (within / 64 * 4) & 15;
                let high = bytes[128 + column / 128 * 32 + within % 32] >> (within / 32 * 2) & 3;
                let scale = f32::from(bytes[192 + column / 16].cast_signed());
                half(208) * scale * (f32::from(low | high << 4) - 32.0)
            }
        }
    };
    (0..format.unit_columns()).map(weight).collect()
}

/// Weights in a format, and as floats by row.
fn weights(format: Format, rows: usize, columns: usize, numbers: &mut Numbers) -> (Vec<u8>, Vec<Vec<f32>>) {
    let mut all = Vec::new();
    let mut floats = vec![Vec::new(); rows];
    for row in &mut floats {
        for _ in 0..columns / format.unit_columns() {
            let bytes = unit(format, numbers);
            row.extend(floats_of_unit(format, &bytes));
            all.extend(bytes);
        }
    }
    (all, floats)
}

/// A product, computed by so many threads.
#[expect(unsafe_code, reason = "threads that write to one result")]
fn compute(matrix: Matrix<'_>, inputs: Inputs<'_>, shares: usize) -> Vec<f32> {
    let mut results = vec![f32::NAN; matrix.rows * inputs.tokens()];
    // SAFETY: the vector is there until the threads are done, and nobody else's.
    let output = unsafe { Output::new(results.as_mut_ptr(), results.len()) };
    let mut workspace = Workspace::default();
    workspace.prepare(matrix.format, matrix.columns, inputs.tokens());
    std::thread::scope(|scope| {
        for index in 0..shares {
            let workspace = &workspace;
            // SAFETY: each share has a thread of its own.
            scope.spawn(move || unsafe {
                multiply(matrix, inputs, output, Share { index, of: shares }, workspace);
            });
        }
    });
    results
}

/// With whatever instructions there are: they all come to the same, to the last bit.
fn product(matrix: Matrix<'_>, inputs: Inputs<'_>, shares: usize) -> Vec<f32> {
    let with = |instructions| compute(matrix.with(instructions), inputs, shares);
    let results = with(Instructions::best().unwrap());
    for instructions in Instructions::available().skip(1) {
        let others = with(instructions);
        let differs = |(a, b): (&f32, &f32)| a.to_bits() != b.to_bits();
        let first = results.iter().zip(&others).position(differs);
        assert_eq!(first, None, "{:?} {instructions:?}: the first result that differs", matrix.format);
    }
    results
}

proptest! {
    /// The product is that of the weights as floats with the inputs as floats, but for the rounding of the inputs to 8 bits.
    #[test]
    fn a_product_is_that_of_floats(
        format in prop::sample::select(FORMATS.as_slice()),
        panels in 1_usize..4,
        units in 1_usize..10,
        tokens in 1_usize..15,
        padding in 0_usize..5,
        shares in 1_usize..5,
        seed: u64,
    ) {
        if !is_supported() {
            return Ok(());
        }
        let (rows, columns) = (panels * 32, if format.unit_columns() == 32 { units * 64 } else { units * 256 });
        let mut numbers = Numbers(seed);
        let (bytes, floats) = weights(format, rows, columns, &mut numbers);
        let stride = columns + padding;
        let given: Vec<f32> = (0..tokens * stride).map(|_| numbers.float()).collect();
        let matrix = Matrix::new(format, rows, columns, &bytes).unwrap();
        let results = product(matrix, Inputs::new(&given, columns, stride, tokens).unwrap(), shares);
        for token in 0..tokens {
            let inputs = &given[token * stride..][..columns];
            for row in 0..rows {
                let exact: f64 = floats[row].iter().zip(inputs).map(|(weight, input)| f64::from(*weight) * f64::from(*input)).sum();
                // Each input is off by half of a step of 1/127 at most; the errors add up as in a random walk, here with six standard deviations.
                let squares: f64 = floats[row].iter().map(|weight| f64::from(*weight).powi(2)).sum();
                let bound = 6.0 * squares.sqrt() / 127.0 / 12.0_f64.sqrt() + 1e-4;
                let result = f64::from(results[token * rows + row]);
                prop_assert!((result - exact).abs() <= bound, "{format:?} token {token} row {row}: {result} instead of {exact}, bound {bound}");
            }
        }
    }
}

/// llama.cpp computes a graph again without showing it, and perhaps with another number of threads.
#[test]
#[expect(unsafe_code, reason = "threads that write to one result")]
fn a_workspace_serves_products_of_any_number_of_threads() {
    if !is_supported() {
        return;
    }
    let (rows, columns, tokens) = (128, 256, 8);
    let mut numbers = Numbers(4);
    let (bytes, _) = weights(Format::Q4K, rows, columns, &mut numbers);
    let given: Vec<f32> = (0..tokens * columns).map(|_| numbers.float()).collect();
    let matrix = Matrix::new(Format::Q4K, rows, columns, &bytes).unwrap();
    let inputs = Inputs::new(&given, columns, columns, tokens).unwrap();
    let mut workspace = Workspace::default();
    workspace.prepare(Format::Q4K, columns, tokens);
    let expected = product(matrix, inputs, 1);
    for threads in [2, 3, 4, 3, 2, 4] {
        let mut results = vec![f32::NAN; rows * tokens];
        // SAFETY: the vector is there until the threads are done, and nobody else's.
        let output = unsafe { Output::new(results.as_mut_ptr(), results.len()) };
        std::thread::scope(|scope| {
            for index in 0..threads {
                let workspace = &workspace;
                // SAFETY: each share has a thread of its own.
                scope.spawn(move || unsafe {
                    multiply(matrix, inputs, output, Share { index, of: threads }, workspace);
                });
            }
        });
        assert_eq!(results, expected, "{threads} threads");
    }
}

#[test]
fn inputs_of_nothing_give_nothing() {
    if !is_supported() {
        return;
    }
    let mut numbers = Numbers(1);
    for format in FORMATS {
        let (bytes, _) = weights(format, 32, 256, &mut numbers);
        let given = vec![0.0; 512];
        let matrix = Matrix::new(format, 32, 256, &bytes).unwrap();
        let results = product(matrix, Inputs::new(&given, 256, 256, 2).unwrap(), 1);
        assert_eq!(results, vec![0.0; 64], "{format:?}");
    }
}

#[test]
fn what_is_no_number_does_not_panic() {
    if !is_supported() {
        return;
    }
    let mut numbers = Numbers(3);
    for format in FORMATS {
        let (bytes, _) = weights(format, 32, 256, &mut numbers);
        let matrix = Matrix::new(format, 32, 256, &bytes).unwrap();
        for strange in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE] {
            let mut given = vec![1.0; 512];
            given[..256].fill(strange);
            let inputs = Inputs::new(&given, 256, 256, 2).unwrap();
            for instructions in Instructions::available() {
                let results = compute(matrix.with(instructions), inputs, 1);
                assert!(
                    results[32..].iter().all(|result| result.is_finite()),
                    "{format:?} {instructions:?}: the other token, beside {strange}"
                );
            }
        }
    }
}

#[test]
fn whole_bytes_are_multiplied_exactly() {
    if !is_supported() {
        return;
    }
    // With 127 among a group's inputs the others are whole steps, so nothing is rounded.
    let mut numbers = Numbers(2);
    for format in FORMATS {
        let (bytes, floats) = weights(format, 32, 256, &mut numbers);
        let mut given: Vec<f32> =
            (0..256).map(|_| f32::from(numbers.byte().cast_signed().max(-127))).collect();
        given.iter_mut().step_by(32).for_each(|first| *first = 127.0);
        let matrix = Matrix::new(format, 32, 256, &bytes).unwrap();
        let results = product(matrix, Inputs::new(&given, 256, 256, 1).unwrap(), 1);
        for (row, weights) in floats.iter().enumerate() {
            let exact: f64 = weights
                .iter()
                .zip(&given)
                .map(|(weight, input)| f64::from(*weight) * f64::from(*input))
                .sum();
            let magnitude: f64 =
                weights.iter().zip(&given).map(|(weight, input)| f64::from(weight * input).abs()).sum();
            assert!(
                (f64::from(results[row]) - exact).abs() <= magnitude * 1e-6,
                "{format:?} row {row}: {} instead of {exact}",
                results[row]
            );
        }
    }
}

/// Sums of 16 bits, as they are without VNNI, must hold what the largest weights and inputs come to.
#[test]
fn the_largest_weights_and_inputs_do_not_overflow() {
    if !is_supported() {
        return;
    }
    for format in FORMATS {
        for (fill, input) in [(0xff, 1.0), (0xff, -1.0), (0x00, 1.0), (0x80, 1.0), (0x80, -1.0), (0x7f, -1.0)]
        {
            let mut bytes = vec![fill; format.row_bytes(256) * 32];
            for unit in bytes.chunks_exact_mut(format.unit_bytes()) {
                // 2^-8.
                for at in halves_at(format) {
                    unit[*at..at + 2].copy_from_slice(&0x1c00_u16.to_le_bytes());
                }
            }
            let given = vec![input; 256 * 7];
            let matrix = Matrix::new(format, 32, 256, &bytes).unwrap();
            let results = product(matrix, Inputs::new(&given, 256, 256, 7).unwrap(), 1);
            assert!(
                results.iter().all(|result| result.to_bits() == results[0].to_bits()),
                "{format:?} {fill:x}"
            );
            let weights = floats(format, &bytes[..format.row_bytes(256)]);
            let exact: f64 = weights.iter().map(|weight| f64::from(weight * input)).sum();
            let magnitude: f64 = weights.iter().map(|weight| f64::from(weight.abs())).sum();
            assert!(
                (f64::from(results[0]) - exact).abs() <= magnitude * 1e-6,
                "{format:?} {fill:x}: {} instead of {exact}",
                results[0]
            );
        }
    }
}

#[test]
fn what_does_not_fit_is_no_matrix() {
    let bytes = vec![0; Format::Q4_0.row_bytes(64) * 32];
    for (rows, columns) in [(0, 64), (32, 0), (16, 64), (32, 32), (64, 64), (usize::MAX / 32 * 32, 64)] {
        assert!(Matrix::new(Format::Q4_0, rows, columns, &bytes).is_none(), "{rows} x {columns}");
    }
    assert_eq!(Matrix::new(Format::Q4_0, 32, 64, &bytes).is_some(), is_supported());
    assert!(!Matrix::is_suitable(Format::Q6K, 32, 128));
    assert!(Inputs::new(&[0.0; 10], 4, 3, 1).is_none());
    assert!(Inputs::new(&[0.0; 10], 4, 6, 3).is_none());
    assert!(Inputs::new(&[0.0; 10], 4, 6, 2).is_some());
}
