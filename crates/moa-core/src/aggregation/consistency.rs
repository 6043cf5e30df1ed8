//! The answer that a model finds most consistent with the others.

use super::candidate::Standings;
use super::choosing::{Ranked, Reply};
use super::rank::{number_in, ranked};

/// Ranks `count` answers by how often each was named. A question without a usable reply says nothing.
pub(super) fn consistency(count: usize, replies: &[Reply], standings: &Standings<'_>) -> Ranked {
    let mut scores = vec![0.0; count];
    let mut readable = 0;
    for (shown, reply) in replies {
        let named = reply.as_deref().and_then(|reply| number_in(reply, 1..=shown.places.len()));
        let place = named.and_then(|named| shown.places.get(named - 1));
        if let Some(score) = place.and_then(|place| scores.get_mut(*place)) {
            readable += 1;
            *score += 1.0;
        }
    }
    ranked(&scores, readable, replies.len(), standings)
}
