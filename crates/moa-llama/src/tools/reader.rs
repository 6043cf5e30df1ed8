//! Calls in what a model writes.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use futures::stream::{self, StreamExt as _};
use moa_core::{ChatEvent, ChatRequest, ChatStream, Failure, FinishReason, ToolCall};

use super::loose::{self, Loose, Seen};
use super::thought::Thought;
use super::written::{Written, written};
use super::{CLOSES, OPENS, Offered};
use crate::stop::overlap;

/// A reader of the answer to a request.
pub(crate) fn reader(request: &ChatRequest, offered: Offered<'_>) -> CallReader {
    let format = request.response_format.as_deref();
    CallReader::new(first_id(request), offered.loose_names(format), offered.several)
}

/// From what the ids of a call's tools are made: the same for the same request, and another one for each turn of a conversation.
fn first_id(request: &ChatRequest) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.sampling.seed.hash(&mut hasher);
    for message in request.prompt.conversation().messages() {
        message.content.hash(&mut hasher);
    }
    hasher.finish()
}

/// Reads an answer piece by piece. What may become a call is held back until it is known.
#[derive(Debug)]
pub(crate) struct CallReader {
    id: u64,
    /// The tools whose calls are known in other forms than the one that was asked for.
    names: Vec<String>,
    /// Whether more than one call may be told.
    several: bool,
    /// What is not told yet.
    held: String,
    held_tokens: u32,
    place: Place,
    line: Line,
    thought: Thought,
    calls: u32,
    /// Whether a call was told that was cut off.
    is_cut: bool,
}

/// In what the held text lies.
#[derive(Debug)]
enum Place {
    /// In text, of which the end may be the beginning of a mark.
    Text,
    /// Behind the mark that opens a call.
    Call,
    /// In what may be a call in another form, which holds the text; and what closes what it stands in.
    Loose(Loose, Vec<String>),
    /// Behind a call in another form, in what closes it, outermost first.
    Closing(Vec<String>),
}

/// What stands before the held text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Nothing but white space on its line.
    Begins,
    /// A call, and nothing but white space since.
    BehindCall,
    GoesOn,
}

impl Line {
    /// What stands before the next text.
    fn after(self, text: &str) -> Self {
        let last = text.rsplit('\n').next().unwrap_or_default();
        match self {
            Self::BehindCall if text.trim().is_empty() => Self::BehindCall,
            _ if !last.trim().is_empty() => Self::GoesOn,
            Self::GoesOn if last.len() == text.len() => Self::GoesOn,
            _ => Self::Begins,
        }
    }
}

type Reply = Result<ChatEvent, Failure>;

impl CallReader {
    fn new(id: u64, names: Vec<String>, several: bool) -> Self {
        Self {
            id,
            names,
            several,
            held: String::new(),
            held_tokens: 0,
            place: Place::Text,
            line: Line::Begins,
            thought: Thought::default(),
            calls: 0,
            is_cut: false,
        }
    }

    /// Tells calls as calls, and everything else as it is told.
    pub(crate) fn read_all(mut self, replies: ChatStream) -> ChatStream {
        replies.flat_map(move |reply| stream::iter(self.read(reply))).boxed()
    }

    fn read(&mut self, reply: Reply) -> Vec<Reply> {
        match reply {
            Ok(ChatEvent::Delta { text, tokens }) => {
                self.held.push_str(&text);
                self.held_tokens = self.held_tokens.saturating_add(tokens);
                let mut told = Vec::new();
                while self.step(&mut told) {}
                told.into_iter().map(Ok).collect()
            }
            Ok(ChatEvent::Finished { finish_reason, usage }) => {
                let mut told = self.rest(finish_reason);
                let has_called = self.calls > 0 && !self.is_cut && finish_reason == FinishReason::Stop;
                let finish_reason = if has_called { FinishReason::ToolCalls } else { finish_reason };
                told.push(ChatEvent::Finished { finish_reason, usage });
                told.into_iter().map(Ok).collect()
            }
            other => vec![other],
        }
    }

    /// Reads on; false where more text is needed for that.
    fn step(&mut self, told: &mut Vec<ChatEvent>) -> bool {
        match std::mem::replace(&mut self.place, Place::Text) {
            Place::Text => self.text(told),
            Place::Call => self.call(told),
            Place::Loose(loose, closers) => self.loose(loose, closers, told),
            Place::Closing(closers) => self.close(closers),
        }
    }

    fn text(&mut self, told: &mut Vec<ChatEvent>) -> bool {
        // Line by line, so that it is known where thinking ends before the next line is looked at.
        if let Some(end) = self.held.find('\n').filter(|_| self.thought.goes_on()) {
            self.say_before(end + 1, told);
            return true;
        }
        let call = self.held.find(OPENS);
        let is_read_loosely = !self.names.is_empty() && !self.thought.goes_on();
        let loose = is_read_loosely.then(|| loose::start(&self.held, self.line != Line::GoesOn)).flatten();
        match (call, loose) {
            (_, Some(0)) if call != Some(0) => {
                let may_be_mark = OPENS.starts_with(&self.held);
                if !may_be_mark {
                    self.place = Place::Loose(Loose::default(), Vec::new());
                }
                !may_be_mark
            }
            (_, Some(start)) if call.is_none_or(|call| start < call) => {
                self.say_before(start, told);
                true
            }
            (Some(start), _) => {
                self.say_before(start, told);
                self.held.drain(..OPENS.len());
                self.place = Place::Call;
                true
            }
            (None, _) => {
                self.say_before(self.held.len() - overlap(&self.held, OPENS), told);
                false
            }
        }
    }

    fn call(&mut self, told: &mut Vec<ChatEvent>) -> bool {
        let Some(end) = self.held.find(CLOSES) else {
            self.place = Place::Call;
            return false;
        };
        let call = written(&self.held[..end], |_| true);
        match call {
            Ok(call) => {
                self.held.drain(..end + CLOSES.len());
                self.tell(call, told);
            }
            // The grammar lets no such thing through; a model without one may write it.
            Err(_) => {
                self.held.insert_str(0, OPENS);
                self.say_before(OPENS.len() + end + CLOSES.len(), told);
            }
        }
        true
    }

    fn loose(&mut self, mut loose: Loose, mut around: Vec<String>, told: &mut Vec<ChatEvent>) -> bool {
        let piece = std::mem::take(&mut self.held);
        match loose.push(&piece, |name| self.names.iter().any(|known| known == name)) {
            Seen::Undecided => {
                self.place = Place::Loose(loose, around);
                false
            }
            Seen::Call { call, closers, rest } => {
                self.held = rest;
                self.tell(call, told);
                around.extend(closers);
                self.place = Place::Closing(around);
                true
            }
            Seen::Text(text) => {
                self.held = text;
                // It does not begin there; what follows on other lines may.
                let sign = self.held.chars().next().map_or(0, char::len_utf8);
                self.say_before(sign, told);
                true
            }
        }
    }

    fn close(&mut self, mut closers: Vec<String>) -> bool {
        let Some(closer) = closers.last() else { return true };
        let rest = self.held.trim_start_matches(|sign: char| sign.is_whitespace() || sign == ',');
        if rest.starts_with('{') || rest.starts_with(OPENS) {
            self.held = rest.to_owned();
            self.place = Place::Loose(Loose::default(), closers);
        } else if let Some(after) = rest.strip_prefix(closer.as_str()) {
            self.held = after.to_owned();
            closers.pop();
            self.place = Place::Closing(closers);
        } else if closer.starts_with(rest) || OPENS.starts_with(rest) {
            self.place = Place::Closing(closers);
            return false;
        }
        true
    }

    /// What was held back until the end: text after all, or a call that lacks its end. Such a call is told as far as it was written, as
    /// other services do it, and is never shown as text.
    fn rest(&mut self, finish_reason: FinishReason) -> Vec<ChatEvent> {
        let mut told = Vec::new();
        match std::mem::replace(&mut self.place, Place::Text) {
            Place::Text => self.say_before(self.held.len(), &mut told),
            Place::Call => {
                if let Ok(call) = written(&self.held, |_| true) {
                    self.tell(call, &mut told);
                }
            }
            Place::Loose(loose, _) => {
                let (text, call) = loose.finish(|name| self.names.iter().any(|known| known == name));
                match call {
                    // Small models forget the last brace.
                    Some(call) if call.is_whole || finish_reason == FinishReason::Length => {
                        self.tell(call, &mut told);
                    }
                    // Cut off before there is anything to tell of it.
                    _ if finish_reason == FinishReason::Length
                        && (self.calls > 0 || text.contains(OPENS)) => {}
                    _ => {
                        self.held = text;
                        self.say_before(self.held.len(), &mut told);
                    }
                }
            }
            Place::Closing(_) => {}
        }
        told
    }

    /// Tells what is held up to a place as text.
    fn say_before(&mut self, end: usize, told: &mut Vec<ChatEvent>) {
        let rest = self.held.split_off(end);
        let text = std::mem::replace(&mut self.held, rest);
        self.thought.hear(&text);
        let before = self.line;
        self.line = before.after(&text);
        // White space between calls and behind them is no answer.
        let text = if before == Line::BehindCall { text.trim_start().to_owned() } else { text };
        if text.is_empty() {
            return;
        }
        let tokens = std::mem::take(&mut self.held_tokens);
        told.push(ChatEvent::Delta { text, tokens });
    }

    fn tell(&mut self, call: Written, told: &mut Vec<ChatEvent>) {
        self.line = Line::BehindCall;
        self.held_tokens = 0;
        if self.calls > 0 && !self.several {
            return;
        }
        self.calls += 1;
        self.is_cut |= !call.is_whole;
        let Written { name, arguments, .. } = call;
        let id = format!("call_{:016x}{}", self.id, self.calls);
        told.push(ChatEvent::ToolCall(ToolCall { id, name, arguments }));
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
