//! Several processes at one store. The other processes are this test program, started again.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use moa_core::RunId;
use moa_store::{RunFilter, RunStatus, Store};

use crate::sample::{PATIENCE, Place, Script, record, record_all, run_id, whole_run};

const PATH: &str = "MOA_STORE_TEST_PATH";
const RUN: &str = "MOA_STORE_TEST_RUN";
const RUNS_PER_WRITER: u128 = 5;

/// One of the ignored tests of this program, as a process of its own. Killed when dropped.
pub(crate) struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts the test on the store at `path`.
    pub(crate) fn start(test: &str, path: &Path, run: RunId) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([test, "--exact", "--ignored", "--nocapture", "--quiet"])
            .env(PATH, path)
            .env(RUN, run.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// The words that it says, as it says them.
    pub(crate) fn words(&mut self) -> impl Iterator<Item = String> {
        self.output.by_ref().lines().map_while(Result::ok).filter(|line| !line.is_empty())
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Closes its standard input and waits for its end.
    fn finish(mut self) {
        drop(self.child.stdin.take());
        let rest: Vec<String> = self.words().collect();
        assert!(self.child.wait().unwrap().success(), "{rest:?}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Only a test that fails leaves it running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the process was started with; nothing when the ignored test was run by hand.
pub(crate) fn orders() -> Option<(String, RunId)> {
    Some((env::var(PATH).ok()?, env::var(RUN).ok()?.parse().ok()?))
}

/// Says a word to the process that started this one.
pub(crate) fn say(word: &str) {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "\n{word}").unwrap();
    stdout.flush().unwrap();
}

#[test]
#[ignore = "a process that `several_processes_write_at_once` starts"]
fn a_writer() {
    let Some((path, first)) = orders() else { return };
    for number in first.as_u128()..first.as_u128() + RUNS_PER_WRITER {
        let store = Store::open(&path).unwrap();
        record(&store, &whole_run(run_id(number), "local", "Who?", "Me.", 1_000));
    }
    say("done");
}

#[test]
fn several_processes_write_at_once() {
    let place = Place::new();
    let firsts = [100, 200, 300, 400];
    let writers = firsts.map(|first| Process::start("processes::a_writer", &place.path(), run_id(first)));
    for mut writer in writers {
        assert!(writer.words().any(|word| word == "done"));
        writer.finish();
    }
    let store = place.open();
    for number in firsts.iter().flat_map(|first| *first..*first + RUNS_PER_WRITER) {
        let expected = whole_run(run_id(number), "local", "Who?", "Me.", 1_000);
        assert_eq!(store.events(run_id(number)).unwrap(), expected);
    }
    assert_eq!(store.list(&RunFilter::default()).unwrap().len(), 20);
}

#[test]
#[ignore = "a process that `a_run_is_running_for_as_long_as_its_process` starts"]
fn a_thinker() {
    let Some((path, run)) = orders() else { return };
    let store = Store::open(&path).unwrap();
    let recorder = store.recorder().unwrap();
    record_all(&recorder, &Script::start(run, "local", "Think.", 1_000).propose(10).events);
    recorder.flush(PATIENCE).unwrap();
    say("thinking");
    // Until the other end lets go, or this process is killed.
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn a_run_is_running_for_as_long_as_its_process() {
    let place = Place::new();
    let store = place.open();
    let reader = Store::open_read_only(place.path()).unwrap();
    let status = |number: u128| {
        let runs = reader.list(&RunFilter::default()).unwrap();
        runs.into_iter().find(|run| run.id == run_id(number)).unwrap().status
    };
    let mut killed = Process::start("processes::a_thinker", &place.path(), run_id(1));
    let mut stopped = Process::start("processes::a_thinker", &place.path(), run_id(2));
    for child in [&mut killed, &mut stopped] {
        assert!(child.words().any(|word| word == "thinking"));
    }
    assert_eq!((status(1), status(2)), (RunStatus::Running, RunStatus::Running));
    assert!(store.remove(run_id(1)).is_err(), "it is running");
    #[cfg(unix)]
    {
        let link = place.folder.path().join("link.db");
        std::os::unix::fs::symlink(place.path(), &link).unwrap();
        let runs = Store::open_read_only(link).unwrap().list(&RunFilter::default()).unwrap();
        assert!(runs.iter().all(|run| run.status == RunStatus::Running), "also under another name");
    }
    killed.kill();
    assert_eq!((status(1), status(2)), (RunStatus::Interrupted, RunStatus::Running));
    // Another writer clears the leases of the dead away, and not those of the living.
    drop(place.open());
    assert_eq!((status(1), status(2)), (RunStatus::Interrupted, RunStatus::Running));
    stopped.finish();
    assert_eq!((status(1), status(2)), (RunStatus::Interrupted, RunStatus::Interrupted));
    store.remove(run_id(1)).unwrap();
}
