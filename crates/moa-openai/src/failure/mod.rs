//! What went wrong, in the terms of `moa-core`.

mod classification;
mod error_body;
mod refusal;
mod retry_advice;
mod transport;

pub(crate) use classification::kind_of;
pub(crate) use error_body::ErrorBody;
pub(crate) use refusal::Refusal;
pub(crate) use transport::Attempted;
