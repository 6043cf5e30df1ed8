//! What is sent: the body of a chat completion request.

mod adjustments;
mod body;
mod message;

pub(crate) use adjustments::Adjustments;
pub(crate) use body::Question;
