//! Stop texts, also where they are spread over several tokens.

/// What became of a piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    /// The text that may be shown.
    pub(crate) text: String,
    /// Whether a stop text was met; nothing after it is ever shown.
    pub(crate) stopped: bool,
}

/// Lets text through up to the first stop text, holding back what may be the beginning of one.
#[derive(Debug)]
pub(crate) struct StopMatcher {
    stops: Vec<String>,
    held: String,
}

impl StopMatcher {
    /// A matcher for the given texts. Empty ones would stop everything and are left out.
    pub(crate) fn new(stops: impl IntoIterator<Item = String>) -> Self {
        Self { stops: stops.into_iter().filter(|stop| !stop.is_empty()).collect(), held: String::new() }
    }

    /// Takes the next piece.
    pub(crate) fn push(&mut self, piece: &str) -> Checked {
        if self.stops.is_empty() {
            return Checked { text: piece.to_owned(), stopped: false };
        }
        self.held.push_str(piece);
        if let Some(end) = self.stops.iter().filter_map(|stop| self.held.find(stop.as_str())).min() {
            self.held.truncate(end);
            return Checked { text: std::mem::take(&mut self.held), stopped: true };
        }
        let keep = self.stops.iter().map(|stop| overlap(&self.held, stop)).max().unwrap_or(0);
        let rest = self.held.split_off(self.held.len() - keep);
        Checked { text: std::mem::replace(&mut self.held, rest), stopped: false }
    }

    /// What was held back and turned out to be no stop text.
    pub(crate) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

/// The length of the longest end of `text` with which `stop` begins.
pub(crate) fn overlap(text: &str, stop: &str) -> usize {
    stop.char_indices()
        .map(|(length, _)| length)
        .rev()
        .find(|length| text.ends_with(&stop[..*length]))
        .unwrap_or(0)
}

#[cfg(test)]
#[path = "stop_tests.rs"]
mod tests;
