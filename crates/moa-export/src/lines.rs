//! A run as JSON lines.

use moa_core::Event;

/// One event a line, as `moa ask --output jsonl` writes them.
#[must_use]
pub fn json_lines<'event>(events: impl IntoIterator<Item = &'event Event>) -> String {
    let mut text = String::new();
    // Nothing in an event has keys that are no texts, so that none is left out.
    for line in events.into_iter().filter_map(|event| serde_json::to_string(event).ok()) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}
