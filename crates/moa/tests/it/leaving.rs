//! R1: whoever asked leaves. In whatever layer the run is, every socket of it is closed.
//!
//! How long that takes is no matter of tests: `crates/moa-openai/examples/leaving.rs` measures it.

use std::process::Stdio;

use moa_testkit::Outcome;

use crate::interrupts::signal;
use crate::layered::{self, LAYERS, Standstill};

/// A place in each layer at which all of its replies are held, after so many points.
fn places(points: impl IntoIterator<Item = usize> + Clone) -> impl Iterator<Item = Standstill> {
    let place = |layer, points| Standstill { layer, passed: vec![points; layered::models_of(layer).len()] };
    (1..=LAYERS).flat_map(move |layer| points.clone().into_iter().map(move |points| place(layer, points)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_closes_every_socket_in_whatever_layer_the_run_is() {
    let mock = layered::mock().await;
    let project = layered::project(&mock);
    for (name, code) in [("INT", Some(130)), ("TERM", Some(130)), ("KILL", None)] {
        for place in places([0, 2, 4]) {
            let before = mock.all().counts();
            place.set(&mock);
            let mut child = layered::command(&project, &["ask", "Is it so?"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            place.reached(&mock, before).await;
            signal(name, child.id());
            mock.all().aborted(before.aborted + place.held()).await;
            assert_eq!(mock.all().counts().in_flight(), 0, "{name} at {place:?}");
            assert_eq!(child.wait().unwrap().code(), code, "{name} at {place:?}");
        }
    }
    let ended = |outcome| mock.log().requests().ended(outcome).len();
    assert_eq!(ended(Outcome::Finished) + ended(Outcome::Aborted), mock.log().requests().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_left_is_noticed_with_the_next_event() {
    let mock = layered::mock().await;
    let project = layered::project(&mock);
    for place in places([1, 3]) {
        let before = mock.all().counts();
        place.set(&mock);
        let mut child = layered::command(&project, &["ask", "--output", "jsonl", "Is it so?"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        place.reached(&mock, before).await;
        drop(child.stdout.take());
        // One more word of one reply.
        layered::let_pass(&mock, layered::models_of(place.layer)[0], 1);
        mock.all().aborted(before.aborted + place.held()).await;
        assert_eq!(mock.all().counts().in_flight(), 0, "{place:?}");
        child.wait().unwrap();
    }
}
