//! Whether memory grows with the number of runs. In a program of its own, since it counts what the whole program allocates.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[allow(dead_code, reason = "the other tests use all of it")]
#[path = "../server/fixture.rs"]
mod fixture;

use std::alloc::System;
use std::time::Duration;

use moa_testkit::Rule;
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use crate::fixture::Fixture;

#[global_allocator]
static ALLOCATED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Rounds before anything is measured: by then as many runs are remembered as ever will be.
const WARM_ROUNDS: usize = 20;

/// Rounds that are measured.
const ROUNDS: usize = 40;

/// What may be left of a round of five runs. A run that is kept takes several times as much, and one that leaks a task or a connection
/// does too.
const MOST_BYTES_PER_ROUND: usize = 2_000;

fn allocated() -> usize {
    let stats = ALLOCATED.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// Runs of every kind: whole, streamed, failed, broken off, left.
async fn round(fixture: &Fixture) {
    fixture.completion("trio", json!({})).await;
    fixture.ask("trio", json!({"stream": true})).send().await.unwrap().text().await.unwrap();
    assert_eq!(fixture.ask("b", json!({})).send().await.unwrap().status(), 502);
    let broken = fixture.ask("c", json!({"stream": true})).send().await.unwrap().text().await.unwrap();
    assert!(broken.contains("\"error\""));
    let mut left = fixture.ask("org/slashed", json!({"stream": true})).send().await.unwrap();
    left.chunk().await.unwrap();
    drop(left);
    // Until the server has seen it too, and the log of the mock is empty again.
    while !fixture.get("/readyz").send().await.unwrap().text().await.unwrap().contains("\"runs\":0") {}
    fixture.mock.log().clear();
}

#[tokio::test]
async fn memory_does_not_grow_with_the_number_of_runs() {
    let fixture = Fixture::new([
        Rule::model("b").status(500),
        Rule::model("c").answer("one two three four").error_before_chunk(3),
        // Slow enough that who leaves has left before its end.
        Rule::model("org/slashed").lorem(2_000).pace(Duration::from_millis(2)),
        Rule::any().answer("It is so, and so it will be for a while, whoever asks and whatever they ask."),
    ])
    .await;
    for _ in 0..WARM_ROUNDS {
        round(&fixture).await;
    }
    let before = allocated();
    for _ in 0..ROUNDS {
        round(&fixture).await;
    }
    let grown = allocated().saturating_sub(before);
    assert!(grown < ROUNDS * MOST_BYTES_PER_ROUND, "{grown} bytes more after {ROUNDS} rounds");
}
