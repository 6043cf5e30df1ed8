//! Text that may be a call, though a model wrote it in another form than it was told to: small models write the object alone, in a fence
//! or between marks of their own making.
//!
//! It is a call only where it names a tool of the request and its arguments are an object. Everything else is text.

use super::FENCE;
use super::written::{NoCall, Written, written};

/// What stands before an object: fences, marks, brackets.
const LONGEST_OPENING_BYTES: usize = 64;
/// An object that has not come to its arguments by then is no call.
const LONGEST_HEAD_BYTES: usize = 512;
const LONGEST_WORD_BYTES: usize = 20;

/// Where in a text something may begin that may be a call: at the beginning of a line, which the text's own beginning is or is not.
pub(super) fn start(text: &str, is_line_start: bool) -> Option<usize> {
    let mut is_line_start = is_line_start;
    for (place, sign) in text.char_indices() {
        match sign {
            '{' | '[' | '<' | '`' if is_line_start => return Some(place),
            '\n' => is_line_start = true,
            sign if sign.is_whitespace() => {}
            _ => is_line_start = false,
        }
    }
    None
}

/// What became of a text that may be a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Not known yet.
    Undecided,
    /// It is none. All of the text, which may have calls further on.
    Text(String),
    /// It is one: what closes what it stands in, outermost first, and the text behind it.
    Call { call: Written, closers: Vec<String>, rest: String },
}

/// A text that may be a call, piece by piece.
#[derive(Debug, Default)]
pub(super) struct Loose {
    text: String,
    closers: Vec<String>,
    object: Option<Object>,
}

/// The object of a call, as far as it has been read.
#[derive(Debug, Default)]
struct Object {
    start: usize,
    /// Up to where its braces were counted.
    counted: usize,
    depth: usize,
    is_in_string: bool,
    is_escaped: bool,
    /// Whether it has come to the arguments of a tool of the request.
    is_call: bool,
}

impl Loose {
    /// Takes the next piece.
    pub(super) fn push(&mut self, piece: &str, is_tool: impl Fn(&str) -> bool) -> Seen {
        self.text.push_str(piece);
        match self.read(is_tool) {
            Ok(Some((call, end))) => {
                let rest = self.text.split_off(end);
                Seen::Call { call, closers: std::mem::take(&mut self.closers), rest }
            }
            Ok(None) | Err(NoCall::TooShort) => Seen::Undecided,
            Err(NoCall::Other) => Seen::Text(std::mem::take(&mut self.text)),
        }
    }

    /// All of it, and the call in it that lacks its end, if there is one.
    pub(super) fn finish(self, is_tool: impl Fn(&str) -> bool) -> (String, Option<Written>) {
        let object = self.object.and_then(|object| self.text.get(object.start..));
        let call = object.and_then(|object| written(object, is_tool).ok());
        (self.text, call)
    }

    /// The call, and where it ends.
    fn read(&mut self, is_tool: impl Fn(&str) -> bool) -> Result<Option<(Written, usize)>, NoCall> {
        let object = match &mut self.object {
            Some(object) => object,
            none => {
                let (start, closers) = opening(&self.text)?;
                self.closers = closers;
                none.insert(Object { start, counted: start, ..Object::default() })
            }
        };
        let text = self.text.get(object.start..).unwrap_or_default();
        if !object.is_call {
            match written(text, &is_tool) {
                Ok(_) => object.is_call = true,
                Err(NoCall::TooShort) if text.len() <= LONGEST_HEAD_BYTES => {}
                Err(_) => return Err(NoCall::Other),
            }
        }
        let Some(end) = object.end(&self.text) else { return Ok(None) };
        let whole = self.text.get(object.start..end).unwrap_or_default();
        match written(whole, is_tool) {
            Ok(call) if call.is_whole => Ok(Some((call, end))),
            _ => Err(NoCall::Other),
        }
    }
}

impl Object {
    /// Where it ends, once it does.
    fn end(&mut self, text: &str) -> Option<usize> {
        let begin = self.counted;
        self.counted = text.len();
        for (place, sign) in text.get(begin..)?.char_indices() {
            match sign {
                _ if self.is_escaped => self.is_escaped = false,
                '\\' if self.is_in_string => self.is_escaped = true,
                '"' => self.is_in_string = !self.is_in_string,
                '{' if !self.is_in_string => self.depth += 1,
                '}' if !self.is_in_string => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(begin + place + sign.len_utf8());
                    }
                }
                _ => {}
            }
        }
        None
    }
}

/// Where the object begins, and what closes what it stands in, outermost first.
fn opening(text: &str) -> Result<(usize, Vec<String>), NoCall> {
    let mut closers = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if rest.starts_with('{') {
            return Ok((text.len() - rest.len(), closers));
        }
        if text.len() - rest.len() > LONGEST_OPENING_BYTES {
            return Err(NoCall::Other);
        }
        if let Some(after) = rest.strip_prefix('[') {
            closers.push("]".to_owned());
            rest = after;
        } else if let Some(after) = rest.strip_prefix(FENCE) {
            closers.push(FENCE.to_owned());
            (_, rest) = word(after)?;
        } else if let Some(after) = rest.strip_prefix('<') {
            let (name, after) = word(after)?;
            closers.push(format!("</{name}>"));
            rest = match after.strip_prefix('>') {
                Some(after) if !name.is_empty() => after,
                None if after.is_empty() => return Err(NoCall::TooShort),
                _ => return Err(NoCall::Other),
            };
        } else if FENCE.starts_with(rest) {
            return Err(NoCall::TooShort);
        } else {
            return Err(NoCall::Other);
        }
    }
}

/// The word at the beginning of a text, and what follows it.
fn word(text: &str) -> Result<(&str, &str), NoCall> {
    let length =
        text.len() - text.trim_start_matches(|sign: char| sign.is_ascii_alphanumeric() || sign == '_').len();
    if length > LONGEST_WORD_BYTES { Err(NoCall::Other) } else { Ok(text.split_at(length)) }
}
