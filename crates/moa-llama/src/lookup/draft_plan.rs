//! How many tokens each answer drafts in the next decode call.

/// A draft must promise so many times the tokens per second of a call without one. What is below is noise, or costs more than it brings.
const WORTH_DRAFTING: f64 = 1.05;

/// A draft that an answer could bring into the call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Offer {
    /// How likely each of its tokens is right, given that those before it are.
    pub(crate) likelihood: f64,
    /// The tokens that there are.
    pub(crate) tokens: usize,
}

/// The tokens to be drafted of each offer, so that the call is expected to write the most tokens per second.
///
/// `tokens` of the call are there anyway, among them those of `answers` answers, which write a token each. All drafts together have at most
/// `most` tokens. `seconds` tells what a call of a size takes; without that nothing is drafted.
///
/// The k-th token of a draft brings one more token where it and all before it are right, with likelihood p^k. Over all offers the likeliest are
/// taken first; of all these beginnings the one with the best ratio of expected tokens to seconds is the plan. Since calls do not cost
/// in proportion to their size, all are looked at and not just the first that gets no better.
pub(crate) fn draft_lengths(
    offers: &[Offer],
    tokens: usize,
    answers: usize,
    most: usize,
    seconds: impl Fn(usize) -> Option<f64>,
) -> Vec<usize> {
    let mut lengths = vec![0; offers.len()];
    let Some(plain_seconds) = seconds(tokens).filter(|seconds| *seconds > 0.0) else { return lengths };
    let mut expected = number(answers);
    let mut best = (expected / plain_seconds * WORTH_DRAFTING, lengths.clone());
    let mut marginals: Vec<f64> = offers.iter().map(|offer| offer.likelihood).collect();
    for drafted in 1..=most {
        let next = (0..offers.len())
            .filter(|place| lengths[*place] < offers[*place].tokens)
            .max_by(|a, b| marginals[*a].total_cmp(&marginals[*b]));
        let Some(next) = next else { break };
        expected += marginals[next];
        marginals[next] *= offers[next].likelihood;
        lengths[next] += 1;
        let Some(seconds) = seconds(tokens + drafted).filter(|seconds| *seconds > 0.0) else { break };
        if expected / seconds > best.0 {
            best = (expected / seconds, lengths.clone());
        }
    }
    best.1
}

fn number(tokens: usize) -> f64 {
    f64::from(u32::try_from(tokens).unwrap_or(u32::MAX))
}

#[cfg(test)]
#[path = "draft_plan_tests.rs"]
mod tests;
