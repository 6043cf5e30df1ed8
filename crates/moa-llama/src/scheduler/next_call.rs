//! What one model computes next, or who gives way first.

use super::admission::{Tenant, give_way};
use super::batch_plan::{Demand, Limits, plan};

/// What follows from what the running requests want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NextCall {
    /// So many tokens of each go into the next call.
    Tokens(Vec<usize>),
    /// These give way, in this order; then it is decided anew.
    GiveWay(Vec<usize>),
}

/// Plans the next call of a model, whose running requests want `demands` and are `tenants` of its cache, in the same order. `lacking_cells`
/// tells how many cells there are too few for so many more tokens.
pub(crate) fn next_call(
    demands: &[Demand],
    tenants: &[Tenant],
    beside_others: bool,
    limits: Limits,
    lacking_cells: impl FnOnce(usize) -> usize,
) -> NextCall {
    let tokens = plan(demands, beside_others, limits);
    let give_way = give_way(tenants, lacking_cells(tokens.iter().sum()));
    if give_way.is_empty() { NextCall::Tokens(tokens) } else { NextCall::GiveWay(give_way) }
}
