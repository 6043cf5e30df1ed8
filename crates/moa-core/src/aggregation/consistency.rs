//! The answer that a model finds most consistent with the others.

use super::candidate::Standings;
use super::choosing::{Ranked, Reply};
use super::rank::{is_of_places, number_in, ranked};

/// Ranks `count` answers by how often each was named. A question without a usable reply says nothing, and neither does a judge that names the same
/// place in both orders.
pub(super) fn consistency(count: usize, replies: &[Reply], standings: &Standings<'_>) -> Ranked {
    let mut scores = vec![0.0; count];
    let named = |(shown, reply): &Reply| {
        let number = reply.as_deref().and_then(|reply| number_in(reply, 1..=shown.places.len()));
        number.map(|number| number - 1).into_iter().collect()
    };
    let named: Vec<Vec<usize>> = replies.iter().map(named).collect();
    let readable = named.iter().filter(|named| !named.is_empty()).count();
    let is_of_places = is_of_places(replies, &named);
    for ((shown, _), named) in replies.iter().zip(&named).filter(|_| !is_of_places) {
        let places = named.iter().filter_map(|number| shown.places.get(*number));
        for place in places {
            if let Some(score) = scores.get_mut(*place) {
                *score += 1.0;
            }
        }
    }
    ranked(&scores, readable, replies.len(), standings)
}
