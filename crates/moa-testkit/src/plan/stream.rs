//! A streamed answer as events.

use serde_json::{Value, json};

use super::event::{Data, EventWriter, INVALID};
use super::head::{Body, head};
use super::reply::{Call, Said, total};
use super::step::{Plan, STAMP};
use super::whole::{CREATED, reasoning_field, tool_call, usage};
use crate::request::ChatRequest;
use crate::script::{Chunks, Done, FinishAt, Framing, Point, RoleAt, Rule, StampIn, StreamShape, UsageAt};
use crate::text;

/// A numbered chunk: its delta and how many tokens are in it.
struct Chunk {
    delta: Value,
    tokens: usize,
}

/// Adds the whole stream to the plan.
pub(crate) fn send(plan: &mut Plan, call: &mut Call<'_>, request: &ChatRequest, said: &Said) {
    let rule = call.rule;
    if !plan.reach(Point::BeforeHead, &rule.hold, rule.fault) {
        return;
    }
    let chunked = rule.response.framing == Framing::Usual;
    let mut stream = Stream {
        rule,
        said,
        usage: usage_at(rule, request),
        include_usage: request.wants_usage(),
        events: EventWriter::new(&rule.stream, chunked),
        tokens_sent: 0,
    };
    plan.send(super::step::Piece::plain(head(plan.status, &rule.response, Body::Stream, plan.close)));
    if rule.stream.role == RoleAt::OwnEvent {
        let event = stream.event(&json!({ "role": "assistant", "content": "" }), None);
        plan.send(stream.events.event(&Data::Json(&event), false));
    }
    let chunks = chunks(rule, said);
    let last = chunks.len();
    for (number, chunk) in (1..).zip(chunks) {
        let timing = &rule.timing;
        let mut pause =
            total(&timing.pace, chunk.tokens.saturating_sub(usize::from(number == 1)), &mut call.time_random);
        if number == 1 {
            pause += timing.first_token.sample(&mut call.time_random);
        }
        plan.pause(pause);
        if !plan.reach(Point::BeforeChunk(number), &rule.hold, rule.fault) {
            return;
        }
        if stream.breaks_off(plan, number) {
            return;
        }
        stream.chunk(plan, number, chunk, number == last);
    }
    if !plan.reach(Point::BeforeEnd, &rule.hold, rule.fault) {
        return;
    }
    if !stream.breaks_off(plan, last + 1) {
        stream.finish(plan);
    }
}

/// Where the usage is told to this request.
fn usage_at(rule: &Rule, request: &ChatRequest) -> UsageAt {
    match rule.answer.usage {
        UsageAt::AsAsked if request.wants_usage() => UsageAt::OwnChunk,
        UsageAt::AsAsked => UsageAt::Never,
        at => at,
    }
}

/// A stream that is being planned.
struct Stream<'a> {
    rule: &'a Rule,
    said: &'a Said,
    usage: UsageAt,
    include_usage: bool,
    events: EventWriter<'a>,
    tokens_sent: u64,
}

impl Stream<'_> {
    /// An event around a delta, as `OpenAI` writes it.
    fn event(&self, delta: &Value, finish_reason: Option<&str>) -> Value {
        let choice = json!({ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason });
        self.around(json!([choice]))
    }

    fn around(&self, choices: Value) -> Value {
        let mut event = json!({
            "id": self.said.id,
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": self.said.model,
        });
        event["choices"] = choices;
        if self.usage == UsageAt::EveryChunk {
            event["usage"] = usage(self.said, self.tokens_sent);
        } else if self.include_usage && self.usage != UsageAt::Never {
            event["usage"] = Value::Null;
        }
        event
    }

    /// Adds a numbered chunk.
    fn chunk(&mut self, plan: &mut Plan, number: usize, mut chunk: Chunk, is_last: bool) {
        let shape = &self.rule.stream;
        self.tokens_sent += chunk.tokens as u64;
        if shape.role == RoleAt::EveryChunk || (shape.role == RoleAt::FirstChunk && number == 1) {
            chunk.delta["role"] = "assistant".into();
        }
        if shape.invalid_utf8_in_chunk == Some(number) {
            append(&mut chunk.delta, INVALID);
        }
        let ends = is_last && shape.finish == FinishAt::LastChunk;
        let mut event = self.event(&chunk.delta, ends.then_some(self.said.finish_reason.as_str()));
        if is_last && (self.usage == UsageAt::LastContent || (ends && self.usage == UsageAt::FinishChunk)) {
            event["usage"] = usage(self.said, self.said.completion_tokens);
        }
        if shape.stamp == StampIn::Field {
            event["mock_sent_ns"] = String::from_utf8_lossy(STAMP).into();
        }
        let is_tool_call = event["choices"][0]["delta"]["tool_calls"].is_array();
        let times = if is_tool_call && shape.duplicate_tool_calls { 2 } else { 1 };
        for _ in 0..times {
            let is_here = |place: Option<usize>| place == Some(number);
            let data = match shape {
                shape if is_here(shape.cut_json_in_chunk) => Data::CutJson(&event),
                shape if is_here(shape.invalid_utf8_in_chunk) => Data::InvalidUtf8(&event),
                _ => Data::Json(&event),
            };
            plan.send(self.events.event(&data, true));
        }
    }

    /// Adds the error event if it stands in place of the chunk of this number.
    fn breaks_off(&mut self, plan: &mut Plan, number: usize) -> bool {
        let Some(error) = self.rule.stream.error.as_ref().filter(|error| error.before_chunk == number) else {
            return false;
        };
        let event = json!({ "error": {
            "message": error.message, "type": error.r#type, "param": null, "code": error.code,
        } });
        plan.send(self.events.event(&Data::Json(&event), false));
        if error.done {
            plan.send(self.events.event(&Data::Text("[DONE]"), false));
        }
        plan.send(self.events.end());
        true
    }

    /// Adds what comes after the last chunk.
    fn finish(&mut self, plan: &mut Plan) {
        let shape = &self.rule.stream;
        if shape.finish == FinishAt::OwnEvent {
            let mut event = self.event(&json!({}), Some(&self.said.finish_reason));
            if self.usage == UsageAt::FinishChunk {
                event["usage"] = usage(self.said, self.said.completion_tokens);
            }
            plan.send(self.events.event(&Data::Json(&event), false));
        }
        if self.usage == UsageAt::OwnChunk {
            let mut event = self.around(json!([]));
            event["usage"] = usage(self.said, self.said.completion_tokens);
            plan.send(self.events.event(&Data::Json(&event), false));
        }
        let done = Data::Text("[DONE]");
        if shape.done != Done::Missing {
            plan.send(self.events.event(&done, false));
        }
        if shape.done == Done::TwiceWithEventBetween {
            let event = self.event(&json!({ "content": " after the end" }), None);
            plan.send(self.events.event(&Data::Json(&event), false));
        }
        if matches!(shape.done, Done::Twice | Done::TwiceWithEventBetween) {
            plan.send(self.events.event(&done, false));
        }
        plan.send(self.events.end());
    }
}

/// Every numbered chunk in order: reasoning, text, tool calls.
fn chunks(rule: &Rule, said: &Said) -> Vec<Chunk> {
    let shape = &rule.stream;
    let mut chunks = Vec::new();
    if let Some(reasoning) = &said.reasoning {
        let field = reasoning_field(rule);
        chunks.extend(
            groups(reasoning, shape).map(|(text, tokens)| Chunk { delta: json!({ field: text }), tokens }),
        );
    }
    chunks.extend(groups(&said.text, shape).map(|(text, tokens)| {
        let stamp = (shape.stamp == StampIn::Text).then(|| format!("{} ", String::from_utf8_lossy(STAMP)));
        Chunk { delta: json!({ "content": stamp.unwrap_or(text) }), tokens }
    }));
    for (index, call) in rule.answer.tool_calls.iter().enumerate() {
        let mut first = tool_call(index, call, "");
        first["index"] = index.into();
        chunks.push(Chunk { delta: json!({ "tool_calls": [first] }), tokens: 0 });
        chunks.extend(groups(&call.arguments, shape).map(|(text, tokens)| {
            let call = json!({ "index": index, "function": { "arguments": text } });
            Chunk { delta: json!({ "tool_calls": [call] }), tokens }
        }));
    }
    chunks
}

/// The text in pieces of whole tokens, each with its number of tokens.
fn groups(text: &str, shape: &StreamShape) -> impl Iterator<Item = (String, usize)> {
    let tokens = text::tokens(text);
    let size = match shape.chunks {
        Chunks::Tokens(tokens) => tokens.max(1),
        Chunks::Whole => tokens.len().max(1),
    };
    tokens.chunks(size).map(|group| (group.concat(), group.len())).collect::<Vec<_>>().into_iter()
}

/// Appends to whatever text a delta has.
fn append(delta: &mut Value, text: &str) {
    for field in ["content", "reasoning_content", "reasoning"] {
        if let Some(present) = delta[field].as_str().map(str::to_owned) {
            delta[field] = format!("{present}{text}").into();
            return;
        }
    }
}
