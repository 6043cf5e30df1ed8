//! What Python does that official scores depend on, and nothing else of it.

mod float;
mod format;
mod literal;
mod random;
mod text;
mod unescape;

pub(crate) use float::{parse as parse_float, repr};
pub(crate) use format::fill;
pub(crate) use literal::{Key, Literal, parse_dictionary};
pub(crate) use random::{Random, permutation};
pub(crate) use text::strip;
