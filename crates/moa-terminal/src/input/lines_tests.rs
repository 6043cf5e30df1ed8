use std::io::Cursor;

use super::*;
use crate::input::ChatInput;

fn inputs(bytes: &'static [u8]) -> Vec<Result<Input, String>> {
    let mut input = ChatInput::from_reader(Cursor::new(bytes));
    let mut read = Vec::new();
    loop {
        match input.read("local") {
            Ok(Input::End) => return read,
            Ok(other) => read.push(Ok(other)),
            Err(error) => read.push(Err(format!("{error}; {}", error.hint().unwrap_or_default()))),
        }
    }
}

#[test]
fn a_piped_chat_is_read_line_by_line() {
    let read = inputs(b"first question\r\n\n/layers 2\nlong\\\nquestion\nlast without a line end");
    let expected = [
        Input::Text("first question".to_owned()),
        Input::Command { name: "layers".to_owned(), argument: "2".to_owned() },
        Input::Text("long\nquestion".to_owned()),
        Input::Text("last without a line end".to_owned()),
    ];
    assert_eq!(read, expected.map(Ok));
}

#[test]
fn what_is_no_text_is_an_error_with_a_hint_and_the_next_line_is_read() {
    let read = inputs(b"ok\n\xff\xfe\nagain\n");
    assert_eq!(read[0], Ok(Input::Text("ok".to_owned())));
    assert_eq!(
        read[1],
        Err("line 2 of the input is not valid UTF-8; convert it first, for example with: iconv -f LATIN1 -t UTF-8"
            .to_owned())
    );
    assert_eq!(read[2], Ok(Input::Text("again".to_owned())));
}

#[test]
fn a_fence_that_is_never_closed_is_asked_at_the_end() {
    assert_eq!(inputs(b"```\nfn\n"), [Ok(Input::Text("```\nfn".to_owned()))]);
}
