//! From a rule and a request to the reply.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore as _;

use super::head::{Body, error_body, head};
use super::step::{Break, Piece, Plan};
use super::{stream, whole};
use crate::request::ChatRequest;
use crate::script::{Fault, Framing, Latency, Point, ReasoningForm, Rule};
use crate::text;

/// A request with all that its reply depends on.
pub(crate) struct Call<'a> {
    pub(crate) rule: &'a Rule,
    /// Missing for requests that are no chat, which get a status or a body, not an answer.
    pub(crate) request: Option<&'a ChatRequest>,
    /// For what is said: the same for equal requests.
    pub(crate) text_random: ChaCha8Rng,
    /// For how long it takes: differs when an equal request comes again.
    pub(crate) time_random: ChaCha8Rng,
    /// The client wants the connection closed.
    pub(crate) close: bool,
}

/// What is said in a reply.
pub(crate) struct Said {
    pub(crate) id: String,
    pub(crate) model: String,
    pub(crate) reasoning: Option<String>,
    pub(crate) text: String,
    pub(crate) finish_reason: String,
    /// How many choices say it.
    pub(crate) choices: u64,
    /// How many tokens there are, whatever the usage says.
    pub(crate) tokens: usize,
    pub(crate) prompt_tokens: u64,
    pub(crate) completion_tokens: u64,
    pub(crate) reasoning_tokens: u64,
}

/// The reply to a request.
pub(crate) fn plan(mut call: Call<'_>) -> Plan {
    let response = &call.rule.response;
    let close = call.close || response.close || response.framing == Framing::UntilClose;
    let mut plan = Plan { status: response.status.unwrap_or(200), close, ..Plan::default() };
    plan.break_after = match call.rule.fault {
        Some(Fault::CloseAfterBytes(bytes)) => Some((bytes, Break::Close)),
        Some(Fault::ResetAfterBytes(bytes)) => Some((bytes, Break::Reset)),
        _ => None,
    };
    let timing = &call.rule.timing;
    plan.pause(timing.head.sample(&mut call.time_random));
    let Some(request) = call.request.filter(|_| plan.status == 200 && response.body.is_none()) else {
        let body = fixed_body(call.rule, plan.status);
        send_whole(&mut plan, call.rule, &body, "application/json");
        return plan;
    };
    let said = say(&mut call, request);
    plan.prompt_tokens = said.prompt_tokens;
    plan.completion_tokens = said.completion_tokens;
    if request.is_stream() {
        stream::send(&mut plan, &mut call, request, &said);
    } else {
        let first = timing.first_token.sample(&mut call.time_random);
        let others = total(&timing.pace, said.tokens.saturating_sub(1), &mut call.time_random);
        plan.pause(first + others);
        let body = whole::body(call.rule, &said);
        send_whole(&mut plan, call.rule, &body, "application/json");
    }
    plan
}

/// The rule's own body, or the error that its status stands for.
fn fixed_body(rule: &Rule, status: u16) -> Vec<u8> {
    match &rule.response.body {
        Some(body) => body.clone().into_bytes(),
        None => error_body(
            status,
            &format!("the mock was told to answer {status}"),
            rule.response.error_code.as_deref(),
        ),
    }
}

/// Adds a body that is not streamed, with its head.
fn send_whole(plan: &mut Plan, rule: &Rule, body: &[u8], content_type: &str) {
    let body = &body[..rule.response.cut_body_at.unwrap_or(body.len()).min(body.len())];
    if !plan.reach(Point::BeforeHead, &rule.hold, rule.fault) {
        return;
    }
    let length = body.len();
    let head = head(plan.status, &rule.response, Body::Whole { length, content_type }, plan.close);
    plan.send(Piece::plain(head));
    if !plan.reach(Point::BEFORE_FIRST_CHUNK, &rule.hold, rule.fault) {
        return;
    }
    let (most, last) = body.split_at(length.saturating_sub(1));
    plan.send(Piece { drip: rule.stream.drip, ..Piece::plain(most.to_vec()) });
    if plan.reach(Point::BeforeEnd, &rule.hold, rule.fault) {
        plan.send(Piece::plain(last.to_vec()));
    }
}

fn say(call: &mut Call<'_>, request: &ChatRequest) -> Said {
    let answer = &call.rule.answer;
    let id = format!("chatcmpl-{:016x}", call.text_random.next_u64());
    let whole = text::whole_text(answer, request, &mut call.text_random);
    let asked = request.max_tokens().filter(|_| !answer.ignore_max_tokens);
    let limit = asked.into_iter().chain(answer.max_tokens).min().unwrap_or(usize::MAX);
    let words = text::tokens(&whole);
    let kept = words.len().min(limit);
    let text = words[..kept].concat();
    let finish_reason = match &answer.finish_reason {
        Some(reason) => reason.clone(),
        None if kept < words.len() => "length".to_owned(),
        None if !answer.tool_calls.is_empty() => "tool_calls".to_owned(),
        None => "stop".to_owned(),
    };
    let count = |text: &str| text::tokens(text).len();
    let reasoning_tokens = answer.reasoning.as_ref().map_or(0, |reasoning| count(&reasoning.text));
    let tool_tokens: usize = answer.tool_calls.iter().map(|call| count(&call.arguments)).sum();
    let tokens = kept + reasoning_tokens + tool_tokens;
    let thoughts = answer.reasoning.as_ref();
    let in_text = thoughts.filter(|reasoning| reasoning.form == ReasoningForm::Think);
    let text = match in_text {
        Some(reasoning) => format!("<think>\n{}\n</think>\n\n{text}", reasoning.text),
        None => text,
    };
    Said {
        id,
        model: answer.model.clone().unwrap_or_else(|| request.model().to_owned()),
        reasoning: thoughts.filter(|_| in_text.is_none()).map(|reasoning| reasoning.text.clone()),
        text,
        finish_reason,
        prompt_tokens: answer.prompt_tokens.unwrap_or(request.words() as u64),
        tokens,
        completion_tokens: answer.completion_tokens.unwrap_or(tokens as u64 * request.choices()),
        reasoning_tokens: reasoning_tokens as u64 * request.choices(),
        choices: request.choices(),
    }
}

/// The sum of so many draws.
pub(crate) fn total(latency: &Latency, draws: usize, random: &mut ChaCha8Rng) -> Duration {
    if latency.is_zero() {
        return Duration::ZERO;
    }
    (0..draws).map(|_| latency.sample(random)).sum()
}
