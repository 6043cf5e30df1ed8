//! Measures products: billions of multiplications and additions a second, by instructions, format, tokens and threads.
//!
//! `cargo run --release -p moa-kernels --example products [ROWS COLUMNS [TOKENS ...]]`

#![allow(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measuring tool"
)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use moa_kernels::{Format, Inputs, Instructions, Matrix, Output, Share, Workspace, multiply};

const FORMATS: [Format; 5] = [Format::Q4K, Format::Q6K, Format::Q5_0, Format::Q8_0, Format::Q4_1];
const TOKENS: [usize; 8] = [1, 2, 4, 8, 16, 32, 128, 256];

fn main() {
    let numbers: Result<Vec<usize>, _> = std::env::args().skip(1).map(|text| text.parse()).collect();
    let Ok(numbers) = numbers else {
        return println!("usage: products [ROWS COLUMNS [TOKENS ...]], all of them numbers");
    };
    let (rows, columns) = if let [rows, columns, ..] = numbers[..] { (rows, columns) } else { (8960, 1536) };
    let tokens = numbers.get(2..).filter(|tokens| !tokens.is_empty()).unwrap_or(&TOKENS);
    println!("{rows} x {columns}; tokens {tokens:?}");
    for format in FORMATS.into_iter().filter(|format| Matrix::is_suitable(*format, rows, columns)) {
        for instructions in Instructions::available() {
            for threads in [1, 2] {
                let figures: Vec<String> = tokens
                    .iter()
                    .map(|tokens| {
                        format!("{:6.0}", speed(instructions, format, (rows, columns), *tokens, threads))
                    })
                    .collect();
                println!("{format:?}, {}, {threads} threads: {}", instructions.name(), figures.join(" "));
            }
        }
    }
}

/// Billions of operations a second: the median of several rounds.
fn speed(
    instructions: Instructions,
    format: Format,
    (rows, columns): (usize, usize),
    tokens: usize,
    threads: usize,
) -> f64 {
    // Scales of 2^-8 wherever they may lie, so that nothing is out of range.
    let bytes: Vec<u8> =
        (0..rows * format.row_bytes(columns)).map(|at| if at % 2 == 0 { 0 } else { 0x1c }).collect();
    let inputs: Vec<f32> = (0..tokens * columns).map(|at| (at % 255) as f32 - 127.0).collect();
    let mut results = vec![0.0; tokens * rows];
    let Some(matrix) = Matrix::new(format, rows, columns, &bytes) else { return 0.0 };
    let matrix = matrix.with(instructions);
    let Some(inputs) = Inputs::new(&inputs, columns, columns, tokens) else { return 0.0 };
    let mut workspace = Workspace::default();
    workspace.prepare(format, columns, tokens);
    let operations = 2.0 * (rows * columns * tokens) as f64;
    let repeats = (4e9 / operations).ceil() as usize;
    let mut seconds: Vec<f64> = (0..7)
        .map(|_| {
            let started = Instant::now();
            #[expect(unsafe_code, reason = "the results are there until the threads are done")]
            // SAFETY: as the reason says; the threads write to different ones.
            let output = unsafe { Output::new(results.as_mut_ptr(), results.len()) };
            let (done, workspace) = (&AtomicUsize::new(0), &workspace);
            std::thread::scope(|scope| {
                for index in 0..threads {
                    scope.spawn(move || {
                        for repeat in 1..=repeats {
                            let share = Share { index, of: threads };
                            #[expect(
                                unsafe_code,
                                reason = "one thread for each share, and all wait for each other"
                            )]
                            // SAFETY: as the reason says.
                            unsafe {
                                multiply(matrix, inputs, output, share, workspace);
                            }
                            // As ggml waits between two nodes: without sleeping.
                            done.fetch_add(1, Ordering::AcqRel);
                            while done.load(Ordering::Acquire) < repeat * threads {
                                std::hint::spin_loop();
                            }
                        }
                    });
                }
            });
            started.elapsed().as_secs_f64() / repeats as f64
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    operations / seconds[3] / 1e9
}
