//! The programs that answers give.

use super::examples::functions;
use crate::extraction::{Code, any_program, defines, program, start_of_program};

/// What a prompt gives of the program that it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Start {
    /// The beginning of a file up to the body of a function, and the name of that function; nothing where the prompt has no code.
    function: Option<(String, String)>,
}

impl Start {
    /// What `prompt` gives: the last code in it that defines a function.
    pub(crate) fn of(prompt: &str) -> Self {
        let function = start_of_program(prompt).and_then(|code| {
            let name = functions(&code).filter(|name| defines(&code, name)).last()?.to_owned();
            Some((code, name))
        });
        Self { function }
    }

    /// The program that an answer gives, if it gives one.
    pub(crate) fn program(&self, answer: &str) -> Option<Code> {
        match &self.function {
            Some((start, name)) => program(answer, start, name),
            None => any_program(answer),
        }
    }
}
