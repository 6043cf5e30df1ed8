//! From a plan to the events of its runs: the choices of a request, and requests that are made again.

mod choices;
mod retries;

pub(crate) use choices::{Answering, replayed};
pub(crate) use retries::{Delivery, EarlierAnswers, Retries};
