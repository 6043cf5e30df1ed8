//! A run drawn while it happens.

mod answer;
mod layer;
mod record;
mod row;
mod screen;

pub(crate) use self::record::verdicts;
pub(crate) use self::row::{ending, written_tokens};

use std::io::{self, Write};
use std::time::Duration;

use moa_core::{
    CallId, CallTrace, Event, EventKind, Fallback, LayerIndex, LayerRole, LayerTrace, RunEnd, Trace,
};

use self::answer::Answer;
use self::screen::Screen;
use crate::layers::answer_text;
use crate::neutral::neutral;
use crate::options::{TerminalSize, TraceMode, ViewOptions};
use crate::text::{Line, to_ansi};
use crate::wrap::wrap;

/// Draws a run from its events: the answer on `stdout`, all else on `stderr`.
///
/// On a terminal the running layer is drawn in place, a finished one leaves a line, and the answer appears as it is written. In
/// a file or pipe everything is plain lines. Call [`RunView::event`] for every event, [`RunView::tick`] about ten times a
/// second, and [`RunView::finish`] at the end; dropping the view also leaves the terminal as it was found.
#[derive(Debug)]
pub struct RunView<Out: Write, Err: Write> {
    options: ViewOptions,
    stdout: Out,
    screen: Screen<Err>,
    trace: Trace,
    answer: Answer,
    /// The aggregator's call, once it wrote something.
    speaker: Option<CallId>,
    now_ms: f64,
    /// When the terminal's size changed last.
    resized_at_ms: Option<f64>,
}

/// How long a size has to last before the region is drawn for it, in milliseconds. While somebody drags the edge of a window, terminals
/// break the drawn rows anew at once and tell the new size later, tmux up to a quarter of a second: what is drawn meanwhile lands in
/// the wrong rows.
const SETTLING_MS: f64 = 500.0;

impl<Out: Write, Err: Write> RunView<Out, Err> {
    /// A view that has seen nothing yet and writes nothing until it does.
    pub fn new(options: ViewOptions, stdout: Out, stderr: Err) -> Self {
        Self {
            options,
            stdout,
            screen: Screen::new(stderr, options.size, options.color_on_stderr()),
            trace: Trace::default(),
            answer: Answer::new(&options),
            speaker: None,
            now_ms: 0.0,
            resized_at_ms: None,
        }
    }

    /// The run as it stands.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Shows what happened.
    ///
    /// # Errors
    /// When a stream cannot be written; `BrokenPipe` where nobody reads the answer any more.
    pub fn event(&mut self, event: &Event) -> io::Result<()> {
        self.trace.apply(event);
        self.now_ms = self.now_ms.max(event.at_ms);
        match &event.kind {
            EventKind::CallDelta { call, text, .. } if self.is_aggregator(*call) => {
                self.answer_piece(*call, text)
            }
            // Drawn at the next tick: there are too many of these to draw each.
            EventKind::CallDelta { .. }
            | EventKind::CallReasoning { .. }
            | EventKind::CallProgress { .. } => Ok(()),
            EventKind::RunFinished { .. } | EventKind::RunFailed { .. } | EventKind::RunCancelled { .. } => {
                self.run_ended()
            }
            kind => {
                if let EventKind::CallFinished { call, outcome } = kind
                    && self.is_aggregator(*call)
                {
                    self.answer_finished(*call, &outcome.text)?;
                }
                let lines = self.lines_of(kind);
                self.print(&lines)?;
                self.full_text_of(kind)
            }
        }
    }

    /// Lets time go on: turns the spinners and shows what was written since.
    ///
    /// # Units
    /// `now` is the time since the run started. A clock that is read when the stream is first polled will do.
    ///
    /// # Errors
    /// When `stderr` cannot be written.
    pub fn tick(&mut self, now: Duration) -> io::Result<()> {
        self.now_ms = self.now_ms.max(now.as_secs_f64() * 1_000.0);
        if self.resized_at_ms.is_some_and(|at_ms| self.now_ms < at_ms + SETTLING_MS) {
            return Ok(());
        }
        self.draw()
    }

    /// Tells the view that the terminal has another size. Costs nothing where it has not, so it can be called at every tick.
    pub fn resize(&mut self, size: TerminalSize) {
        if size != self.options.size {
            self.options.size = size;
            self.resized_at_ms = Some(self.now_ms);
            self.screen.resize(size);
            self.answer.resize(size.width);
        }
    }

    /// Writes a message of the caller's on `stderr`, above what is drawn in place.
    ///
    /// # Errors
    /// When `stderr` cannot be written.
    pub fn note(&mut self, message: &str) -> io::Result<()> {
        let lines: Vec<Line> = neutral(message).lines().map(Line::plain).collect();
        self.print(&lines)
    }

    /// Writes what is left and leaves the terminal as it was found. Harmless when called again.
    ///
    /// # Errors
    /// When a stream cannot be written.
    pub fn finish(&mut self) -> io::Result<()> {
        self.end_answer()?;
        if self.trace.end.is_none() {
            let lines = match self.trace.layers.last() {
                Some(layer) if layer.wall_ms.is_none() && self.is_live() => {
                    record::layer_finished(&self.trace, layer)
                }
                _ => Vec::new(),
            };
            self.print_text(&self.record_text(&lines), &[])?;
        }
        self.screen.restore()
    }

    fn is_live(&self) -> bool {
        self.options.stderr_is_terminal && self.options.trace != TraceMode::None
    }

    fn layer(&self, index: LayerIndex) -> Option<&LayerTrace> {
        self.trace.layers.iter().find(|layer| layer.index == index)
    }

    fn is_aggregator(&self, call: CallId) -> bool {
        self.layer(call.layer).is_some_and(|layer| layer.role == LayerRole::Aggregator)
    }

    /// The lines that an event leaves.
    fn lines_of(&self, kind: &EventKind) -> Vec<Line> {
        let trace = &self.trace;
        let is_live = self.is_live();
        match (kind, self.options.trace) {
            (EventKind::CallWarning { call, message }, mode) if mode == TraceMode::None || !is_live => {
                self.about(*call, |call| record::warning(&format!("{}: {message}", row::label(call))))
            }
            (EventKind::CallRetried { call, retry }, mode) if mode == TraceMode::None || !is_live => self
                .about(*call, |call| {
                    record::warning(&format!("{}: {}", row::label(call), record::retried(retry)))
                }),
            (EventKind::CallShortened { call, shortening }, mode) if mode == TraceMode::None || !is_live => {
                self.about(*call, |call| {
                    record::warning(&format!("{}: {}", row::label(call), record::shortened(shortening)))
                })
            }
            // What became of the aggregator is said once, by the end of the run.
            (EventKind::CallFinished { call, outcome }, TraceMode::None)
                if outcome.error.is_some() && !self.is_aggregator(*call) =>
            {
                self.about(*call, |call| {
                    let line = record::call_finished_plain(trace, call, outcome);
                    record::warning(&line.to_ansi(false))
                })
            }
            (_, TraceMode::None) => Vec::new(),
            (EventKind::RunStarted { notes, .. }, _) => {
                let notes = notes.iter().map(|note| record::note(note));
                record::run_started(trace).into_iter().chain(notes).collect()
            }
            // The layer of an aggregator that is not asked.
            (EventKind::LayerStarted { role, .. }, _)
                if *role == LayerRole::Aggregator && trace.settled().is_some() =>
            {
                Vec::new()
            }
            (EventKind::Decided { layer, decision }, _) if !is_live => self
                .layer(*layer)
                .map(|layer| record::about_layer(trace, layer, &record::decided(trace, decision)))
                .into_iter()
                .collect(),
            (EventKind::AgreementMeasured { layer, .. }, _) if !is_live => self
                .layer(*layer)
                .and_then(|layer| Some((layer, layer.agreement.as_ref()?)))
                .map(|(layer, measured)| record::about_layer(trace, layer, &record::agreed(trace, measured)))
                .into_iter()
                .collect(),
            (EventKind::LayerStarted { layer, .. }, _) if !is_live => self
                .layer(*layer)
                .map(|layer| record::layer_started_plain(trace, layer))
                .into_iter()
                .collect(),
            (EventKind::CallFinished { call, outcome }, _) if !is_live => {
                self.about(*call, |call| record::call_finished_plain(trace, call, outcome))
            }
            (EventKind::LayerFinished { layer, kept, lost, wall_ms }, _) => {
                let asked =
                    self.layer(*layer).filter(|layer| !(layer.calls.is_empty() && trace.settled().is_some()));
                asked.map_or_else(Vec::new, |layer| {
                    if is_live {
                        let gap = self.speaker.is_some() && self.shares_terminal();
                        let gap = gap.then(Line::default);
                        return gap.into_iter().chain(record::layer_finished(trace, layer)).collect();
                    }
                    vec![record::layer_finished_plain(trace, layer, *kept, *lost, *wall_ms)]
                })
            }
            _ => Vec::new(),
        }
    }

    fn about(&self, id: CallId, say: impl Fn(&CallTrace) -> Line) -> Vec<Line> {
        self.trace.call(id).map(say).into_iter().collect()
    }

    /// With the full trace: the whole text of a proposal that is done.
    fn full_text_of(&mut self, kind: &EventKind) -> io::Result<()> {
        let EventKind::CallFinished { call, .. } = kind else { return Ok(()) };
        if self.options.trace != TraceMode::Full || self.is_aggregator(*call) {
            return Ok(());
        }
        let columns = self.options.stderr_is_terminal.then_some(self.options.size.width);
        let text =
            self.trace.call(*call).map(|call| answer_text(call, columns, self.options.color_on_stderr()));
        let text = text.map(|text| format!("\n{text}")).unwrap_or_default();
        let region = self.region();
        self.print_text(&text, &region)
    }

    /// A piece of the answer arrived.
    fn answer_piece(&mut self, call: CallId, piece: &str) -> io::Result<()> {
        let is_first = self.speaker.replace(call).is_none();
        let text = self.answer.push(piece);
        if is_first && self.shares_terminal() {
            // A blank line between the record of the layers and the answer.
            let gap = if self.options.trace == TraceMode::None { "" } else { "\n" };
            self.screen.print(gap, &[])?;
        }
        self.write_answer(&text)
    }

    /// Whether answer and region are on the same terminal and must make room for each other.
    fn shares_terminal(&self) -> bool {
        self.options.stdout_is_terminal && self.options.stderr_is_terminal
    }

    fn write_answer(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        if self.shares_terminal() {
            self.screen.suspend()?;
        }
        self.stdout.write_all(text.as_bytes())?;
        self.stdout.flush()?;
        if self.shares_terminal() { self.draw() } else { Ok(()) }
    }

    /// Writes the rest of the answer, if there is one.
    fn end_answer(&mut self) -> io::Result<()> {
        let text = self.answer.finish();
        if text.is_empty() {
            return Ok(());
        }
        if self.shares_terminal() {
            self.screen.print("", &[])?;
        }
        self.stdout.write_all(text.as_bytes())?;
        self.stdout.flush()
    }

    /// The aggregator fell silent. An answer that did not come in pieces is written as a whole.
    fn answer_finished(&mut self, call: CallId, text: &str) -> io::Result<()> {
        if self.speaker.is_none() && !text.is_empty() {
            self.answer_piece(call, text)?;
        }
        self.end_answer()
    }

    fn run_ended(&mut self) -> io::Result<()> {
        self.stand_in()?;
        self.end_answer()?;
        let lines = match &self.trace.end {
            Some(RunEnd::Finished(outcome)) => record::fallback(&self.trace, outcome).into_iter().collect(),
            Some(RunEnd::Failed { failure, .. }) => record::run_failed(failure),
            Some(RunEnd::Cancelled { wall_ms, .. }) => vec![record::run_cancelled(&self.trace, *wall_ms)],
            _ => Vec::new(),
        };
        self.print_text(&self.record_text(&lines), &[])?;
        self.screen.restore()
    }

    /// Where a proposal is the answer nobody has spoken yet, and it is written as a whole.
    fn stand_in(&mut self) -> io::Result<()> {
        let Some(RunEnd::Finished(outcome)) = &self.trace.end else { return Ok(()) };
        let of_proposal = match outcome.fallback {
            Some(Fallback::Proposal { call }) => Some(call),
            _ => outcome.chosen,
        };
        let Some(call) = of_proposal else { return Ok(()) };
        let answer = outcome.answer.clone();
        self.answer_finished(call, &answer)
    }

    fn print(&mut self, lines: &[Line]) -> io::Result<()> {
        let text = self.record_text(lines);
        let region = self.region();
        self.print_text(&text, &region)
    }

    /// Lines that stay. A terminal gets them broken between words, a log gets each as one line.
    fn record_text(&self, lines: &[Line]) -> String {
        const INDENT: &str = "    ";
        if !self.options.stderr_is_terminal {
            return to_ansi(lines, self.options.color_on_stderr());
        }
        let columns = usize::from(self.options.size.width);
        let broken: Vec<Line> = lines
            .iter()
            .flat_map(|line| wrap(&line.spans, columns, &Line::default(), &Line::plain(INDENT)))
            .collect();
        to_ansi(&broken, self.options.color_on_stderr())
    }

    fn print_text(&mut self, text: &str, region: &[Line]) -> io::Result<()> {
        if self.options.stderr_is_terminal {
            return self.screen.print(text, region);
        }
        self.screen.write_plain(text)
    }

    fn draw(&mut self) -> io::Result<()> {
        if !self.options.stderr_is_terminal {
            return Ok(());
        }
        let region = self.region();
        self.screen.draw(&region)
    }

    /// What is drawn in place now: the running layer, or the end of the answer that is not yet on standard output.
    fn region(&self) -> Vec<Line> {
        let size = self.screen.size();
        let (columns, rows) =
            (usize::from(size.width).saturating_sub(1), usize::from(size.height).saturating_sub(1));
        let running =
            self.trace.layers.last().filter(|layer| layer.wall_ms.is_none() && self.trace.end.is_none());
        let Some(layer) = running else { return Vec::new() };
        if self.speaker.is_none() || !self.shares_terminal() {
            if !self.is_live() {
                return Vec::new();
            }
            return layer::layer_lines(&self.trace, layer, self.now_ms, columns, rows);
        }
        if !self.answer.ends_line() {
            return Vec::new();
        }
        let mut lines = self.answer.pending();
        if self.is_live() {
            lines.push(Line::default());
            lines.extend(layer.calls.iter().map(|call| layer::speaker_line(call, self.now_ms)));
        }
        lines
    }
}

impl<Out: Write, Err: Write> Drop for RunView<Out, Err> {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = self.screen.restore();
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
