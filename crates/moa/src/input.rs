//! The question: from the command line or from standard input.

use std::io::{self, IsTerminal as _, Read as _};

use crate::complaint::Complaint;

/// The most that is read from standard input: more than any model's context, less than would exhaust memory.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The question itself, or what standard input holds where `-` or nothing was given.
pub(crate) fn question(argument: Option<&str>) -> Result<String, Complaint> {
    let text = match argument {
        Some("-") => from_standard_input()?,
        Some(text) => text.to_owned(),
        None if io::stdin().is_terminal() => {
            return Err(Complaint::usage("there is no question").with_hint(Some(
                "moa ask \"Why is the sky blue?\", or pipe the question in; `moa chat` talks".to_owned(),
            )));
        }
        None => from_standard_input()?,
    };
    if text.trim().is_empty() {
        return Err(Complaint::usage("the question is empty")
            .with_hint(Some("moa ask \"Why is the sky blue?\"".to_owned())));
    }
    Ok(text)
}

fn from_standard_input() -> Result<String, Complaint> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Complaint::failed(format!("cannot read standard input: {error}")))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Complaint::usage("standard input holds more than 64 MiB, which no model can read"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        Complaint::usage(format!("standard input is not UTF-8 text: byte {place} begins no character"))
            .with_hint(Some(
                "convert it first, for example: iconv -f LATIN1 -t UTF-8 file | moa ask -".to_owned(),
            ))
    })
}
