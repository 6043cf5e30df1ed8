//! `moa calibrate` killed in the middle: what was answered is kept, and only what was in flight is asked again.

use std::process::Stdio;

use moa_testkit::{Mock, Point, Rule};

use crate::calibrating::{QUESTIONS, asked, command};
use crate::evaluation::{project, tasks};
use crate::layered::Draws;

const AT_ONCE: u64 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_the_calls_in_flight_and_nothing_else() {
    let mut draws = Draws(20_261_128);
    for number in 0..4 {
        let mock =
            Mock::builder().rule(Rule::any().answer("7").hold(Point::BeforeHead)).start().await.unwrap();
        let project = project(&mock);
        tasks(&project, QUESTIONS);
        let calibrate = || command(&project, &["--models", "m", "--concurrency", "3"]);
        let answered = 3 + draws.below(QUESTIONS - 9) as u64;
        for _ in 0..answered {
            mock.all().release_one();
        }
        let mut child = calibrate().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        mock.all().until(|counts| counts.finished == answered && counts.held == AT_ONCE).await;
        let kept = || {
            let text = std::fs::read_to_string(project.path("out/calls.jsonl")).unwrap_or_default();
            (text.matches('\n').count() as u64).saturating_sub(1)
        };
        // The disk is looked at, not the clock.
        while kept() < answered {
            tokio::task::yield_now().await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        mock.all().aborted(AT_ONCE).await;
        mock.all().release();
        let mut again = calibrate();
        let output = tokio::task::spawn_blocking(move || again.output().unwrap()).await.unwrap();
        let outcome = project.outcome(&output);
        assert_eq!(outcome.code, Some(0), "kill {number} after {answered}: {outcome}");
        let counts = asked(&mock);
        let twice = counts.values().filter(|count| **count == 2).count() as u64;
        assert_eq!(twice, AT_ONCE, "kill {number} after {answered}");
        assert!(counts.values().all(|count| *count <= 2));
    }
}
