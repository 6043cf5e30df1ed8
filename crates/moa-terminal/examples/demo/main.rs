//! Draws a made-up run in real time, as a look at the terminal view that needs no model:
//! `cargo run -p moa-terminal --example demo -- [--agents N] [--layers N] [--speed FACTOR] [--trace live|full|none] [--raw]
//! [--fail | --cancel] [--download] [--chat]`.

mod made_up;

use std::error::Error;
use std::io::{self, Write as _};
use std::thread::sleep;
use std::time::{Duration, Instant};

use moa_terminal::{
    AnswerMode, ChatInput, ChatInputOptions, DownloadView, Input, RunView, SlashCommand, TerminalSize,
    TraceMode, ViewOptions, color_is_wanted, layers_table,
};

use made_up::{Ending, Run, events};

/// Between two looks at the clock.
const TICK: Duration = Duration::from_millis(50);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let value = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1).cloned()
    };
    if has("--chat") {
        return chat();
    }
    if has("--download") {
        download()?;
    }
    let trace = match value("--trace").as_deref() {
        Some("full") => TraceMode::Full,
        Some("none") => TraceMode::None,
        _ => TraceMode::Live,
    };
    let answer = if has("--raw") { AnswerMode::Raw } else { AnswerMode::Markdown };
    let run = Run {
        agents: value("--agents").map_or(Ok(3), |text| text.parse())?,
        layers: value("--layers").map_or(Ok(3), |text| text.parse())?,
        ending: match (has("--fail"), has("--cancel")) {
            (true, _) => Ending::Failed,
            (_, true) => Ending::Cancelled,
            _ => Ending::Answered,
        },
    };
    let speed: f64 = value("--speed").map_or(Ok(1.0), |text| text.parse())?;
    let options = ViewOptions::detect(trace, answer);
    let mut view = RunView::new(options, io::stdout(), io::stderr());
    let start = Instant::now();
    for event in events(&run) {
        let due = Duration::from_secs_f64(event.at_ms / 1_000.0 / speed);
        while start.elapsed() < due {
            sleep(TICK.min(due.saturating_sub(start.elapsed())));
            view.resize(TerminalSize::detect());
            view.tick(start.elapsed().mul_f64(speed))?;
        }
        view.event(&event)?;
    }
    view.finish()?;
    if trace != TraceMode::None {
        write!(
            io::stderr(),
            "\n{}",
            layers_table(view.trace(), TerminalSize::detect().width, options.color_on_stderr())
        )?;
    }
    Ok(())
}

fn download() -> io::Result<()> {
    const TOTAL_BYTES: u64 = 145_000_000;
    let mut view = DownloadView::stderr();
    view.begin("smollm2-135m-instruct")?;
    view.phase("asking the hub")?;
    sleep(Duration::from_secs(1));
    view.failure("the hub could not be reached: connection refused")?;
    view.phase("asking the package index")?;
    sleep(Duration::from_secs(1));
    for step in 0..=100 {
        view.progress(TOTAL_BYTES * step / 100, Some(TOTAL_BYTES))?;
        sleep(Duration::from_millis(30));
    }
    view.phase("verifying")?;
    sleep(Duration::from_secs(1));
    view.finish(Some("verified"))
}

fn chat() -> Result<(), Box<dyn Error>> {
    let command = |name: &str, help: &str| SlashCommand { name: name.to_owned(), help: help.to_owned() };
    let mut input = ChatInput::new(ChatInputOptions {
        commands: vec![
            command("layers", "the proposals of the last run"),
            command("preset", "ask another mixture"),
            command("save", "write the chat to a file"),
        ],
        history: None,
        color: color_is_wanted(),
    });
    loop {
        match input.read("local")? {
            Input::End => return Ok(()),
            other => writeln!(io::stderr(), "{other:?}")?,
        }
    }
}
