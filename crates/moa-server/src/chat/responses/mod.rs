//! `POST /v1/responses`: the part of it that is about texts. A request becomes a chat request, and what answers that becomes a response;
//! nothing is kept under its id.

mod body;
mod handler;
mod object;
mod stream;

pub(crate) use handler::respond;
