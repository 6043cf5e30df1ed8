//! A judgment killed in the middle: what was judged is kept, and only what was in flight is asked again.

use std::collections::BTreeMap;
use std::process::Stdio;

use moa_testkit::{Mock, Point, Rule};

use crate::eval_judged::{done, mt_bench_questions, project, rows};
use crate::layered::Draws;
use crate::project::Project;

/// Both turns of each.
const QUESTIONS: u32 = 6;
const JUDGMENTS: u64 = 12;
const AT_ONCE: u64 = 3;
const GENERATE: [&str; 8] =
    ["mt-bench", "generate", "--data", "bench", "--output", "out", "--contender", "a"];
const JUDGE: [&str; 10] =
    ["mt-bench", "judge", "--data", "bench", "--output", "out", "--judge", "judge", "--concurrency", "3"];

/// The lines of the judge's journal that are whole, without its head.
fn kept(project: &Project) -> u64 {
    let path = project.path("out/mt_bench/journal/single.judge.a.jsonl");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    (text.matches('\n').count() as u64).saturating_sub(1)
}

/// How often the judge was asked each thing.
fn asked(mock: &Mock) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for request in mock.log().requests().of_model("judge").iter() {
        *counts.entry(request.body["messages"].to_string()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_the_judgments_in_flight_and_nothing_else() {
    let mut draws = Draws(20_261_128);
    for number in 0..6 {
        let mock = Mock::builder()
            .rule(Rule::model("judge").answer("[[7]]").hold(Point::BeforeHead))
            .rule(Rule::any().answer("An answer."))
            .start()
            .await
            .unwrap();
        let project = project(&mock);
        mt_bench_questions(&project, QUESTIONS);
        done(&project, &GENERATE).await;
        let judge = mock.gate("judge");
        let answered = draws.below(9) as u64;
        for _ in 0..answered {
            judge.release_one();
        }
        let mut command = project.moa(&[&["eval"][..], &JUDGE[..]].concat());
        command.args(["--config", "mock.toml"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        judge.until(|counts| counts.finished == answered && counts.held == AT_ONCE).await;
        // The disk is looked at, not the clock.
        while kept(&project) < answered {
            tokio::task::yield_now().await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        judge.aborted(AT_ONCE).await;
        judge.release();
        done(&project, &JUDGE).await;
        assert_eq!(kept(&project), JUDGMENTS);
        let counts = asked(&mock);
        let twice = counts.values().filter(|count| **count == 2).count() as u64;
        assert_eq!(
            (counts.len() as u64, twice),
            (JUDGMENTS, AT_ONCE),
            "kill {number} after {answered}: {counts:?}"
        );
        assert!(counts.values().all(|count| *count <= 2));
        let judgments = rows(&project, "out/mt_bench/model_judgment/judge_single.jsonl");
        assert_eq!(judgments.len() as u64, JUDGMENTS);
        assert!(judgments.iter().all(|row| row["score"] == 7), "{judgments:?}");
    }
}
