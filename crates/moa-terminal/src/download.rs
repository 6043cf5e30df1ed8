//! A download, or anything else that takes its time and counts bytes.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressState, ProgressStyle};

use crate::neutral::neutral_line;
use crate::options::{TerminalSize, color_is_wanted};
use crate::quantity;
use crate::restore::is_dumb;
use crate::text::{Color, Line, Style};

/// Without a total there are no percents, so plain lines come in steps of a size that a log can bear.
const BYTES_PER_STEP: u64 = 100_000_000;

/// Draws one download after the other: a bar on a terminal, a line every ten percent elsewhere.
///
/// Call [`DownloadView::begin`], then the other methods in any order and as often as there is news, then
/// [`DownloadView::finish`] or, where it came to nothing, [`DownloadView::abandon`].
#[derive(Debug)]
pub struct DownloadView<W: Write> {
    writer: W,
    bar: Option<ProgressBar>,
    color: bool,
    /// The terminal's width at the start.
    columns: u16,
    label: String,
    phase: String,
    started: Instant,
    done_bytes: u64,
    /// The last step for which a plain line was written.
    step: u64,
}

impl DownloadView<io::Stderr> {
    /// A view on standard error. Obeys `NO_COLOR` and `TERM=dumb`.
    #[must_use]
    pub fn stderr() -> Self {
        if is_dumb() || !io::stderr().is_terminal() {
            return Self::plain(io::stderr());
        }
        let view = Self::on_terminal(
            ProgressDrawTarget::stderr(),
            color_is_wanted(),
            TerminalSize::detect().width,
            io::stderr(),
        );
        if let Some(bar) = &view.bar {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        view
    }
}

impl<W: Write> DownloadView<W> {
    /// A view that writes plain lines.
    pub fn plain(writer: W) -> Self {
        Self {
            writer,
            bar: None,
            color: false,
            columns: TerminalSize::FALLBACK.width,
            label: String::new(),
            phase: String::new(),
            started: Instant::now(),
            done_bytes: 0,
            step: 0,
        }
    }

    fn on_terminal(target: ProgressDrawTarget, color: bool, columns: u16, writer: W) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), target).with_finish(ProgressFinish::AndClear);
        Self { bar: Some(bar), color, columns, ..Self::plain(writer) }
    }

    /// Starts to show the download of `label`.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn begin(&mut self, label: &str) -> io::Result<()> {
        self.label = neutral_line(label);
        self.phase.clear();
        self.started = Instant::now();
        self.done_bytes = 0;
        self.step = 0;
        if let Some(bar) = &self.bar {
            bar.reset();
            bar.set_length(0);
            bar.set_prefix(self.label.clone());
            bar.set_message("");
            bar.set_style(waiting_style(self.color));
            bar.tick();
        }
        Ok(())
    }

    /// Says what is being done now, such as which source is asked. Said twice, it is written once.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn phase(&mut self, text: &str) -> io::Result<()> {
        let text = neutral_line(text);
        if text == self.phase {
            return Ok(());
        }
        self.phase.clone_from(&text);
        if let Some(bar) = &self.bar {
            bar.set_style(waiting_style(self.color));
            bar.set_message(text);
            bar.tick();
            return Ok(());
        }
        self.line(&Line::plain(format!("{}: {text}", self.label)))
    }

    /// Says how far it is.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn progress(&mut self, done_bytes: u64, total_bytes: Option<u64>) -> io::Result<()> {
        self.done_bytes = done_bytes;
        if let Some(bar) = &self.bar {
            match total_bytes {
                Some(total) => {
                    bar.set_style(counting_style(self.color, self.columns));
                    bar.set_length(total);
                }
                None => bar.set_message(quantity::bytes(done_bytes)),
            }
            bar.set_position(done_bytes);
            return Ok(());
        }
        let (step, text) = match total_bytes.filter(|total| *total > 0) {
            Some(total) => {
                let tenth =
                    u64::try_from(u128::from(done_bytes.min(total)) * 10 / u128::from(total)).unwrap_or(10);
                let of = format!("{} of {}", quantity::bytes(done_bytes), quantity::bytes(total));
                (tenth, format!("{}0 % ({of})", if tenth == 0 { String::new() } else { tenth.to_string() }))
            }
            None => (done_bytes / BYTES_PER_STEP, quantity::bytes(done_bytes)),
        };
        if step == self.step {
            return Ok(());
        }
        self.step = step;
        self.line(&Line::plain(format!("{}: {text}", self.label)))
    }

    /// Tells of something that went wrong but did not end the download, such as a source that could not be reached.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn failure(&mut self, text: &str) -> io::Result<()> {
        let text = neutral_line(text);
        let line = Line::styled("!", Style::colored(Color::Yellow));
        self.line(&line.with(&format!(" {}: {text}", self.label), Style::PLAIN))
    }

    /// Ends with success: leaves a line that says how much came in which time, and `remark` if there is one.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn finish(&mut self, remark: Option<&str>) -> io::Result<()> {
        let mut text = format!(" {}", self.label);
        if self.done_bytes > 0 {
            let time = quantity::duration(self.started.elapsed());
            let _ = write!(text, "  {} in {time}", quantity::bytes(self.done_bytes));
        }
        if let Some(remark) = remark {
            let _ = write!(text, "  {}", neutral_line(remark));
        }
        let line = Line::styled("✓", Style::colored(Color::Green)).with(&text, Style::PLAIN);
        self.line(&line)?;
        self.abandon();
        Ok(())
    }

    /// Takes the bar away. Why it ended is for the caller to say.
    pub fn abandon(&mut self) {
        if let Some(bar) = &self.bar {
            bar.set_style(waiting_style(self.color));
            bar.finish_and_clear();
        }
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        let text = line.to_ansi(self.color);
        match &self.bar {
            Some(bar) => {
                bar.println(text);
                Ok(())
            }
            None => writeln!(self.writer, "{text}"),
        }
    }
}

fn waiting_style(color: bool) -> ProgressStyle {
    let template = if color { "{spinner:.cyan} {prefix}  {msg}" } else { "{spinner} {prefix}  {msg}" };
    style(template)
}

fn counting_style(color: bool, columns: u16) -> ProgressStyle {
    const LEAST_COLUMNS: u16 = 64;
    if columns < LEAST_COLUMNS {
        return style("{spinner} {share}  {rest}  {prefix:!16}");
    }
    style(if color {
        "{spinner:.cyan} {prefix}  {wide_bar:.cyan/dim}  {share}  {amount}  {speed}  {rest}"
    } else {
        "{spinner} {prefix}  {wide_bar}  {share}  {amount}  {speed}  {rest}"
    })
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants, which a test draws; a mistake in one would show the library's own bar.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style
        .progress_chars("━╸─")
        .with_key("share", |state: &ProgressState, text: &mut dyn std::fmt::Write| {
            let _ = write!(text, "{:>5}", quantity::percent(f64::from(state.fraction())));
        })
        .with_key("amount", |state: &ProgressState, text: &mut dyn std::fmt::Write| {
            let total = state.len().unwrap_or_default();
            let _ = write!(text, "{} of {}", quantity::bytes(state.pos()), quantity::bytes(total));
        })
        .with_key("speed", |state: &ProgressState, text: &mut dyn std::fmt::Write| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "saturates, and is a rate"
            )]
            let speed = state.per_sec() as u64;
            let _ = write!(text, "{}/s", quantity::bytes(speed));
        })
        .with_key("rest", |state: &ProgressState, text: &mut dyn std::fmt::Write| {
            let _ = write!(text, "{} left", quantity::duration(state.eta()));
        })
}

#[cfg(test)]
#[path = "download_tests.rs"]
mod tests;
