//! A reply before it is played: every byte, pause, wait and fault in order. Making a plan touches no socket and no clock, so
//! the same rule, request and seed give the same plan.

mod event;
mod head;
mod reply;
mod step;
mod stream;
mod whole;

pub(crate) use head::{error_body, plain, plain_bytes};
pub(crate) use reply::{Call, plan};
pub(crate) use step::{Break, Piece, Plan, STAMP, Step};
