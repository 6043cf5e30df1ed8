//! The name that was probably meant.

/// How alike two names must be, in [0, 1], before one is suggested for the other.
const LEAST_SIMILARITY: f64 = 0.5;

/// The shortest beginning of a name that stands for the whole.
const LEAST_BEGINNING: usize = 3;

/// The candidate that is most like `name`, if any is like it at all. The first one wins a tie.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let folded = |text: &str| text.to_lowercase().replace('_', "-");
    let name = folded(name);
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let folded_candidate = folded(candidate);
        let similarity = if name.len() >= LEAST_BEGINNING && folded_candidate.starts_with(&name) {
            1.0
        } else {
            strsim::normalized_damerau_levenshtein(&name, &folded_candidate)
        };
        if similarity >= LEAST_SIMILARITY && best.is_none_or(|(most, _)| similarity > most) {
            best = Some((similarity, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.to_owned())
}
