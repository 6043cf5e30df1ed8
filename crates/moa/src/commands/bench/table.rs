//! The table for people.

use moa_terminal::quantities;

use super::outcome::{Document, StepDocument};
use crate::commands::eval::columns::Columns;

const NOTE: &str = "Each line has what the lines above it have. `faster`: how many times the tokens a second of the first line.\n";

pub(super) fn describe(document: &Document) -> String {
    let mut columns = Columns::new([
        "sources of speed",
        "time",
        "tokens",
        "speed",
        "faster",
        "aggregator waits",
        "aggregator",
        "from cache",
        "drafted right",
        "memory",
    ]);
    let plain = document.steps.first().map_or(0.0, |step| step.tokens_per_second);
    for step in &document.steps {
        columns.row(row(step, plain));
    }
    format!("{}\n\n{columns}\n{NOTE}", document.headline())
}

fn row(step: &StepDocument, plain: f64) -> Vec<String> {
    let measured = &step.measured;
    let lookup = &measured.lookup;
    let faster = if plain > 0.0 { step.tokens_per_second / plain } else { 0.0 };
    vec![
        step.name.to_owned(),
        quantities::milliseconds(measured.seconds * 1_000.0),
        quantities::count(u64::from(measured.completion_tokens)),
        quantities::tokens_per_second(step.tokens_per_second),
        format!("{faster:.2}"),
        quantities::milliseconds(measured.aggregator_first_token_ms),
        quantities::tokens_per_second(step.aggregator_tokens_per_second),
        format!("{} of {}", measured.cached_tokens, measured.prompt_tokens),
        match lookup.drafted_tokens {
            0 => "-".to_owned(),
            drafted => format!("{} of {drafted}", lookup.accepted_tokens),
        },
        measured.peak_memory_bytes.map_or_else(|| "-".to_owned(), quantities::bytes),
    ]
}
