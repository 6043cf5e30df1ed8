//! Names that lead back to themselves.

use crate::kind::ProblemKind;
use crate::origin::Origin;
use crate::place::Place;
use crate::problem::Problem;

/// The problem of a circle of names, each with the place that leads to the next one. It is told in the same way from whichever name
/// the circle was entered.
pub(crate) fn circle(
    mut names: Vec<(&str, Place<'_>)>,
    kind: impl FnOnce(Vec<String>) -> ProblemKind,
) -> Problem {
    let first = names.iter().enumerate().min_by_key(|(_, (name, _))| *name).map_or(0, |(index, _)| index);
    names.rotate_left(first);
    let mut chain: Vec<String> = names.iter().map(|(name, _)| (*name).to_owned()).collect();
    chain.extend(chain.first().cloned());
    match names.last() {
        Some((_, place)) => Problem::at(place, kind(chain)),
        None => Problem::outside(Origin::Default, kind(chain)),
    }
}
