//! `moa eval` killed and stopped in the middle: what was answered is kept, and only what was in flight is asked again.

use std::collections::BTreeMap;
use std::process::Stdio;

use moa_testkit::{Mock, Point, Rule};

use crate::evaluation::{command, project, run, tasks};
use crate::interrupts::signal;
use crate::layered::Draws;
use crate::project::Project;

const QUESTIONS: usize = 12;
const AT_ONCE: u64 = 3;
const GENERATE: [&str; 9] =
    ["tasks", "tasks.jsonl", "generate", "-c", "m", "-o", "out", "--concurrency", "3"];

async fn held_mock() -> Mock {
    Mock::builder().rule(Rule::any().answer("7").hold(Point::BeforeHead)).start().await.unwrap()
}

/// How often each question was asked.
fn asked(mock: &Mock) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for request in mock.log().requests().iter() {
        *counts.entry(request.body["messages"].to_string()).or_default() += 1;
    }
    counts
}

/// The lines of the journal that are whole, without its head.
fn kept(project: &Project) -> u64 {
    let text = std::fs::read_to_string(project.path("out/tasks.m.answers.jsonl")).unwrap_or_default();
    (text.matches('\n').count() as u64).saturating_sub(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_what_was_in_flight_and_nothing_else() {
    let mut draws = Draws(20_261_127);
    for number in 0..8 {
        let mock = held_mock().await;
        let project = project(&mock);
        tasks(&project, QUESTIONS);
        let answered = draws.below(QUESTIONS - 3) as u64;
        for _ in 0..answered {
            mock.all().release_one();
        }
        let mut child =
            command(&project, &GENERATE).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        mock.all().until(|counts| counts.finished == answered && counts.held == AT_ONCE).await;
        // The disk is looked at, not the clock.
        while kept(&project) < answered {
            tokio::task::yield_now().await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        mock.all().aborted(AT_ONCE).await;
        mock.all().release();
        let outcome = run(&project, &GENERATE).await;
        assert_eq!(outcome.code, Some(0), "kill {number} after {answered}: {outcome}");
        assert_eq!(kept(&project), QUESTIONS as u64);
        let counts = asked(&mock);
        let twice = counts.values().filter(|count| **count == 2).count() as u64;
        assert_eq!((counts.len(), twice), (QUESTIONS, AT_ONCE), "kill {number} after {answered}: {counts:?}");
        assert!(counts.values().all(|count| *count <= 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_stops_in_good_order_and_says_what_is_kept() {
    let mock = held_mock().await;
    let project = project(&mock);
    tasks(&project, QUESTIONS);
    for _ in 0..4 {
        mock.all().release_one();
    }
    let child = command(&project, &GENERATE).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    mock.all().until(|counts| counts.finished == 4 && counts.held == AT_ONCE).await;
    while kept(&project) < 4 {
        tokio::task::yield_now().await;
    }
    signal("INT", child.id());
    mock.all().aborted(AT_ONCE).await;
    let outcome = project.outcome(&child.wait_with_output().unwrap());
    assert_eq!(outcome.code, Some(130), "{outcome}");
    let last = outcome.stderr.lines().last().unwrap();
    assert_eq!(
        last,
        "stopped; 4 results of 12 kept in out/tasks.m.answers.jsonl; the same command goes on from there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_progress_that_left_is_no_reason_to_stop() {
    let mock = Mock::builder().rule(Rule::any().answer("7")).start().await.unwrap();
    let project = project(&mock);
    tasks(&project, QUESTIONS);
    let mut child =
        command(&project, &GENERATE).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    assert_eq!((status.code(), kept(&project)), (Some(0), QUESTIONS as u64));
}
