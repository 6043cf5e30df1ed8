//! A rule: which requests, and what becomes of them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::answer::{Answer, Echo, Lorem, Reasoning, ReasoningForm, Text, ToolCall, UsageAt};
use super::fault::Fault;
use super::latency::Latency;
use super::point::Point;
use super::response::{Response, RetryAfter};
use super::stream_shape::{Chunks, Drip, StampIn, StreamError, StreamShape};
use super::timing::Timing;
use super::when::{Every, Numbers, Range, Route, When};

/// Which requests, and what becomes of them. The first rule of a script that fits a request and is not used up is the one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Rule {
    /// A name for gates and for the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How often it can be used; without it, for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uses: Option<u64>,
    /// Where the reply waits until the test lets it go on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hold: Vec<Point>,
    /// What goes wrong with the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// Which requests.
    #[serde(skip_serializing_if = "is_default")]
    pub when: When,
    /// What the mock says in place of a model.
    #[serde(skip_serializing_if = "is_default")]
    pub answer: Answer,
    /// When it says it.
    #[serde(skip_serializing_if = "is_default")]
    pub timing: Timing,
    /// How a streamed answer is cut into events.
    #[serde(skip_serializing_if = "is_default")]
    pub stream: StreamShape,
    /// The HTTP side of the reply.
    #[serde(skip_serializing_if = "is_default")]
    pub response: Response,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Which requests.
impl Rule {
    /// Every chat request.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// Chat requests for a model; `*` in the name stands for any text.
    #[must_use]
    pub fn model(name: impl Into<String>) -> Self {
        let mut rule = Self::default();
        rule.when.model = Some(name.into());
        rule
    }

    /// Requests of another kind than chat.
    #[must_use]
    pub fn route(route: Route) -> Self {
        let mut rule = Self::default();
        rule.when.route = route;
        rule
    }

    /// Gives the rule a name, for gates and for the log.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// At most so many requests; later ones go to the next rule that fits.
    #[must_use]
    pub fn times(mut self, uses: u64) -> Self {
        self.uses = Some(uses);
        self
    }

    /// Only the request of this number, counted from 1 among those that the other conditions fit.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.when.number = Some(Numbers::One(number));
        self
    }

    /// Only the requests from one number to another, both included.
    #[must_use]
    pub fn numbers(mut self, from: u64, to: impl Into<Option<u64>>) -> Self {
        self.when.number = Some(Numbers::Range(Range { from, to: to.into() }));
        self
    }

    /// Only every n-th request.
    #[must_use]
    pub fn every(mut self, every: u64) -> Self {
        self.when.number = Some(Numbers::Every(Every { every }));
        self
    }

    /// Only requests with this header; `*` in the value stands for any text.
    #[must_use]
    pub fn when_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.when.headers.insert(name.to_ascii_lowercase(), value.into());
        self
    }

    /// Only requests with a message that contains this text.
    #[must_use]
    pub fn when_prompt_contains(mut self, text: impl Into<String>) -> Self {
        self.when.prompt_contains = Some(text.into());
        self
    }

    /// Only requests that ask for a stream, or only those that do not.
    #[must_use]
    pub fn when_stream(mut self, stream: bool) -> Self {
        self.when.stream = Some(stream);
        self
    }

    /// Only in a phase of the schedule.
    #[must_use]
    pub fn when_phase(mut self, phase: impl Into<String>) -> Self {
        self.when.phase = Some(phase.into());
        self
    }

    /// Only while more than so many requests are in flight, this one included.
    #[must_use]
    pub fn when_in_flight_above(mut self, requests: usize) -> Self {
        self.when.in_flight_above = Some(requests);
        self
    }
}

/// What is said.
impl Rule {
    /// Answers with this text.
    #[must_use]
    pub fn answer(mut self, text: impl Into<String>) -> Self {
        self.answer.text = Some(Text::Fixed(text.into()));
        self
    }

    /// Answers with the text of the user's last message.
    #[must_use]
    pub fn echo(mut self) -> Self {
        self.answer.text = Some(Text::Echo(Echo { echo: true }));
        self
    }

    /// Answers with so many words without meaning.
    #[must_use]
    pub fn lorem(mut self, words: usize) -> Self {
        self.answer.text = Some(Text::Lorem(Lorem { lorem: words }));
        self
    }

    /// At most so many tokens of the text.
    #[must_use]
    pub fn max_tokens(mut self, tokens: usize) -> Self {
        self.answer.max_tokens = Some(tokens);
        self
    }

    /// Thinks before it answers.
    #[must_use]
    pub fn reasoning(mut self, text: impl Into<String>, form: ReasoningForm) -> Self {
        self.answer.reasoning = Some(Reasoning { text: text.into(), form });
        self
    }

    /// Wants a function called; may be said several times.
    #[must_use]
    pub fn tool_call(mut self, name: impl Into<String>, arguments: impl Into<String>) -> Self {
        self.answer.tool_calls.push(ToolCall { name: name.into(), arguments: arguments.into(), id: None });
        self
    }

    /// Where the usage is told.
    #[must_use]
    pub fn usage(mut self, at: UsageAt) -> Self {
        self.answer.usage = at;
        self
    }

    /// What the usage says.
    #[must_use]
    pub fn usage_tokens(mut self, prompt: u64, completion: u64) -> Self {
        self.answer.prompt_tokens = Some(prompt);
        self.answer.completion_tokens = Some(completion);
        self
    }

    /// The finish reason.
    #[must_use]
    pub fn finish_reason(mut self, reason: impl Into<String>) -> Self {
        self.answer.finish_reason = Some(reason.into());
        self
    }

    /// All tokens in one chunk.
    #[must_use]
    pub fn one_chunk(mut self) -> Self {
        self.stream.chunks = Chunks::Whole;
        self
    }

    /// Changes how the stream is cut and written, in place.
    #[must_use]
    pub fn stream(mut self, change: impl FnOnce(&mut StreamShape)) -> Self {
        change(&mut self.stream);
        self
    }

    /// Tells in each chunk when it was sent.
    #[must_use]
    pub fn stamp(mut self, stamp: StampIn) -> Self {
        self.stream.stamp = stamp;
        self
    }

    /// Writes every event in pieces of so many bytes, with a pause between them.
    #[must_use]
    pub fn drip(mut self, bytes: usize, pause: Duration) -> Self {
        self.stream.drip = Some(Drip { bytes, pause });
        self
    }

    /// An error event in place of the chunk of this number, counted from 1, and then the end without `[DONE]`.
    #[must_use]
    pub fn error_before_chunk(mut self, number: usize) -> Self {
        self.stream.error = Some(StreamError::before_chunk(number));
        self
    }
}

/// When it is said.
impl Rule {
    /// From the whole request to the status line.
    #[must_use]
    pub fn latency(mut self, latency: impl Into<Latency>) -> Self {
        self.timing.head = latency.into();
        self
    }

    /// So many milliseconds from the whole request to the status line.
    #[must_use]
    pub fn latency_ms(self, milliseconds: u64) -> Self {
        self.latency(Latency::ms(milliseconds))
    }

    /// From the status line to the first token.
    #[must_use]
    pub fn first_token(mut self, latency: impl Into<Latency>) -> Self {
        self.timing.first_token = latency.into();
        self
    }

    /// So many milliseconds from the status line to the first token.
    #[must_use]
    pub fn first_token_ms(self, milliseconds: u64) -> Self {
        self.first_token(Latency::ms(milliseconds))
    }

    /// From each token to the next.
    #[must_use]
    pub fn pace(mut self, latency: impl Into<Latency>) -> Self {
        self.timing.pace = latency.into();
        self
    }

    /// So many milliseconds from each token to the next.
    #[must_use]
    pub fn pace_ms(self, milliseconds: u64) -> Self {
        self.pace(Latency::ms(milliseconds))
    }

    /// Waits at this point until a gate is released; may be said several times.
    #[must_use]
    pub fn hold(mut self, point: Point) -> Self {
        self.hold.push(point);
        self
    }
}

/// The HTTP side, and what goes wrong.
impl Rule {
    /// The status; other than 200 with an error body in `OpenAI`'s form.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.response.status = Some(status);
        self
    }

    /// A body in place of the answer.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.response.body = Some(body.into());
        self
    }

    /// A page of HTML in place of the answer, as proxies and login pages send it.
    #[must_use]
    pub fn html(self, page: impl Into<String>) -> Self {
        self.body(page).content_type("text/html; charset=utf-8")
    }

    /// The content type in place of the right one.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.response.content_type = Some(content_type.into());
        self
    }

    /// A header on top of the usual ones.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.response.headers.insert(name.into(), value.into());
        self
    }

    /// When to ask again.
    #[must_use]
    pub fn retry_after(mut self, retry_after: RetryAfter) -> Self {
        self.response.retry_after = Some(retry_after);
        self
    }

    /// The header `x-should-retry`.
    #[must_use]
    pub fn should_retry(mut self, should_retry: bool) -> Self {
        self.response.should_retry = Some(should_retry);
        self
    }

    /// Changes the HTTP side of the reply, in place.
    #[must_use]
    pub fn response(mut self, change: impl FnOnce(&mut Response)) -> Self {
        change(&mut self.response);
        self
    }

    /// What goes wrong with the connection.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Accepts the request and says nothing until the client leaves.
    #[must_use]
    pub fn silent(self) -> Self {
        self.fault(Fault::StallAt(Point::BeforeHead))
    }

    /// Says nothing more from this point on, until the client leaves.
    #[must_use]
    pub fn stall_at(self, point: Point) -> Self {
        self.fault(Fault::StallAt(point))
    }

    /// Resets the connection (RST) after so many bytes of the reply.
    #[must_use]
    pub fn reset_after_bytes(self, bytes: u64) -> Self {
        self.fault(Fault::ResetAfterBytes(bytes))
    }

    /// Closes the connection after so many bytes of the reply.
    #[must_use]
    pub fn close_after_bytes(self, bytes: u64) -> Self {
        self.fault(Fault::CloseAfterBytes(bytes))
    }
}
