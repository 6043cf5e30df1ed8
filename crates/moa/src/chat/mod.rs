//! `moa chat`: a conversation over several turns.

mod command;
mod session;

pub(crate) use command::{COMMANDS, ChatCommand, help};
pub(crate) use session::Session;
