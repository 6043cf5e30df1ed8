//! The program `moa-mock`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::client::{chat, http};

fn moa_mock() -> Command {
    Command::new(env!("CARGO_BIN_EXE_moa-mock"))
}

/// A program that serves; it is killed when the test ends in any way.
struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned() }
    }

    fn terminate(mut self) -> (Option<i32>, String) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (status.code(), said)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn it_serves_a_script_and_writes_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let (config, log) = (folder.path().join("mock.toml"), folder.path().join("log.jsonl"));
    std::fs::write(
        &config,
        "[[rules]]\nname = 'only'\nwhen.model = 'a'\nanswer.text = 'hello from the file'\n",
    )
    .unwrap();
    let serving = Serving::start(moa_mock().arg("--config").arg(&config).arg("--log").arg(&log));
    assert!(serving.url.starts_with("http://127.0.0.1:") && serving.url.ends_with("/v1"), "{}", serving.url);
    let request = http().post(format!("{}/chat/completions", serving.url)).json(&chat("a", "x"));
    let answer: Value = request.bearer_auth("sk-1").send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], "hello from the file");
    assert_eq!(serving.terminate(), (Some(0), String::new()));
    let written = std::fs::read_to_string(&log).unwrap();
    let line: Value = serde_json::from_str(written.trim_end()).unwrap();
    assert_eq!(
        (&line["model"], &line["rule_name"], &line["end"]["outcome"]),
        (&"a".into(), &"only".into(), &"finished".into())
    );
    assert!(line["arrived"].as_u64() < line["first_byte"].as_u64() && !written.contains("sk-1"));
}

#[tokio::test]
async fn a_load_is_reported_as_text_and_as_json() {
    let serving = Serving::start(&mut moa_mock());
    let load = |more: &[&str]| -> Output {
        let mut command = moa_mock();
        command
            .args(["load", "--url", &serving.url, "--model", "m", "--rate", "1000", "--seconds", "0.02"])
            .args(more);
        command.output().unwrap()
    };
    let report = load(&["--stream", "--arrivals", "constant"]);
    assert!(text(&report.stdout).starts_with("20 requests at 1000/s"), "{}", text(&report.stdout));
    let report: Value = serde_json::from_slice(&load(&["--json", "--prompt-bytes", "1024"]).stdout).unwrap();
    assert_eq!((&report["sent"], &report["succeeded"]), (&20.into(), &20.into()));
    assert!(report["end"]["p99"].as_f64().unwrap() > 0.0);
}

#[test]
fn wrong_use_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("mock.toml");
    std::fs::write(&config, "seed = 1\n[[rules]]\nanswr.text = 'x'\n").unwrap();
    let wrong = moa_mock().arg("--config").arg(&config).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    let said = text(&wrong.stderr);
    assert!(said.contains("unknown field `answr`") && said.contains("mock.toml:3:1"), "{said}");
    assert!(said.contains("did you mean `answer`?"), "{said}");
    let missing = moa_mock().args(["--config", "/nowhere/mock.toml"]).output().unwrap();
    assert!(text(&missing.stderr).contains("cannot read /nowhere/mock.toml"));
    for url in ["http://203.0.113.1/v1", "http://127.0.0.1.example/v1"] {
        let remote = moa_mock().args(["load", "--model", "m", "--url", url]).output().unwrap();
        assert_eq!(remote.status.code(), Some(2));
        assert!(text(&remote.stderr).contains("is not on this machine"));
    }
    let example = moa_mock().arg("--print-example").output().unwrap();
    assert_eq!(text(&example.stdout), moa_testkit::Script::example());
}
