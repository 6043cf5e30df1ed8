//! How far drafts were right of late.

/// What is taken for the likelihood before anything was seen, for matches of 3, of 4 to 7, and of 8 and more tokens.
const PRIOR: [f64; 3] = [0.5, 0.7, 0.85];
/// As many tokens the prior counts for.
const PRIOR_TOKENS: f64 = 3.0;
/// What is left of the weight of earlier tokens after each draft, so that an answer that turns from quoting to its own words is noticed.
const AFTER_DRAFT: f64 = 0.9;
/// What is left of it after each token that was written without a draft, so that what has failed is tried again after some fifty tokens.
const AFTER_REST: f64 = 0.97;

/// How likely the next token of a draft is the one that the model writes, by how much before it was alike. For one answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Acceptance {
    tallies: [Tally; 3],
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    right: f64,
    judged: f64,
}

impl Acceptance {
    /// The likelihood of each token of a draft, given that all before it were right.
    pub(crate) fn likelihood(&self, match_tokens: usize) -> f64 {
        let class = class_of(match_tokens);
        let Tally { right, judged } = self.tallies[class];
        (PRIOR[class] * PRIOR_TOKENS + right) / (PRIOR_TOKENS + judged)
    }

    /// Of a draft of `drafted` tokens the first `accepted` were right.
    pub(crate) fn record(&mut self, match_tokens: usize, drafted: usize, accepted: usize) {
        let tally = &mut self.tallies[class_of(match_tokens)];
        // Behind the first wrong token nothing was judged.
        let judged = drafted.min(accepted + 1);
        tally.right = tally.right * AFTER_DRAFT + count(accepted);
        tally.judged = tally.judged * AFTER_DRAFT + count(judged);
    }

    /// A token was written without a draft, though there was one to be had.
    pub(crate) fn rest(&mut self) {
        for tally in &mut self.tallies {
            tally.right *= AFTER_REST;
            tally.judged *= AFTER_REST;
        }
    }
}

fn class_of(match_tokens: usize) -> usize {
    match match_tokens {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

fn count(tokens: usize) -> f64 {
    f64::from(u32::try_from(tokens).unwrap_or(u32::MAX))
}

#[cfg(test)]
#[path = "acceptance_tests.rs"]
mod tests;
