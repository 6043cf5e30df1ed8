//! Who may ask, from where, and how much.

mod admission;
mod caller;
mod guard;
mod keys;
mod rate;

pub(crate) use admission::{Admission, Place, draining};
pub(crate) use caller::Caller;
pub(crate) use guard::guard;
pub use keys::key_hash;
pub(crate) use keys::{Keys, authenticate};
