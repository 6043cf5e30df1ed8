//! The run loop: events go to the store, to the trace and to whoever shows them, as they come.

use std::io::{self, Stdout, Write as _};
use std::pin::pin;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use moa_core::{Conversation, Event, Mixture, Models, RunEnd, RunId, RunRequest, RunSeed, Trace};
use moa_export::RunDocument;
use moa_store::Recorder;
use moa_terminal::{AnswerMode, RunView, TerminalSize, TraceMode, ViewOptions, quantities};
use uuid::Uuid;

use crate::cli::{OutputArg, TraceArg};
use crate::complaint::Complaint;
use crate::workspace::Workspace;

/// How often spinners turn and elapsed times are drawn.
const TICK: Duration = Duration::from_millis(100);

/// Whoever shows a run.
pub(crate) enum Reader {
    /// A person at a terminal, or a pipe that wants the answer.
    View(Box<RunView<Stdout, io::Stderr>>, ViewOptions),
    /// A program that wants every event.
    JsonLines(Stdout),
    /// A program that wants one document at the end.
    Json(Stdout),
}

impl Reader {
    /// The reader for what the command line asks for.
    pub(crate) fn new(output: OutputArg, trace: TraceArg) -> Self {
        match output {
            OutputArg::Text => {
                let mode = match trace {
                    TraceArg::Live => TraceMode::Live,
                    TraceArg::Full => TraceMode::Full,
                    TraceArg::None => TraceMode::None,
                };
                let options = ViewOptions::detect(mode, AnswerMode::Markdown);
                Self::View(Box::new(RunView::new(options, io::stdout(), io::stderr())), options)
            }
            OutputArg::Jsonl => Self::JsonLines(io::stdout()),
            OutputArg::Json => Self::Json(io::stdout()),
        }
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        match self {
            Self::View(view, _) => {
                // Drawn for another size than the terminal has by now, a frame cannot be taken back whole.
                view.resize(TerminalSize::detect());
                view.event(event)
            }
            Self::JsonLines(stdout) => {
                let mut line = serde_json::to_string(event)?;
                line.push('\n');
                stdout.write_all(line.as_bytes())?;
                stdout.flush()
            }
            Self::Json(_) => Ok(()),
        }
    }

    fn tick(&mut self, since_start: Duration) -> io::Result<()> {
        match self {
            Self::View(view, _) => {
                view.resize(TerminalSize::detect());
                view.tick(since_start)
            }
            Self::JsonLines(_) | Self::Json(_) => Ok(()),
        }
    }

    fn finish(&mut self, trace: &Trace) -> io::Result<()> {
        match self {
            Self::View(view, options) => {
                view.finish()?;
                show_table(trace, *options)
            }
            Self::JsonLines(_) => Ok(()),
            Self::Json(stdout) => {
                let mut document = serde_json::to_string_pretty(&RunDocument::of(trace))?;
                document.push('\n');
                stdout.write_all(document.as_bytes())?;
                stdout.flush()
            }
        }
    }
}

/// A request with an id and a time of its own; without a seed one is drawn, and stored with the run.
pub(crate) fn request(mixture: Mixture, conversation: Conversation, seed: Option<u64>) -> RunRequest {
    let id: RunId = Uuid::now_v7();
    // The id's last bits are random: no other source of randomness is needed. 32 bits survive every JSON reader.
    let drawn = || u64::try_from(id.as_u128() & 0xFFFF_FFFF).unwrap_or(0);
    let started_at_unix_ms = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0);
    let seed = seed.map_or_else(|| RunSeed::Drawn(drawn()), RunSeed::Given);
    RunRequest::new(id, started_at_unix_ms, mixture, conversation, seed)
}

/// Runs a mixture to its end, whatever that is.
///
/// # Errors
/// When nobody reads what is written, or it cannot be written. How the run itself ended is in the trace.
///
/// # Cancel safety
/// Dropping the future stops every model.
pub(crate) async fn drive(
    request: RunRequest,
    models: Models,
    recorder: Option<&Recorder>,
    reader: &mut Reader,
    workspace: &Workspace,
) -> Result<Trace, Complaint> {
    let _shield = workspace.interrupts.shield(request.cancel.clone());
    let mut watcher = workspace.telemetry.watchers().map(|watchers| watchers(None));
    let mut trace = Trace::default();
    let mut events = pin!(moa_core::run(request, models));
    let start = Instant::now();
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            event = events.next() => match event {
                Some(event) => {
                    if let Some(recorder) = recorder {
                        recorder.record(&event);
                    }
                    if let Some(watcher) = &mut watcher {
                        watcher(&event);
                    }
                    trace.apply(&event);
                    reader.event(&event)?;
                }
                None => break,
            },
            _ = ticks.tick() => reader.tick(start.elapsed())?,
        }
    }
    reader.finish(&trace)?;
    Ok(trace)
}

/// The most memory that this process ever held; nothing where no model in it was asked, or where the system does not say.
fn peak_memory_bytes(trace: &Trace) -> Option<u64> {
    trace.calls().any(|call| call.endpoint == "local").then(moa_llama::peak_memory_bytes)?
}

/// How the answers changed from layer to layer, under the answer: where there are layers, and a trace is wanted.
fn show_table(trace: &Trace, options: ViewOptions) -> io::Result<()> {
    if options.trace == TraceMode::None || trace.layers.len() < 2 || trace.end.is_none() {
        return Ok(());
    }
    let width = TerminalSize::detect().width;
    let table = moa_terminal::layers_table(trace, width, options.color_on_stderr());
    writeln!(io::stderr().lock(), "\n{}", table.trim_end())?;
    match peak_memory_bytes(trace) {
        Some(bytes) => writeln!(io::stderr().lock(), "memory: {} at most", quantities::bytes(bytes)),
        None => Ok(()),
    }
}

/// What a run that gave no answer means for the program. `reader` has shown the failure already where it shows anything.
pub(crate) fn verdict(trace: &Trace, reader: &Reader, stored: bool) -> Result<(), Complaint> {
    match &trace.end {
        Some(RunEnd::Finished(_)) => Ok(()),
        Some(RunEnd::Failed { .. }) if matches!(reader, Reader::View(..)) => Err(Complaint::told()),
        Some(RunEnd::Failed { failure, .. }) => {
            Err(Complaint::failed(&failure.message).with_hint(failure.hint.clone()))
        }
        Some(RunEnd::Cancelled { .. }) | None => {
            let what = kept(trace, stored);
            // The view has said that the run was stopped.
            let message = if matches!(reader, Reader::View(..)) { what } else { format!("stopped; {what}") };
            Err(Complaint::interrupted(message))
        }
    }
}

/// What a stopped run leaves behind.
fn kept(trace: &Trace, stored: bool) -> String {
    let calls = trace.calls().count();
    let whole = trace
        .calls()
        .filter(|call| {
            call.outcome.as_ref().is_some_and(|outcome| outcome.status == moa_core::CallStatus::Ok)
        })
        .count();
    let answers = if whole == 1 { "answer" } else { "answers" };
    match &trace.start {
        Some(start) if stored => {
            format!("{whole} {answers} of {calls} calls kept: moa runs show {}", start.run)
        }
        _ => format!("{whole} {answers} of {calls} calls were complete, nothing was stored"),
    }
}
