//! Who begins, who waits, and who gives way: places and cells of the KV cache among the requests of one model.
//!
//! Requests begin in the order of their turns, and of their arrival where turns are the same. Those whose prompts begin alike wait for the first
//! of them where that spares more than it delays ([`who_must_wait`]), and what is read ahead waits for everybody who has asked. As long as there
//! are cells for all who run, that is all there is to it.
//!
//! Cells are short where the memory budget does not let the cache grow. Then
//! - nobody begins who would not find room for its prompt beside the prompts and [`HEADROOM_TOKENS`] more tokens of everybody who runs, and nobody overtakes who
//!   waits for that;
//! - where the next call finds no room all the same, the one that is furthest from its end gives way, and another one if that is not enough.
//!   So the run closest to its end goes first, and the cells that it holds are free the soonest. Who gives way keeps what it has written,
//!   waits at its old place in the line, and computes its cells anew later.
//!
//! Nobody starves: whoever has begun finds room for some tokens at least before it can be asked to give way, and nobody gives way twice while
//! there is one who has not done so yet.

/// The tokens of its answer for which everybody who runs must find room before another one begins.
pub(crate) const HEADROOM_TOKENS: usize = 64;

/// What one more decode call costs, in tokens read: the weights pass through the cores once, however few tokens there are.
const CALL_TOKENS: usize = 16;

/// A request that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tenant {
    /// The cells that are free when it gives way.
    pub(crate) own_cells: usize,
    /// The rest of its prompt.
    pub(crate) prompt_tokens: usize,
    /// The rest of its answer at the most.
    pub(crate) answer_tokens: usize,
    /// Whether it is only read for later.
    pub(crate) is_ahead: bool,
    /// Whether it has given way before.
    pub(crate) gave_way: bool,
}

impl Tenant {
    /// How far it is from its end.
    fn left_tokens(&self) -> usize {
        self.prompt_tokens + self.answer_tokens
    }
}

/// A request that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The tokens of its prompt that no running request holds.
    pub(crate) prompt_tokens: usize,
    /// The tokens of its answer at the most.
    pub(crate) answer_tokens: usize,
    /// Whether it is only read for later.
    pub(crate) is_ahead: bool,
    /// Whether one who runs is about to compute a beginning that both have, and waiting for it pays.
    pub(crate) will_share: bool,
}

/// How many requests must wait for a beginning that all of them have and another one is about to compute, so that it pays. Each is spared so many
/// tokens (1 at least), and all begin one call later: for one alone the beginning must be longer than a call is worth, six may do it for three tokens.
pub(crate) fn who_must_wait(spared_tokens: usize) -> usize {
    CALL_TOKENS / spared_tokens.max(1) + 1
}

/// What becomes of a request that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It begins now.
    Begins,
    /// It waits, and the next one may begin before it.
    IsPassed,
    /// It waits, and all behind it, too.
    HoldsUp,
}

/// Whether a request begins beside those that run, of whom there may be `places`. `asked_behind` says whether anybody waits behind it who is
/// not only read ahead, `has_room` whether the cache can have so many more cells.
pub(crate) fn entry(
    candidate: &Candidate,
    tenants: &[Tenant],
    places: usize,
    asked_behind: bool,
    has_room: impl FnOnce(usize) -> bool,
) -> Entry {
    if tenants.len() >= places {
        return Entry::HoldsUp;
    }
    let waits_for_others =
        candidate.is_ahead && (asked_behind || tenants.iter().any(|tenant| tenant.is_ahead));
    if candidate.will_share || waits_for_others {
        return Entry::IsPassed;
    }
    // One alone always has room: a cache holds one full context.
    if tenants.is_empty() || has_room(cells_to_begin(candidate, tenants)) {
        return Entry::Begins;
    }
    if candidate.is_ahead { Entry::IsPassed } else { Entry::HoldsUp }
}

/// The cells that must be free for a request to begin.
fn cells_to_begin(candidate: &Candidate, tenants: &[Tenant]) -> usize {
    let needs =
        |prompt_tokens: usize, answer_tokens: usize| prompt_tokens + answer_tokens.min(HEADROOM_TOKENS);
    let others: usize = tenants.iter().map(|tenant| needs(tenant.prompt_tokens, tenant.answer_tokens)).sum();
    needs(candidate.prompt_tokens, candidate.answer_tokens) + others
}

/// The places of those that are only read for later and must go, because there are no more places and somebody waits for an answer.
pub(crate) fn give_places(tenants: &[Tenant], places: usize, answer_waits: bool) -> Vec<usize> {
    if tenants.len() < places || !answer_waits {
        return Vec::new();
    }
    (0..tenants.len()).filter(|place| tenants[*place].is_ahead).collect()
}

/// Who gives way when a call lacks so many cells, the place of each; in the order in which they go. One always stays.
pub(crate) fn give_way(tenants: &[Tenant], lacking_cells: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..tenants.len()).collect();
    // First what nobody waits for, then who never gave way, and of these who is furthest from its end; of equals the last to come.
    places.sort_by_key(|place| {
        let tenant = &tenants[*place];
        (!tenant.is_ahead, tenant.gave_way, std::cmp::Reverse((tenant.left_tokens(), *place)))
    });
    places.truncate(tenants.len().saturating_sub(1));
    let mut freed = 0;
    places
        .into_iter()
        .take_while(|place| {
            let goes = freed < lacking_cells;
            freed += tenants[*place].own_cells;
            goes
        })
        .collect()
}

#[cfg(test)]
#[path = "admission_tests.rs"]
mod tests;
