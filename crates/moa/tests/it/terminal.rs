//! A terminal for the program: a pseudo-terminal with an emulator behind it and a shell in it, as people have it.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// A test that waits longer for something to be shown has failed.
const PATIENCE: Duration = Duration::from_mins(3);

/// Runs the program, and says how it ended and whether it left the settings of the terminal as they were. The shell outlives the
/// program, as it does in life; signals are for the program.
const SHELL: &str = "trap : INT TERM HUP; before=$(stty -g); \"$0\" \"$@\"; code=$?; \
    [ \"$before\" = \"$(stty -g)\" ] && echo \"[exit $code, settings kept]\" || echo \"[exit $code, settings changed]\"; read -r line";

/// What a terminal asks to be told where the cursor is.
const CURSOR_QUERY: &[u8] = b"\x1b[6n";

/// A terminal in which a program runs.
pub(crate) struct Terminal {
    keyboard: File,
    shared: Arc<Shared>,
    shell: Child,
}

struct Shared {
    emulator: Mutex<vt100::Parser>,
    changed: Condvar,
}

impl Terminal {
    /// Starts `command` in a terminal of its own.
    pub(crate) fn start(command: &Command, rows: u16, columns: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let path = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let no_control = i32::try_from(OFlags::NOCTTY.bits()).unwrap();
        let device =
            || OpenOptions::new().read(true).write(true).custom_flags(no_control).open(&path).unwrap();
        tcsetwinsize(&master, Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let mut shell = Command::new("setsid");
        shell.args(["--ctty", "sh", "-c", SHELL]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.env("TERM", "xterm-256color").env_remove("COLUMNS");
        if let Some(folder) = command.get_current_dir() {
            shell.current_dir(folder);
        }
        let shell = shell.stdin(device()).stdout(device()).stderr(device()).spawn().unwrap();
        let master = File::from(master);
        let shared = Arc::new(Shared {
            emulator: Mutex::new(vt100::Parser::new(rows, columns, 1_000)),
            changed: Condvar::new(),
        });
        let (screen, output) = (Arc::clone(&shared), master.try_clone().unwrap());
        thread::spawn(move || show(&screen, output));
        Self { keyboard: master, shared, shell }
    }

    /// Types.
    pub(crate) fn type_in(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    /// Waits until the screen shows what is wanted, and gives it.
    pub(crate) fn wait_for(&self, wanted: impl Fn(&str) -> bool) -> String {
        let emulator = self.shared.emulator.lock().unwrap();
        let (emulator, result) = self
            .shared
            .changed
            .wait_timeout_while(emulator, PATIENCE, |emulator| !wanted(&emulator.screen().contents()))
            .unwrap();
        let contents = emulator.screen().contents();
        assert!(!result.timed_out(), "this was not waited for:\n{contents}");
        contents
    }

    /// The program's process: the shell's only child.
    pub(crate) fn program(&self) -> u32 {
        let shell = self.shell.id();
        let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
        children.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Waits for the end of the program, whose exit code must be `code`, and makes sure that the terminal is as it was.
    pub(crate) fn assert_restored(mut self, code: i32) -> String {
        let contents = self.wait_for(|screen| screen.contains("[exit "));
        assert!(contents.contains(&format!("[exit {code}, settings kept]")), "{contents}");
        {
            let emulator = self.shared.emulator.lock().unwrap();
            let screen = emulator.screen();
            assert!(!screen.hide_cursor() && !screen.bracketed_paste(), "{contents}");
        }
        self.type_in("\n");
        self.shell.wait().unwrap();
        contents
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Where a test has failed, the shell still waits; its end hangs up the terminal, which ends the program.
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

/// Shows what is written, and answers the one question that programs ask a terminal.
fn show(shared: &Shared, mut output: File) {
    let mut block = [0; 4_096];
    let mut tail = Vec::new();
    while let Ok(count @ 1..) = output.read(&mut block) {
        let mut emulator = shared.emulator.lock().unwrap();
        for byte in &block[..count] {
            emulator.process(&[*byte]);
            tail.push(*byte);
            if tail.ends_with(CURSOR_QUERY) {
                let (row, column) = emulator.screen().cursor_position();
                let answer = format!("\x1b[{};{}R", row + 1, column + 1);
                output.write_all(answer.as_bytes()).unwrap();
            }
            if tail.len() > CURSOR_QUERY.len() {
                tail.remove(0);
            }
        }
        shared.changed.notify_all();
    }
}
