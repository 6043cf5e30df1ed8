//! One agent of the running layer as one row.

use moa_core::{CallStatus, CallTrace, Progress};

use crate::neutral::neutral_line;
use crate::quantity;
use crate::text::{Color, Line, Style, head, tail, width};

/// The frames of the sign that turns while something works.
const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// How much of an answer's end is looked at to show its tail.
const TAIL_BYTES: usize = 1_024;

/// The columns of the state's word, of which `loading 100 %` is the longest.
const STATE_COLUMNS: usize = 13;

const ELAPSED_COLUMNS: usize = 8;

/// The sign with the space around it, and the space behind the label.
const SIGN_COLUMNS: usize = 4;
const GAP_COLUMNS: usize = 2;

/// What a row takes at least besides its label if the elapsed time is to be seen.
pub(super) const ROW_COLUMNS_BESIDE_LABEL: usize =
    SIGN_COLUMNS + GAP_COLUMNS + STATE_COLUMNS + ELAPSED_COLUMNS;

/// The frame of the spinner at a time of the run.
pub(super) fn spinner(now_ms: f64) -> &'static str {
    const FRAME_MS: f64 = 100.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "only the place in the circle counts"
    )]
    let frame = (now_ms / FRAME_MS) as usize;
    SPINNER.get(frame % SPINNER.len()).copied().unwrap_or("*")
}

/// The agent, and its model where that has another name.
pub(super) fn label(call: &CallTrace) -> String {
    let agent = neutral_line(&call.agent);
    if call.agent == call.model || call.model.is_empty() {
        return agent;
    }
    format!("{agent} ({})", neutral_line(&call.model))
}

/// What a call is doing: a sign, a word, and what more is to be said.
pub(super) struct State {
    pub(super) sign: &'static str,
    pub(super) word: String,
    pub(super) style: Style,
    detail: Detail,
}

enum Detail {
    Text(String),
    Answer,
}

/// What `call` is doing at `now_ms`.
pub(super) fn state(call: &CallTrace, now_ms: f64) -> State {
    let said =
        |sign, word: String, style, detail: String| State { sign, word, style, detail: Detail::Text(detail) };
    if let Some(outcome) = &call.outcome {
        let (sign, word, style) = ending(outcome.status);
        return match &outcome.error {
            Some(failure) => said(sign, word.to_owned(), style, neutral_line(&failure.message)),
            None => State { sign, word: word.to_owned(), style, detail: Detail::Answer },
        };
    }
    if call.first_token_at_ms.is_some() {
        let style = Style::colored(Color::Cyan);
        if call.text.is_empty() {
            return said(spinner(now_ms), "thinking".to_owned(), style, tail_of(&call.reasoning));
        }
        return State { sign: spinner(now_ms), word: "writing".to_owned(), style, detail: Detail::Answer };
    }
    if let Some(retry) = call.retries.last() {
        let word = format!("attempt {}", retry.attempt + 1);
        let reason = neutral_line(&retry.failure.message);
        return said(spinner(now_ms), word, Style::colored(Color::Yellow), format!("after: {reason}"));
    }
    if call.hedged {
        return said(spinner(now_ms), "asked twice".to_owned(), Style::colored(Color::Yellow), String::new());
    }
    match call.progress {
        Some(Progress::Loading { percent }) => {
            said(spinner(now_ms), format!("loading {percent} %"), Style::colored(Color::Blue), String::new())
        }
        Some(Progress::Queued) => said("·", "queued".to_owned(), Style::DIM, String::new()),
        Some(Progress::Prefill { done_tokens, total_tokens, cached_tokens }) => {
            let total = quantity::counted(total_tokens.into(), "token");
            let cached = match cached_tokens {
                0 => String::new(),
                cached => format!(", {} from the cache", quantity::count(cached.into())),
            };
            let detail = format!("{} of {total}{cached}", quantity::count(done_tokens.into()));
            let share = f64::from(done_tokens) / f64::from(total_tokens.max(1));
            let word = format!("reading {}", quantity::percent(share));
            said(spinner(now_ms), word, Style::colored(Color::Blue), detail)
        }
        Some(Progress::Waiting) => {
            said(spinner(now_ms), "asked".to_owned(), Style::colored(Color::Blue), String::new())
        }
        None => said("·", "waiting".to_owned(), Style::DIM, String::new()),
    }
}

/// Sign, word and look of a call that ended.
pub(crate) fn ending(status: CallStatus) -> (&'static str, &'static str, Style) {
    match status {
        CallStatus::Ok => ("✓", "done", Style::colored(Color::Green)),
        CallStatus::Partial => ("◐", "partial", Style::colored(Color::Yellow)),
        CallStatus::Failed => ("✗", "failed", Style::colored(Color::Red)),
        CallStatus::Dropped => ("⊘", "dropped", Style::colored(Color::Red)),
    }
}

/// From the call's start to its end or to now.
pub(super) fn elapsed_ms(call: &CallTrace, now_ms: f64) -> f64 {
    call.outcome.as_ref().map_or_else(|| (now_ms - call.started_at_ms).max(0.0), |outcome| outcome.wall_ms)
}

/// Tokens written so far. Endpoints that count only at the end are believed then.
pub(crate) fn written_tokens(call: &CallTrace) -> u32 {
    let counted_at_the_end = call.outcome.as_ref().map_or(0, |outcome| outcome.usage.completion_tokens);
    call.tokens.max(counted_at_the_end)
}

/// The row of `call`, `columns` wide at most; its label takes `label_columns`.
///
/// Where there is no room for both, the speed takes the place of the state's word, which the sign says too.
pub(super) fn row(call: &CallTrace, now_ms: f64, columns: usize, label_columns: usize) -> Line {
    const TOKEN_COLUMNS: usize = 11;
    const SPEED_COLUMNS: usize = 12;
    const LEAST_TAIL_COLUMNS: usize = 12;

    let state = state(call, now_ms);
    let is_well = call.outcome.as_ref().is_none_or(|outcome| outcome.status == CallStatus::Ok);
    let speed = call.tokens_per_second().map(quantity::tokens_per_second);
    if columns < SIGN_COLUMNS + label_columns + GAP_COLUMNS + STATE_COLUMNS {
        let fact = speed.filter(|_| is_well).unwrap_or_else(|| first_word(&state.word).to_owned());
        return narrow_row(call, &state, &fact, columns);
    }
    let mut line = Line::plain("  ").with(state.sign, state.style).with(" ", Style::PLAIN);
    line.extend(&Line::plain(label(call)).truncated(label_columns));
    line.pad_to(SIGN_COLUMNS + label_columns + GAP_COLUMNS);
    let mut end = line.width() + STATE_COLUMNS;
    let has_speed_column = end + TOKEN_COLUMNS + SPEED_COLUMNS + ELAPSED_COLUMNS <= columns;
    let word = match &speed {
        Some(speed) if is_well && !has_speed_column => speed,
        _ => &state.word,
    };
    line.push(head(word, STATE_COLUMNS), state.style);
    line.pad_to(end);

    let tokens = written_tokens(call);
    if end + TOKEN_COLUMNS + ELAPSED_COLUMNS <= columns {
        let text =
            if tokens == 0 { String::new() } else { format!("{} tok", quantity::count(tokens.into())) };
        end += TOKEN_COLUMNS;
        push_right(&mut line, &text, end, Style::PLAIN);
    }
    if has_speed_column {
        end += SPEED_COLUMNS;
        push_right(&mut line, &speed.unwrap_or_default(), end, Style::PLAIN);
    }
    if end + ELAPSED_COLUMNS <= columns {
        end += ELAPSED_COLUMNS;
        push_right(&mut line, &quantity::milliseconds(elapsed_ms(call, now_ms)), end, Style::DIM);
    }
    let left = columns.saturating_sub(end + 2);
    if left >= LEAST_TAIL_COLUMNS {
        line.push("  ", Style::PLAIN);
        match &state.detail {
            Detail::Text(text) if state.word == "thinking" => {
                line.push(tail(text, left), Style::DIM);
            }
            Detail::Text(text) => line.extend(&Line::styled(text.clone(), state.style).truncated(left)),
            Detail::Answer => line.push(&answer_tail(call, left), Style::DIM),
        }
    }
    line
}

/// A row for a terminal that has no room for columns: as much of the label as one fact leaves.
fn narrow_row(call: &CallTrace, state: &State, fact: &str, columns: usize) -> Line {
    let mut line = Line::styled(state.sign, state.style).with(" ", Style::PLAIN);
    let left = columns.saturating_sub(line.width() + width(fact) + 1);
    line.extend(&Line::plain(label(call)).truncated(left));
    push_right(&mut line, fact, columns, state.style);
    line
}

/// The word itself, without what follows it.
pub(super) fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

fn push_right(line: &mut Line, text: &str, end: usize, style: Style) {
    line.pad_to(end.saturating_sub(width(text)));
    line.push(text, style);
}

/// The end of a text on one line, longer than any row.
fn tail_of(text: &str) -> String {
    let start = text.ceil_char_boundary(text.len().saturating_sub(TAIL_BYTES));
    neutral_line(text.get(start..).unwrap_or_default())
}

/// The end of what an agent has written, on one line.
fn answer_tail(call: &CallTrace, columns: usize) -> String {
    let text = tail_of(&call.text);
    if call.text.len() <= TAIL_BYTES && width(&text) <= columns {
        return text;
    }
    format!("…{}", tail(&text, columns.saturating_sub(1)).trim_start())
}
