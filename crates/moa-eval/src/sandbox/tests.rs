//! Programs that mean harm. They run only where the sandbox can be made; elsewhere that is said, and the tests prove nothing.

use std::time::Duration;

use super::{Limits, Outcome, Program, Sandbox, SandboxError};

async fn sandbox() -> Option<Sandbox> {
    match Sandbox::open().await {
        Ok(sandbox) => Some(sandbox),
        Err(SandboxError::Unsafe { reason }) => panic!("a promise is not kept: {reason}"),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

fn program(code: &str) -> Program {
    Program { code: code.to_owned(), test: String::new(), is_cut_off: false }
}

async fn outcome(code: &str) -> Option<Outcome> {
    Some(sandbox().await?.run(&program(code), &Limits::default()).await.unwrap())
}

/// The outcome of a program that takes its time.
async fn outcome_within(code: &str, wall: Duration) -> Option<Outcome> {
    let limits = Limits { wall, ..Limits::default() };
    Some(sandbox().await?.run(&program(code), &limits).await.unwrap())
}

fn failed_with(outcome: Option<Outcome>, error: &str) {
    match outcome {
        None => {}
        Some(Outcome::Failed(detail)) => assert!(detail.contains(error), "{detail}"),
        Some(other) => panic!("{other:?} instead of {error}"),
    }
}

#[tokio::test]
async fn the_test_decides() {
    let Some(sandbox) = sandbox().await else { return };
    let run = async |code: &str, test: &str, is_cut_off| {
        let program = Program { code: code.to_owned(), test: test.to_owned(), is_cut_off };
        sandbox.run(&program, &Limits::default()).await.unwrap()
    };
    let test = "assert f() == 1";
    assert_eq!(run("def f():\n    return 1\n", test, false).await, Outcome::Passed);
    assert_eq!(
        run("def f():\n    return 2\n", test, false).await,
        Outcome::Failed("AssertionError: ".to_owned())
    );
    let cut_off = "def f():\n    return 1\n\ndef g(:";
    assert!(
        matches!(run(cut_off, test, false).await, Outcome::Failed(detail) if detail.contains("SyntaxError"))
    );
    assert_eq!(run(cut_off, test, true).await, Outcome::Passed, "what is whole counts");
    let unicode = run("def f():\n    raise ValueError('\u{1F600} \\ud800')", test, false).await;
    assert!(matches!(unicode, Outcome::Failed(detail) if detail.starts_with("ValueError: \u{1F600}")));
}

#[tokio::test]
async fn endings_that_are_no_verdict() {
    failed_with(outcome("raise SystemExit(0)").await, "SystemExit");
    failed_with(outcome("raise KeyboardInterrupt").await, "KeyboardInterrupt");
    failed_with(outcome("def f(): return f()\nf()").await, "RecursionError");
    for code in [
        "import os; os._exit(0)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import os\nfor number in range(3, 64):\n    try: os.close(number)\n    except OSError: pass\nraise SystemExit",
        "import ctypes; ctypes.string_at(0)",
    ] {
        let outcome = outcome(code).await;
        assert!(
            outcome.is_none_or(|outcome| matches!(outcome, Outcome::Died | Outcome::Failed(_))),
            "{code}"
        );
    }
    // Of what it could signal, nothing is anybody else's.
    failed_with(outcome("import os; os.kill(-1, 9)").await, "ProcessLookupError");
    // One that writes a verdict of its own does not know the nonce.
    let forged = "import os\nfor number in range(3, 64):\n    try: os.write(number, b'{\"nonce\": \"x\", \"outcome\": \"passed\"}\\n')\n    except OSError: pass\nos._exit(0)";
    assert!(outcome(forged).await.is_none_or(|outcome| outcome == Outcome::Died));
}

#[tokio::test]
async fn loops_and_sleepers_are_ended() {
    for code in [
        "while True: pass",
        "import time; time.sleep(10**6)",
        "import os; os.closerange(0, 64)\nwhile True: pass",
    ] {
        let outcome = outcome_within(code, Duration::from_secs(1)).await;
        assert!(outcome.is_none_or(|outcome| matches!(outcome, Outcome::TimedOut | Outcome::Died)), "{code}");
    }
}

#[tokio::test]
async fn bombs_are_contained() {
    failed_with(outcome("import os\nwhile True: os.fork()").await, "BlockingIOError");
    failed_with(
        outcome("import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(9,)).start()")
            .await,
        "RuntimeError",
    );
    failed_with(outcome("x = 'a' * 10**10").await, "MemoryError");
    failed_with(
        outcome("with open('/tmp/x', 'w') as f:\n    while True: f.write('x' * 10**6)").await,
        "File too large",
    );
    failed_with(
        outcome("for i in range(10**6):\n    with open(f'/tmp/{i}', 'w') as f: f.write('x' * 10**6)").await,
        "No space left",
    );
    failed_with(outcome("for i in range(10**6): open(f'/tmp/{i}', 'w').close()").await, "No space left");
}

#[tokio::test]
async fn gigabytes_of_output_go_nowhere() {
    let code = "import os, sys\nfor _ in range(2000):\n    os.write(1, b'x' * 10**6)\n    sys.stderr.write('y' * 10**6)\n";
    assert!(outcome(code).await.is_none_or(|outcome| outcome == Outcome::Passed));
    failed_with(outcome("raise ValueError('x' * 10**8)").await, "ValueError: xxx");
}

#[tokio::test]
async fn nothing_outside_can_be_read_deleted_or_signalled() {
    let kept = tempfile::NamedTempFile::new().unwrap();
    let path = kept.path().display();
    failed_with(outcome(&format!("open({:?})", path.to_string())).await, "FileNotFoundError");
    let delete = "import os, shutil\nfor name in ('/usr/bin', '/bin', '/dev', '/tmp'): shutil.rmtree(name, ignore_errors=True)\nos.listdir('/usr/bin')[0]";
    assert!(
        outcome(delete).await.is_none_or(|outcome| outcome == Outcome::Passed),
        "the programs are still there"
    );
    assert!(kept.path().exists());
    let parent = format!("import os\nos.kill({}, 9)", std::process::id());
    failed_with(outcome(&parent).await, "ProcessLookupError");
    failed_with(outcome("import os; os.kill(1, 9); raise ValueError('still here')").await, "");
    failed_with(
        outcome("import os; os.environ['HOME'] == '/tmp' or 1/0; os.environ['PATH']").await,
        "KeyError",
    );
}

/// The processes that run in a namespace of their own because of this test.
#[cfg(target_os = "linux")]
fn processes_with(mark: &str) -> usize {
    let folders = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = folders.filter_map(|folder| std::fs::read(folder.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(mark)).count()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn whatever_ran_away_is_gone_afterwards() {
    let Some(sandbox) = sandbox().await else { return };
    let mark = format!("moa-sandbox-test-{}", uuid::Uuid::new_v4());
    // A child in a session of its own that ignores every signal that it can, under a name by which it is found.
    let code = format!(
        "import os, sys, signal, time\nif os.fork() == 0:\n    os.setsid()\n    for number in range(1, 32):\n        try: signal.signal(number, signal.SIG_IGN)\n        except (OSError, ValueError): pass\n    os.execv('/usr/bin/env', ['env', 'sh', '-c', 'while :; do sleep 1; done # {mark}'])\ntime.sleep({{}})\n"
    );
    let limits = Limits { wall: Duration::from_secs(2), ..Limits::default() };
    let ended = sandbox.run(&program(&code.replace("{}", "0.3")), &limits).await.unwrap();
    assert_eq!(ended, Outcome::Passed);
    assert_eq!(processes_with(&mark), 0, "after the end");
    let late = sandbox.run(&program(&code.replace("{}", "60")), &limits).await.unwrap();
    assert_eq!(late, Outcome::TimedOut);
    gone(&mark).await;
    // Given up by whoever waited for it.
    let (code, limits) = (program(&code.replace("{}", "60")), Limits::default());
    tokio::select! {
        _ = sandbox.run(&code, &limits) => panic!("it ended by itself"),
        () = async { while processes_with(&mark) == 0 { tokio::task::yield_now().await } } => {}
    }
    gone(&mark).await;
}

/// Waits until the kernel has ended what was killed.
#[cfg(target_os = "linux")]
async fn gone(mark: &str) {
    while processes_with(mark) > 0 {
        tokio::task::yield_now().await;
    }
}
