//! How many bytes a second the cores of this machine read from memory: the limit of decoding, which reads all weights for every token.
//!
//! Prints one number for each number of threads, in bytes per second: `bandwidth 1 2`.

use std::hint::black_box;
use std::time::Instant;

/// Far more than any cache holds.
const WORDS_PER_THREAD: usize = 64 << 20;
const PASSES: usize = 8;

fn main() {
    for threads in std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok()) {
        println!("{threads} {:.0}", bytes_per_second(threads));
    }
}

/// The best of several passes, in which every thread reads a piece of its own.
fn bytes_per_second(threads: usize) -> f64 {
    let pieces: Vec<Vec<u64>> = (0..threads).map(|piece| vec![piece as u64 + 1; WORDS_PER_THREAD]).collect();
    let bytes = (threads * WORDS_PER_THREAD * size_of::<u64>()) as f64;
    let pass = || {
        let begin = Instant::now();
        std::thread::scope(|scope| {
            for piece in &pieces {
                scope.spawn(move || black_box(sum(piece)));
            }
        });
        bytes / begin.elapsed().as_secs_f64()
    };
    (0..PASSES).map(|_| pass()).fold(0.0, f64::max)
}

/// Sixty-four sums side by side, so that no addition waits for the one before and the compiler takes whole registers of them; with eight it
/// takes one number at a time, and reads a sixth as fast.
fn sum(words: &[u64]) -> u64 {
    let mut sums = [0u64; 64];
    for words in words.chunks_exact(64) {
        for (sum, word) in sums.iter_mut().zip(words) {
            *sum = sum.wrapping_add(*word);
        }
    }
    sums.iter().fold(0, |all, sum| all.wrapping_add(*sum))
}
