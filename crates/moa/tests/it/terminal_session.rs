//! What a person at a terminal sees, and what the terminal is like afterwards.

use std::io::{self, Write as _};
use std::process::Command;

use crossterm::QueueableCommand as _;

use crate::fetching::{MODEL, online, stalling_hub};
use crate::interrupts::signal;
use crate::project::Project;
use crate::real_model::project;
use crate::terminal::Terminal;

const CONTROL_C: &str = "\x03";
const CONTROL_D: &str = "\x04";

/// A chat that waits for input.
fn chat(project: &Project, arguments: &[&str]) -> Terminal {
    let terminal = Terminal::start(&project.moa(&[&["chat"], arguments].concat()), 30, 90);
    terminal.wait_for(|screen| screen.contains("❯"));
    terminal
}

#[test]
fn a_chat_ends_with_control_d_and_goes_on_after_control_c() {
    let project = project();
    let mut terminal = chat(&project, &[]);
    terminal.type_in(CONTROL_C);
    terminal.wait_for(|screen| screen.contains("/quit ends the chat") && screen.trim_end().ends_with('❯'));
    terminal.type_in(CONTROL_D);
    terminal.assert_restored(0);
}

#[test]
fn a_signal_at_the_chat_prompt_restores_the_terminal() {
    for name in ["TERM", "HUP", "INT"] {
        let project = project();
        let terminal = chat(&project, &[]);
        signal(name, terminal.program());
        let screen = terminal.assert_restored(130);
        assert!(screen.contains("stopped; nothing was asked"), "{screen}");
    }
}

#[test]
fn a_signal_in_the_live_view_stops_the_run_and_restores_the_terminal() {
    for name in ["TERM", "HUP"] {
        let project = project();
        let ask = project.moa(&["ask", "--preset", "slow-start", "Tell a very long story."]);
        let terminal = Terminal::start(&ask, 24, 90);
        terminal.wait_for(|screen| screen.contains("tok/s"));
        signal(name, terminal.program());
        let screen = terminal.assert_restored(130);
        assert!(screen.contains("stopped after") && screen.contains("kept: moa runs show"), "{screen}");
        assert!(!screen.contains("writing"), "{screen}");
    }
}

#[test]
fn control_c_during_a_chats_answer_stops_it_and_the_chat_goes_on() {
    let project = project();
    let mut terminal = chat(&project, &["--preset", "slow-start"]);
    terminal.type_in("Tell a very long story.\r");
    terminal.wait_for(|screen| screen.contains("tok/s"));
    terminal.type_in(CONTROL_C);
    let screen = terminal.wait_for(|screen| {
        screen.contains("kept: moa runs show") && screen.trim_end().ends_with("slow-start ❯")
    });
    assert!(screen.contains("stopped after"), "{screen}");
    let listed = project.run(&["runs", "list"]);
    assert!(listed.stdout.contains("cancelled"), "{listed}");
    terminal.type_in(CONTROL_D);
    terminal.assert_restored(0);
}

#[test]
fn a_panic_leaves_a_terminal_that_can_be_used_and_a_message_that_can_be_read() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--ignored",
        "--exact",
        "--nocapture",
        "terminal_session::panics_with_a_terminal_in_disorder",
    ]);
    // A backtrace would push the message off the screen.
    command.env("RUST_BACKTRACE", "0");
    let screen = Terminal::start(&command, 30, 90).assert_restored(101);
    let message = screen.lines().find(|line| line.contains("on purpose")).unwrap();
    assert!(message.starts_with("on purpose"), "{screen}");
}

#[test]
#[ignore = "panics on purpose, in a terminal that the test above makes"]
fn panics_with_a_terminal_in_disorder() {
    moa_terminal::restore_terminal_on_panic();
    crossterm::terminal::enable_raw_mode().unwrap();
    let mut stderr = io::stderr();
    stderr.queue(crossterm::cursor::Hide).unwrap().queue(crossterm::event::EnableBracketedPaste).unwrap();
    stderr.flush().unwrap();
    panic!("on purpose");
}

#[test]
fn missing_models_are_fetched_only_when_the_person_agrees() {
    let hub = stalling_hub();
    let project = Project::new();
    let start = |arguments: &[&str]| Terminal::start(&online(&project, &hub, arguments), 24, 100);
    let asks = |screen: &str| screen.contains("98 MB") && screen.contains("free)? [Y/n]");

    let mut refused = start(&["ask", "--model", MODEL, "Why?"]);
    refused.wait_for(asks);
    refused.type_in("n\n");
    let screen = refused.assert_restored(1);
    assert!(screen.contains("nothing was fetched") && screen.contains("moa models pull"), "{screen}");

    let mut stopped = start(&["chat", "--model", MODEL]);
    stopped.wait_for(asks);
    stopped.type_in(CONTROL_C);
    let screen = stopped.assert_restored(130);
    assert!(screen.contains("stopped; nothing was fetched"), "{screen}");

    let mut agreed = start(&["ask", "--model", MODEL, "Why?"]);
    agreed.wait_for(asks);
    agreed.type_in("\n");
    agreed.wait_for(|screen| screen.contains("12 %"));
    agreed.type_in(CONTROL_C);
    let screen = agreed.assert_restored(130);
    assert!(screen.contains("MB of smollm2-135m-instruct are kept"), "{screen}");

    // Agreed beforehand.
    project.write("moa.toml", "[engine]\nask-before-fetching = false\n");
    for arguments in [&["ask", "--model", MODEL, "Why?"][..], &["ask", "--yes", "--model", MODEL, "Why?"]] {
        let mut agreed = start(arguments);
        agreed.wait_for(|screen| screen.contains("12 %"));
        agreed.type_in(CONTROL_C);
        let screen = agreed.assert_restored(130);
        assert!(screen.contains("fetching smollm2") && !screen.contains("[Y/n]"), "{screen}");
        std::fs::remove_file(project.path("moa.toml")).unwrap_or_default();
    }
}
