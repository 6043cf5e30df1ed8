use moa_core::{CallStatus, Failure, FailureKind, Progress, Usage};

use super::*;
use crate::options::AnswerMode;
use crate::testing::{Bytes, Story, id, short_run};

fn options(width: u16, height: u16) -> ViewOptions {
    ViewOptions {
        trace: TraceMode::Live,
        answer: AnswerMode::Markdown,
        stdout_is_terminal: true,
        stderr_is_terminal: true,
        color: true,
        size: TerminalSize { width, height },
    }
}

fn piped() -> ViewOptions {
    ViewOptions { stdout_is_terminal: false, stderr_is_terminal: false, color: false, ..options(80, 24) }
}

/// What both streams hold after the events; with a tick after each.
fn streams(options: ViewOptions, events: &[Event]) -> (String, String) {
    let (stdout, stderr) = (Bytes::default(), Bytes::default());
    let mut view = RunView::new(options, stdout.clone(), stderr.clone());
    for event in events {
        view.event(event).unwrap();
        view.tick(Duration::from_secs_f64(event.at_ms / 1_000.0)).unwrap();
    }
    view.finish().unwrap();
    drop(view);
    (stdout.text(), stderr.text())
}

/// A terminal that both streams go to, and the view that draws on it.
struct Terminal {
    bytes: Bytes,
    view: RunView<Bytes, Bytes>,
    emulator: vt100::Parser,
    shown: usize,
}

impl Terminal {
    fn new(options: ViewOptions) -> Self {
        let bytes = Bytes::default();
        let size = options.size;
        Self {
            view: RunView::new(options, bytes.clone(), bytes.clone()),
            bytes,
            emulator: vt100::Parser::new(size.height, size.width, 1_000),
            shown: 0,
        }
    }

    fn play(&mut self, events: &[Event]) -> &mut Self {
        for event in events {
            self.view.event(event).unwrap();
            self.view.tick(Duration::from_secs_f64(event.at_ms / 1_000.0)).unwrap();
        }
        self
    }

    /// What a person sees now.
    fn screen(&mut self) -> String {
        let bytes = self.bytes.0.borrow();
        // The terminal driver adds the carriage return.
        let new = String::from_utf8(bytes[self.shown..].to_vec())
            .unwrap()
            .replace("\r\n", "\n")
            .replace('\n', "\r\n");
        self.shown = bytes.len();
        self.emulator.process(new.as_bytes());
        self.emulator.screen().contents().trim_end().to_owned() + "\n"
    }
}

impl Terminal {
    /// Everything that was ever written, scrolled away or not, without the spaces at the ends of lines.
    fn history(&mut self) -> String {
        let rows: Vec<String> = self.rows().into_iter().map(|(row, _)| row.trim_end().to_owned()).collect();
        rows.join("\n").trim_end().to_owned() + "\n"
    }

    /// Every row, scrolled away or not, and whether the line goes on in the next one.
    fn rows(&mut self) -> Vec<(String, bool)> {
        self.screen();
        let screen = self.emulator.screen_mut();
        screen.set_scrollback(usize::MAX);
        let mut rows = Vec::new();
        for offset in (1..=screen.scrollback()).rev() {
            screen.set_scrollback(offset);
            rows.push((screen.rows(0, u16::MAX).next().unwrap(), screen.row_wrapped(0)));
        }
        screen.set_scrollback(0);
        rows.extend(screen.rows(0, u16::MAX).zip((0..).map(|row| screen.row_wrapped(row))));
        rows
    }
}

/// A layer in which every agent is in another state.
fn busy_layer() -> Story {
    let agents = ["smollm2-135m", "qwen2.5-0.5b", "qwen2.5-1.5b", "gemma", "日本語モデル", "phi", "llama"];
    let mut story = Story::default();
    story
        .start(&agents, 3)
        .layer(1, LayerRole::Proposers, &agents)
        .progress(id(1, 1), Progress::Loading { percent: 43 })
        .progress(id(1, 2), Progress::Queued)
        .progress(id(1, 3), Progress::Prefill { done_tokens: 312, total_tokens: 1_024, cached_tokens: 100 })
        .says(id(1, 4), &["One ", "two\n\n", "three"])
        .says(
            id(1, 5),
            &[
                "所有権とは、値ごとに一つの所有者を",
                "決める仕組みです。🦀",
                "借用には共有参照と可変参照があります。",
            ],
        )
        .says(id(1, 6), &["Half"])
        .ends(id(1, 6), CallStatus::Partial, Some("the deadline passed"))
        .ends(id(1, 7), CallStatus::Failed, Some("no model 'llama' is set up"));
    story
}

#[test]
fn a_pipe_gets_plain_lines_and_the_raw_answer() {
    let (stdout, stderr) = streams(piped(), &short_run().events);
    assert_eq!(stdout, "# Why\n\nBecause **light** is scattered.\n\nThe end.\n");
    insta::assert_snapshot!(stderr);
}

#[test]
fn a_pipe_gets_no_escape_codes_even_if_colours_are_wanted() {
    for trace in [TraceMode::Live, TraceMode::Full, TraceMode::None] {
        let (stdout, stderr) = streams(ViewOptions { trace, color: true, ..piped() }, &short_run().events);
        assert!(!stdout.contains('\u{1b}') && !stderr.contains('\u{1b}'), "{stderr:?}");
    }
}

#[test]
fn the_full_trace_in_a_pipe_has_the_proposals() {
    let (_, stderr) = streams(ViewOptions { trace: TraceMode::Full, ..piped() }, &short_run().events);
    insta::assert_snapshot!(stderr);
}

#[test]
fn without_a_trace_there_are_only_warnings() {
    let options = ViewOptions { trace: TraceMode::None, ..piped() };
    let (stdout, stderr) = streams(options, &short_run().events);
    assert!(stdout.ends_with("The end.\n"));
    insta::assert_snapshot!(stderr);
}

#[test]
fn every_state_has_a_sign_and_a_word() {
    insta::assert_snapshot!(Terminal::new(options(100, 30)).play(&busy_layer().events).screen());
}

#[test]
fn forty_columns_show_names_states_speeds_and_times() {
    insta::assert_snapshot!(Terminal::new(options(40, 30)).play(&busy_layer().events).screen());
}

#[test]
fn two_hundred_columns_are_used() {
    insta::assert_snapshot!(Terminal::new(options(200, 30)).play(&busy_layer().events).screen());
}

#[test]
fn a_short_terminal_shows_who_still_works() {
    insta::assert_snapshot!(Terminal::new(options(80, 6)).play(&busy_layer().events).screen());
}

#[test]
fn what_is_left_reads_as_a_record() {
    let mut terminal = Terminal::new(options(60, 30));
    terminal.play(&short_run().events);
    terminal.view.finish().unwrap();
    insta::assert_snapshot!(terminal.screen());
    assert!(!terminal.emulator.screen().hide_cursor());
}

#[test]
fn the_unfinished_block_of_the_answer_is_seen_as_it_is_written() {
    let run = short_run();
    let first_piece = run
        .events
        .iter()
        .position(|event| matches!(&event.kind, EventKind::CallDelta { call, .. } if *call == id(2, 1)));
    let mut terminal = Terminal::new(options(60, 30));
    terminal.play(&run.events[..=first_piece.unwrap()]);
    insta::assert_snapshot!(terminal.screen());
}

#[test]
fn a_long_answer_scrolls_by_without_a_trace_of_what_was_drawn_below_it() {
    let parts: Vec<String> = (1..40)
        .map(|part| format!("## Part {part}\n\nSome *words* that are long enough to be broken.\n\n- one {part}\n- two 漢字\n\n"))
        .collect();
    let answer = parts.concat();
    let pieces: Vec<String> =
        answer.chars().collect::<Vec<_>>().chunks(3).map(|piece| piece.iter().collect()).collect();
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    for (width, height) in [(30, 6), (30, 3), (80, 24), (200, 50)] {
        let mut story = Story::default();
        story.start(&["a"], 1).layer(1, LayerRole::Aggregator, &["a"]).says(id(1, 1), &pieces);
        story.ends(id(1, 1), CallStatus::Ok, None).layer_ends(1, 1, 0).run_ends(&answer);
        let mut terminal = Terminal::new(options(width, height));
        terminal.play(&story.events);
        terminal.view.finish().unwrap();
        let written = terminal.history();
        let (_, after_head) = written.split_once("\n\n").unwrap();
        let (body, _) = after_head.rsplit_once("\n\n").unwrap();
        let expected =
            to_ansi(&crate::markdown::markdown_lines(&answer, usize::from((width - 1).min(100))), false);
        assert_eq!(format!("{body}\n"), expected, "at {width} x {height}");
    }
}

#[test]
fn what_is_not_yet_complete_is_broken_where_it_will_be() {
    let mut story = Story::default();
    story.start(&["a"], 1).layer(1, LayerRole::Aggregator, &["a"]);
    story.says(id(1, 1), &["word and others ".repeat(20).as_str()]);
    let started = story.events.len();
    story.ends(id(1, 1), CallStatus::Ok, None);
    for width in 20..60 {
        let mut terminal = Terminal::new(options(width, 40));
        let screen = terminal.play(&story.events[..started]).screen();
        let (unfinished, _status) = screen.rsplit_once("\n\n").unwrap();
        terminal.play(&story.events[started..]);
        terminal.view.finish().unwrap();
        let finished = terminal.screen();
        assert!(finished.starts_with(unfinished), "{unfinished}\n---\n{finished}");
    }
}

#[test]
fn a_terminal_that_became_wider_is_drawn_anew_in_place() {
    let run = busy_layer();
    let mut terminal = Terminal::new(options(50, 20));
    terminal.play(&run.events);
    terminal.screen();
    terminal.view.resize(TerminalSize { width: 90, height: 20 });
    terminal.emulator.screen_mut().set_size(20, 90);
    terminal.view.tick(Duration::from_secs(9)).unwrap();
    let resized = terminal.screen();
    assert_eq!(resized.matches("layer 1 of 3").count(), 1, "{resized}");
    assert!(resized.contains("312 of 1,024"), "{resized}");
}

/// What tmux does when it becomes narrower, and the emulator does not: a row that is too wide goes on in the next one, and as many rows
/// as there are more by this scroll away, also where there is room below.
fn make_narrower(terminal: &mut Terminal, width: u16) {
    let lines: String = terminal
        .rows()
        .into_iter()
        .map(|(row, goes_on)| if goes_on { row } else { format!("{}\r\n", row.trim_end()) })
        .collect();
    let screen = terminal.emulator.screen();
    let (height, _) = screen.size();
    let (cursor_row, _) = screen.cursor_position();
    let rows: Vec<String> = screen.rows(0, u16::MAX).collect();
    let below = rows.iter().skip(usize::from(cursor_row) + 1);
    assert!(below.clone().all(|row| row.trim().is_empty()), "the region ends where the cursor is");
    let (free, hide) = (below.count(), if screen.hide_cursor() { "\u{1b}[?25l" } else { "" });
    terminal.emulator = vt100::Parser::new(height, width, 1_000);
    terminal.emulator.process(format!("{}{hide}", lines.trim_end()).as_bytes());
    let before = scrolled_rows(&mut terminal.emulator);
    terminal.emulator.process(format!("\u{1b}7{}\u{1b}8", "\n".repeat(free)).as_bytes());
    let scrolled = scrolled_rows(&mut terminal.emulator) - before;
    if scrolled > 0 {
        terminal.emulator.process(format!("\u{1b}[{scrolled}A").as_bytes());
    }
}

fn scrolled_rows(emulator: &mut vt100::Parser) -> usize {
    let screen = emulator.screen_mut();
    screen.set_scrollback(usize::MAX);
    let rows = screen.scrollback();
    screen.set_scrollback(0);
    rows
}

/// A terminal with the busy layer at its lower end, as after some earlier commands.
fn busy_terminal(width: u16) -> Terminal {
    let mut terminal = Terminal::new(options(width, 24));
    terminal.emulator.process("$ earlier\r\n".repeat(15).as_bytes());
    terminal.play(&busy_layer().events);
    terminal
}

fn assert_drawn_once(terminal: &mut Terminal) {
    let history = terminal.history();
    let after = history.rsplit_once("$ earlier\n").unwrap().1;
    assert_eq!(after.lines().count(), 9, "{history}");
    assert_eq!(history.matches("layer 1 of 3").count(), 1, "{history}");
    // Nothing that the terminal would put on one line again when it becomes wider.
    let screen = terminal.emulator.screen();
    assert!((0..24).all(|row| !screen.row_wrapped(row)), "{history}");
}

#[test]
fn a_terminal_that_became_narrower_keeps_nothing_of_the_old_rows() {
    for width in [50, 45, 34] {
        let mut terminal = busy_terminal(67);
        make_narrower(&mut terminal, width);
        terminal.view.resize(TerminalSize { width, height: 24 });
        terminal.view.tick(Duration::from_secs(9)).unwrap();
        assert_drawn_once(&mut terminal);
    }
}

#[test]
fn a_window_that_is_being_dragged_is_drawn_when_its_size_has_settled() {
    let mut terminal = busy_terminal(67);
    make_narrower(&mut terminal, 60);
    terminal.view.resize(TerminalSize { width: 60, height: 24 });
    terminal.view.tick(Duration::from_millis(1_900)).unwrap();
    // The terminal has become narrower once more, and does not say so yet.
    make_narrower(&mut terminal, 48);
    terminal.view.tick(Duration::from_millis(2_050)).unwrap();
    terminal.view.resize(TerminalSize { width: 48, height: 24 });
    terminal.view.tick(Duration::from_millis(2_100)).unwrap();
    terminal.view.tick(Duration::from_millis(2_700)).unwrap();
    assert_drawn_once(&mut terminal);
}

#[test]
fn rows_of_a_very_narrow_terminal_say_one_thing_each() {
    let screen = Terminal::new(options(20, 30)).play(&busy_layer().events).screen();
    insta::assert_snapshot!(screen);
}

#[test]
fn a_region_is_never_higher_than_the_terminal() {
    for height in 1..12 {
        let mut terminal = Terminal::new(options(70, height));
        terminal.play(&busy_layer().events);
        terminal.view.tick(Duration::from_secs(59)).unwrap();
        terminal.screen();
        terminal.view.finish().unwrap();
        let left = terminal.screen();
        assert!(!left.contains("writing"), "at height {height}: {left}");
    }
}

#[test]
fn without_colours_nothing_sets_one() {
    let plain = ViewOptions { color: false, ..options(80, 24) };
    let (stdout, stderr) = streams(plain, &short_run().events);
    for text in [stdout, stderr] {
        // What is left moves the cursor, clears, or sets a mode; `m` would be a colour.
        let codes =
            text.split("\u{1b}[").skip(1).map(|rest| rest.trim_start_matches(|c: char| !c.is_alphabetic()));
        assert!(codes.into_iter().all(|end| !end.starts_with('m')), "{text:?}");
    }
}

#[test]
fn the_raw_answer_on_a_terminal_is_not_drawn_over() {
    let raw = ViewOptions { answer: AnswerMode::Raw, ..options(60, 30) };
    let mut terminal = Terminal::new(raw);
    terminal.play(&short_run().events);
    let screen = terminal.screen();
    assert!(screen.contains("\n# Why\n\nBecause **light** is scattered.\n\nThe end.\n"), "{screen}");
}

#[test]
fn an_answer_that_came_in_no_pieces_is_written() {
    let mut events = short_run().events;
    events.retain(|event| !matches!(event.kind, EventKind::CallDelta { .. }));
    let (stdout, _) = streams(piped(), &events);
    assert_eq!(stdout, "# Why\n\nBecause **light** is scattered.\n\nThe end.\n");
}

#[test]
fn a_failed_run_says_why_and_what_to_do() {
    let mut run = short_run();
    run.events.truncate(run.events.len() - 3);
    run.ends(id(2, 1), CallStatus::Failed, Some("no memory")).layer_ends(2, 0, 1);
    let failure = Failure::new(FailureKind::ModelError, "no answer: no\u{1b}[2J memory")
        .with_hint("use a smaller model");
    run.push(EventKind::RunFailed { failure, usage: Usage::default(), wall_ms: 3_000.0 });
    let (stdout, stderr) = streams(piped(), &run.events);
    assert!(stdout.ends_with("The end.\n"), "{stdout}");
    assert!(stderr.ends_with("error: no answer: no␛[2J memory\nhint: use a smaller model\n"), "{stderr}");
}

#[test]
fn a_stopped_run_says_what_there_is() {
    let mut run = short_run();
    run.events.truncate(10);
    run.push(EventKind::RunCancelled { usage: Usage::default(), wall_ms: 1_200.0 });
    let (stdout, stderr) = streams(piped(), &run.events);
    assert_eq!(stdout, "");
    assert!(stderr.ends_with("stopped after 1.2 s, with 1 finished answer\n"), "{stderr}");
}

#[test]
fn dropping_the_view_gives_the_cursor_back() {
    let mut terminal = Terminal::new(options(60, 20));
    terminal.play(&busy_layer().events);
    terminal.screen();
    assert!(terminal.emulator.screen().hide_cursor());
    let Terminal { bytes, view, mut emulator, shown } = terminal;
    drop(view);
    emulator.process(&bytes.0.borrow()[shown..]);
    assert!(!emulator.screen().hide_cursor());
    assert!(!emulator.screen().contents().contains("writing"));
}

/// A pipe that nobody reads.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_an_error_of_that_kind_and_the_terminal_is_restored() {
    let stderr = Bytes::default();
    let mut view = RunView::new(options(80, 24), Closed, stderr.clone());
    let errors: Vec<io::ErrorKind> = short_run()
        .events
        .iter()
        .filter_map(|event| view.event(event).err())
        .map(|error| error.kind())
        .collect();
    assert_eq!(errors.first(), Some(&io::ErrorKind::BrokenPipe));
    drop(view);
    let mut emulator = vt100::Parser::new(24, 80, 0);
    emulator.process(stderr.text().as_bytes());
    assert!(!emulator.screen().hide_cursor());
}

#[test]
fn no_name_or_reason_can_steer_the_terminal() {
    const EVIL: &str = "evil\u{1b}]0;title\u{7}\u{202e}";
    let mut story = Story::default();
    story
        .start(&[EVIL], 2)
        .layer(1, LayerRole::Proposers, &[EVIL])
        .push(EventKind::CallWarning { call: id(1, 1), message: EVIL.to_owned() })
        .says(id(1, 1), &[EVIL, EVIL])
        .ends(id(1, 1), CallStatus::Partial, Some(EVIL))
        .layer_ends(1, 1, 0);
    for trace in [TraceMode::Live, TraceMode::Full, TraceMode::None] {
        let (_, plain) = streams(ViewOptions { trace, ..piped() }, &story.events);
        assert!(plain.chars().all(|c| c == '\n' || !c.is_control()), "{plain:?}");
        let (_, drawn) = streams(ViewOptions { trace, ..options(120, 24) }, &story.events);
        for text in [plain, drawn] {
            assert!(
                text.contains("evil") && !text.contains("\u{1b}]0") && !text.contains('\u{202e}'),
                "{text:?}"
            );
        }
    }
}
