//! R12: the program is killed at any moment. The store stays intact, and a resumed run asks again for nothing but what was in flight.
//!
//! Two tests, since a kill cannot be timed to the instruction from outside. In the first one nothing moves at the moment of the kill, so
//! that what was in flight is known exactly. In the second one everything moves, and an answer may be on its way from the socket to the
//! disk: such an answer is in flight too, whatever the service thinks.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use moa_core::{CallId, CallStatus, LayerIndex, RunId};
use moa_store::{RunFilter, RunStatus, Store};
use moa_testkit::{Mock, Outcome, Request, Stamp};
use rusqlite::Connection;
use serde_json::Value;

use crate::layered::{self, CALLS, Draws, LAYERS, PROPOSERS, Standstill};
use crate::project::Project;

/// How many kills each of the tests makes, where `MOA_TEST_KILLS` does not say it.
const KILLS: usize = 30;

fn kills() -> usize {
    std::env::var("MOA_TEST_KILLS").map_or(KILLS, |number| number.parse().unwrap())
}

/// A `moa ask` that is going to be killed.
struct Victim {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    run: Option<RunId>,
}

impl Victim {
    fn asking(project: &Project, question: &str) -> Self {
        Self::start(project, &["ask", "--output", "jsonl", question])
    }

    fn start(project: &Project, arguments: &[&str]) -> Self {
        let mut child = layered::command(project, arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, run: None }
    }

    /// Waits for the next event.
    fn hear(&mut self) -> Option<Value> {
        let event: Value = serde_json::from_str(&self.lines.next()?.unwrap()).unwrap();
        self.run = Some(event["run"].as_str().unwrap().parse().unwrap());
        Some(event)
    }

    fn kill(&mut self) -> Stamp {
        let at = Stamp::now();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        at
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // Only a test that fails leaves it running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The mock and the project of one test; all of its runs share a store.
struct Scene {
    mock: Mock,
    project: Project,
}

impl Scene {
    async fn new() -> Self {
        let mock = layered::mock().await;
        let project = layered::project(&mock);
        Self { mock, project }
    }

    fn store(&self) -> PathBuf {
        self.project.home().join("moa/runs.sqlite3")
    }

    /// The calls of a run whose whole answers are stored; nothing where the run itself is not.
    fn stored(&self, run: Option<RunId>) -> Option<BTreeSet<CallId>> {
        let answers = Store::open_read_only(self.store()).ok()?.answers(run?).ok()?;
        let whole = answers.into_iter().filter(|(_, outcome)| outcome.status == CallStatus::Ok);
        Some(whole.map(|(call, _)| call).collect())
    }

    fn assert_store_is_intact(&self) {
        if self.store().exists() {
            let connection = Connection::open(self.store()).unwrap();
            let verdict: String =
                connection.pragma_query_value(None, "integrity_check", |row| row.get(0)).unwrap();
            assert_eq!(verdict, "ok");
        }
    }

    /// Lets the mock answer at once and brings a killed run to its end: resumes it, or asks again where nothing of it is stored.
    fn finish(&self, run: Option<RunId>, question: &str) {
        self.mock.all().release();
        let run = run.map(|run| run.to_string());
        let arguments = match &run {
            Some(run) => ["runs", "resume", run, "--output", "json"],
            None => ["ask", "--no-store", "--output", "json", question],
        };
        let outcome = self.project.outcome(&layered::command(&self.project, &arguments).output().unwrap());
        assert_eq!(outcome.code, Some(0), "{outcome}");
        let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(document["degraded"], false, "{outcome}");
    }

    /// The requests of a run by what they ask for. Those that ask a model the same are one call; a model's calls come layer by layer.
    fn asked(&self, question: &str) -> BTreeMap<CallId, Vec<Request>> {
        let mut calls: BTreeMap<CallId, Vec<Request>> = BTreeMap::new();
        let of_run = |request: &Request| request.body["messages"].to_string().contains(question);
        for request in self.mock.log().requests().only(of_run) {
            let place = PROPOSERS.iter().position(|model| *model == request.model);
            let agent = u32::try_from(place.unwrap_or_default()).unwrap() + 1;
            let first_layer = if place.is_some() { 1 } else { u32::try_from(LAYERS).unwrap() };
            let call = (first_layer..=u32::try_from(LAYERS).unwrap())
                .map(|layer| CallId { layer: LayerIndex(layer), agent })
                .find(|call| calls.get(call).is_none_or(|known| known[0].body == request.body))
                .unwrap();
            calls.entry(call).or_default().push(request);
        }
        calls
    }
}

/// Asserts that no call was asked again whose answer was stored. Gives the answers that were out before the kill and asked for again, by how
/// long before: they were on their way to the disk.
fn assert_repeats(
    asked: &BTreeMap<CallId, Vec<Request>>,
    stored: &BTreeSet<CallId>,
    killed: Stamp,
) -> Vec<Duration> {
    assert_eq!(asked.len(), CALLS, "the same questions before and after: {asked:#?}");
    let mut on_their_way = Vec::new();
    for (call, requests) in asked {
        assert!(requests.len() <= 2, "{call} was asked {} times", requests.len());
        if stored.contains(call) {
            assert_eq!(requests.len(), 1, "the answer of {call} was stored");
        } else if let [first, _] = requests.as_slice() {
            let out = first.end.filter(|end| end.outcome == Outcome::Finished && end.at < killed);
            on_their_way.extend(out.map(|end| killed.since(end.at)));
        }
    }
    on_their_way
}

#[tokio::test(flavor = "multi_thread")]
async fn what_had_ended_is_stored_and_only_what_was_in_flight_is_asked_again() {
    let scene = Scene::new().await;
    let mut draws = Draws(20_240_607);
    for number in 0..kills() {
        let (question, place) = (format!("What is {number}?"), Standstill::drawn(&mut draws));
        let before = scene.mock.all().counts();
        place.set(&scene.mock);
        let mut victim = Victim::asking(&scene.project, &question);
        place.reached(&scene.mock, before).await;
        let mut ended = 0;
        while victim.run.is_none() || ended < place.out() {
            ended += u64::from(victim.hear().unwrap()["type"] == "call_finished");
        }
        // The disk is looked at, not the clock: what ended is written without further events.
        while scene.stored(victim.run).is_none_or(|stored| (stored.len() as u64) < place.out()) {
            tokio::task::yield_now().await;
        }
        let killed = victim.kill();
        scene.mock.all().aborted(before.aborted + place.held()).await;

        scene.assert_store_is_intact();
        let stored = scene.stored(victim.run).unwrap();
        assert_eq!(stored.len() as u64, place.out(), "kill {number} at {place:?}");
        scene.finish(victim.run, &question);
        let asked = scene.asked(&question);
        assert_eq!(assert_repeats(&asked, &stored, killed).len(), 0, "kill {number} at {place:?}");
        let repeated = asked.values().filter(|requests| requests.len() > 1).count();
        assert_eq!(repeated as u64, place.held(), "kill {number} at {place:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_everything_moves_leaves_an_intact_store_and_a_run_that_can_be_finished() {
    let scene = Scene::new().await;
    scene.mock.all().release();
    let mut whole = Victim::asking(&scene.project, "How many events?");
    let events = std::iter::from_fn(|| whole.hear()).count();
    let mut draws = Draws(20_241_124);
    let (mut on_their_way, mut unknown) = (Vec::new(), 0);
    for number in 0..kills() {
        let question = format!("What is {number}?");
        let heard = draws.below(events + 1);
        let mut victim = Victim::asking(&scene.project, &question);
        for _ in 0..heard {
            victim.hear();
        }
        let killed = victim.kill();
        scene.mock.all().idle().await;

        scene.assert_store_is_intact();
        let stored = scene.stored(victim.run);
        let run = victim.run.filter(|_| stored.is_some());
        scene.finish(run, &question);
        let Some(stored) = stored else {
            // Killed before its beginning was stored: there is nothing to resume.
            unknown += 1;
            continue;
        };
        assert_is_a_beginning(&stored);
        on_their_way.extend(assert_repeats(&scene.asked(&question), &stored, killed));
    }
    on_their_way.sort_unstable();
    println!(
        "{} kills: {unknown} before the run was stored; {} answers were on their way to the disk, the longest for {:?}",
        kills(),
        on_their_way.len(),
        on_their_way.last()
    );
    assert!(unknown < kills(), "every kill came before anything was stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumption_that_is_killed_as_well_loses_no_answer() {
    let scene = Scene::new().await;
    let mut draws = Draws(20_250_101);
    for number in 0..kills() / 3 {
        let (question, place) = (format!("What is {number}?"), Standstill { layer: 2, passed: vec![0; 3] });
        let before = scene.mock.all().counts();
        place.set(&scene.mock);
        let mut victim = Victim::asking(&scene.project, &question);
        place.reached(&scene.mock, before).await;
        while scene.stored(victim.run).is_none_or(|stored| (stored.len() as u64) < place.out()) {
            if victim.run.is_none() {
                victim.hear();
            }
        }
        victim.kill();
        let run = victim.run.unwrap().to_string();
        // What it repeats out of the store comes at once, and it then waits for the mock.
        let mut second = Victim::start(&scene.project, &["runs", "resume", &run, "--output", "jsonl"]);
        for _ in 0..draws.below(10) {
            second.hear();
        }
        second.kill();

        let status = Store::open_read_only(scene.store()).unwrap().list(&RunFilter::default()).unwrap();
        assert_eq!(status[0].status, RunStatus::Interrupted);
        scene.finish(Some(status[0].id), &question);
        let asked = scene.asked(&question);
        assert_eq!(asked.len(), CALLS);
        for (call, requests) in asked.iter().filter(|(call, _)| call.layer.0 == 1) {
            assert_eq!(requests.len(), 1, "the answer of {call} was stored");
        }
    }
}

/// Asserts that no answer is stored without those of the layers before it.
fn assert_is_a_beginning(stored: &BTreeSet<CallId>) {
    let Some(last) = stored.last() else { return };
    for layer in 1..last.layer.0 {
        for agent in 1..=u32::try_from(PROPOSERS.len()).unwrap() {
            assert!(stored.contains(&CallId { layer: LayerIndex(layer), agent }), "{stored:?}");
        }
    }
}
