//! Scores a file of annotations and says how long that took, from its bytes to the last number: one JSON document with the score and, for
//! each round, the milliseconds of all of it and of reading the files.
//!
//! `score_alpaca ANNOTATIONS.json DF_GAMED.csv [DIFFICULTY.csv] [C]`: a number in place of a path is a fixed C.

use std::error::Error;
use std::io::Write as _;
use std::time::{Duration, Instant};

use moa_eval::alpaca::{self, AlpacaScore, Difficulty, GamedRows, Options, References};

/// How often it is done.
const ROUNDS: usize = 21;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: score_alpaca ANNOTATIONS.json DF_GAMED.csv [DIFFICULTY.csv] [C]";
    let annotations = std::fs::read(arguments.next().ok_or(usage)?)?;
    let gamed = std::fs::read(arguments.next().ok_or(usage)?)?;
    let (mut difficulty, mut options) = (None, Options::default());
    for argument in arguments {
        match argument.parse() {
            Ok(c) => options.c = Some(c),
            Err(_) => difficulty = Some(std::fs::read(argument)?),
        }
    }
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let (score, reading) = score(&annotations, &gamed, difficulty.as_deref(), &options)?;
        times.push((start.elapsed(), reading));
        last = Some(score);
    }
    let milliseconds = |duration: &Duration| duration.as_secs_f64() * 1e3;
    let document = serde_json::json!({
        "score": last,
        "whole_ms": times.iter().map(|(whole, _)| milliseconds(whole)).collect::<Vec<_>>(),
        "reading_ms": times.iter().map(|(_, reading)| milliseconds(reading)).collect::<Vec<_>>(),
    });
    writeln!(std::io::stdout().lock(), "{document}")?;
    Ok(())
}

fn score(
    annotations: &[u8],
    gamed: &[u8],
    difficulty: Option<&[u8]>,
    options: &Options,
) -> Result<(AlpacaScore, Duration), Box<dyn Error>> {
    let start = Instant::now();
    let annotations = alpaca::read_comparisons(annotations)?;
    let gamed = GamedRows::read(gamed)?;
    let difficulty = difficulty.map(Difficulty::read).transpose()?;
    let reading = start.elapsed();
    let references = References { difficulty: difficulty.as_ref(), gamed: Some(&gamed) };
    Ok((alpaca::score(&annotations, &references, options)?, reading))
}
