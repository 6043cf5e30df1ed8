//! Choosing the rule for a request.

use std::sync::Arc;

use super::http::HttpRequest;
use crate::request::ChatRequest;
use crate::script::{Route, Rule, When, matches_pattern};

/// A rule and how often it fitted and was used.
#[derive(Debug)]
pub(crate) struct RuleState {
    rule: Arc<Rule>,
    fitted: u64,
    used: u64,
}

/// What rules are chosen by.
pub(crate) struct Asked<'a> {
    pub(crate) http: &'a HttpRequest,
    pub(crate) chat: Option<&'a ChatRequest>,
    /// `None` for a path that the mock does not know.
    pub(crate) route: Option<Route>,
    pub(crate) phase: Option<&'a str>,
    /// This request included.
    pub(crate) in_flight: usize,
}

impl RuleState {
    pub(crate) fn new(rule: Rule) -> Self {
        Self { rule: Arc::new(rule), fitted: 0, used: 0 }
    }
}

/// The first rule that fits and is not used up, with its place.
pub(crate) fn choose(rules: &mut [RuleState], asked: &Asked<'_>) -> Option<(usize, Arc<Rule>)> {
    for (index, state) in rules.iter_mut().enumerate() {
        let when = &state.rule.when;
        if !fits(when, asked) {
            continue;
        }
        state.fitted += 1;
        let in_number = when.number.is_none_or(|numbers| numbers.contains(state.fitted));
        if in_number && state.rule.uses.is_none_or(|uses| state.used < uses) {
            state.used += 1;
            return Some((index, state.rule.clone()));
        }
    }
    None
}

/// Whether all conditions but the number hold.
fn fits(when: &When, asked: &Asked<'_>) -> bool {
    let chat = asked.chat;
    let route = when.route == Route::Any || asked.route == Some(when.route);
    let model = when
        .model
        .as_deref()
        .is_none_or(|pattern| chat.is_some_and(|chat| matches_pattern(pattern, chat.model())));
    let headers = when.headers.iter().all(|(name, pattern)| {
        asked.http.header(&name.to_ascii_lowercase()).is_some_and(|v| matches_pattern(pattern, v))
    });
    let prompt =
        when.prompt_contains.as_deref().is_none_or(|text| chat.is_some_and(|chat| chat.contains(text)));
    let stream = when.stream.is_none_or(|stream| chat.is_some_and(|chat| chat.is_stream() == stream));
    let phase = when.phase.as_deref().is_none_or(|phase| asked.phase == Some(phase));
    let in_flight = when.in_flight_above.is_none_or(|above| asked.in_flight > above);
    route && model && headers && prompt && stream && phase && in_flight
}
