//! Several pullers of one model, in one process and in several.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use moa_hub::{Endpoint, Hub, Progress, Source};

use crate::fixture::{Fixture, HUB_FILE};
use crate::server::FakeHub;

const MIB: usize = 1 << 20;

#[tokio::test]
async fn the_second_of_two_pulls_waits_and_finds_the_file() {
    let mut fixture = Fixture::new(2 * MIB, 1);
    let server = Arc::new(fixture.serve());
    server.behaviour().pauses = VecDeque::from([MIB]);
    let (first, second, small) = (fixture.hub(), fixture.hub(), fixture.small());
    let opener = || {
        let server = Arc::clone(&server);
        // Whoever has to wait lets the other one finish.
        move |progress| {
            if progress == Progress::Waiting {
                server.open_gate();
            }
        }
    };
    let (one, two) = tokio::join!(first.pull(&small, opener()), second.pull(&small, opener()));
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(server.ranges().len(), 1);
    fixture.assert_pulled(&small).await;
}

#[tokio::test]
async fn a_model_that_is_being_pulled_cannot_be_removed() {
    let mut fixture = Fixture::new(2 * MIB, 1);
    let server = fixture.serve();
    server.behaviour().pauses = VecDeque::from([MIB]);
    let (hub, small) = (fixture.hub(), fixture.small());
    let (tell, mut told) = tokio::sync::mpsc::channel(100);
    let pull = hub.pull(&small, move |progress| {
        if matches!(progress, Progress::Downloading { .. }) {
            // A full channel has told enough.
            let _ = tell.try_send(());
        }
    });
    let remove = async {
        told.recv().await.unwrap();
        let error = fixture.hub().remove(&small).await.unwrap_err();
        server.open_gate();
        error
    };
    let (pulled, error) = tokio::join!(pull, remove);
    assert!(error.to_string().contains("being pulled by another process"), "{error}");
    pulled.unwrap();
}

#[tokio::test]
async fn two_processes_fetch_the_file_once() {
    let mut fixture = Fixture::new(2 * MIB, 1);
    let server = fixture.serve();
    server.behaviour().pauses = VecDeque::from([MIB]);
    let mut first = Puller::start(&fixture, &server);
    first.wait_for("Downloading");
    let mut second = Puller::start(&fixture, &server);
    second.wait_for("Waiting");
    server.open_gate();
    first.wait_for("pulled");
    second.wait_for("pulled");
    assert_eq!(server.ranges().len(), 1);
    fixture.assert_pulled(&fixture.file()).await;
}

#[tokio::test]
async fn a_process_that_was_killed_blocks_nobody_and_its_work_is_used() {
    let mut fixture = Fixture::new(4 * MIB, 1);
    let server = fixture.serve();
    server.behaviour().pauses = VecDeque::from([3 * MIB]);
    let mut killed = Puller::start(&fixture, &server);
    killed.wait_for(&format!("Downloading {}", 2 * MIB));
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    fixture.assert_pulled(&fixture.file()).await;
    let waited = fixture.events().contains(&Progress::Waiting);
    assert!(!waited, "{:?}", fixture.events());
    assert!(matches!(&server.ranges()[..], [None, Some(_)]), "{:?}", server.ranges());
}

/// Another process that pulls [`HUB_FILE`]: this test program, running [`puller`] only.
struct Puller {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Puller {
    fn start(fixture: &Fixture, server: &FakeHub) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "concurrency::puller", "--ignored", "--nocapture"])
            .env("MOA_TEST_MODELS", fixture.models())
            .env("MOA_TEST_ENDPOINT", server.url())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Reads until the process says something that begins so, or for `Downloading N` names at least N bytes.
    fn wait_for(&mut self, wanted: &str) {
        let (wanted, least) = wanted.split_once(' ').unwrap_or((wanted, "0"));
        let least: usize = least.parse().unwrap();
        let found = self.lines.by_ref().map(Result::unwrap).any(|line| {
            let (word, number) = line.split_once(' ').unwrap_or((&line, ""));
            word == wanted && number.parse().unwrap_or(0) >= least
        });
        assert!(found, "the other process has not said {wanted}");
    }
}

impl Drop for Puller {
    fn drop(&mut self) {
        // It has usually ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the other processes run.
#[tokio::test]
#[ignore = "started by the other tests of this file as a process of its own"]
async fn puller() {
    let Ok(models) = std::env::var("MOA_TEST_MODELS") else { return };
    let mut options = moa_hub::HubOptions::new(models);
    options.endpoint = Endpoint::parse(&std::env::var("MOA_TEST_ENDPOINT").unwrap()).unwrap();
    options.sources = vec![Source::HuggingFace];
    let hub = Hub::new(options);
    let file = hub.reference(HUB_FILE).unwrap();
    println!();
    hub.pull(&file, |progress| match progress {
        Progress::Downloading { done_bytes, .. } => println!("Downloading {done_bytes}"),
        Progress::Waiting => println!("Waiting"),
        _ => {}
    })
    .await
    .unwrap();
    println!("pulled");
}
