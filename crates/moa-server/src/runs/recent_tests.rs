use std::sync::Arc;

use moa_core::RunId;
use tokio_util::sync::CancellationToken;

use super::{MOST_RUNS, Recent};
use crate::runs::ActiveRun;

fn run(number: usize) -> Arc<ActiveRun> {
    Arc::new(ActiveRun::new(RunId::from_u128(number as u128), CancellationToken::new()))
}

fn kept(recent: &Recent) -> Vec<u128> {
    recent.iter().map(|run| run.id().as_u128()).collect()
}

#[test]
fn the_oldest_go_when_the_bytes_or_the_places_are_used_up() {
    let mut recent = Recent::new(100);
    for number in 0..3 {
        recent.push(run(number), 40);
    }
    assert_eq!(kept(&recent), [2, 1]);
    // One that was removed by hand makes room.
    assert!(recent.forget(RunId::from_u128(2)) && !recent.forget(RunId::from_u128(0)));
    recent.push(run(3), 60);
    assert_eq!(kept(&recent), [3, 1]);
    // The newest is kept whatever it takes.
    recent.push(run(4), 1_000);
    assert_eq!(kept(&recent), [4]);

    let mut recent = Recent::new(usize::MAX);
    (0..MOST_RUNS + 2).for_each(|number| recent.push(run(number), 1));
    assert_eq!(recent.iter().count(), MOST_RUNS);
}
