//! The chat model against recorded replies and against a mock service on loopback that misbehaves as told.

mod adjustments;
mod answers;
mod asking;
mod connections;
mod faults;
mod proxy;
mod refusals;
mod requests;
mod secrets;
