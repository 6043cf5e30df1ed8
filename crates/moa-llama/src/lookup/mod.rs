//! Reference lookup: guessing an answer's next tokens from what was written before.
//!
//! Agents that read the answers of others quote them at length, and so do answers that come back to their own words; and agents that are asked the same question say
//! much the same, so that a slow one can guess from what a fast one has written already (its *peer*, whose answer it does not read). Where the last tokens of
//! an answer occur earlier in its prompt, in itself or in a peer's answer, what followed there is a good guess of what follows here. The guess, the *draft*, goes
//! into the same decode call as the token that is due anyway, and the logits at each of its places show what the model itself would have
//! written: as far as both agree, the call has written several tokens instead of one, and the rest is cut off again. Every token is still
//! chosen by the sampler from the model's logits after exactly the tokens before it, so a draft changes how long an answer takes and not what
//! it says (but for the last bits of sums, which depend on the size of a call, as they do wherever calls are batched).
//!
//! ```text
//! index       where the last tokens occurred before, and what followed
//! acceptance  how far such guesses were right of late
//! cost_curve  what calls of each size have taken
//! draft_plan  how long a draft pays, from the two
//! verify      how much of it stays
//! ```
//!
//! # Source
//! Prompt lookup decoding, and speculative decoding in general (arXiv:2211.17192); the acceptance rule is the simple one that fits a draft without
//! probabilities: a drafted token stays when the sampler chooses it.

mod acceptance;
mod cost_curve;
mod draft_plan;
mod index;
mod verify;

pub(crate) use self::acceptance::Acceptance;
pub(crate) use self::cost_curve::CostCurve;
pub(crate) use self::draft_plan::{Offer, draft_lengths};
pub(crate) use self::index::{Continuation, LookupIndex, RUN_TOKENS};
pub(crate) use self::verify::{Verified, Written, verify};
