//! The circuit breaker (R7).

use std::sync::atomic::{AtomicBool, Ordering};

use moa_core::FailureKind;

use super::scripted::{Step, fail};
use super::*;

/// A model that fails while the switch is off, and takes a second for either.
fn flipped() -> (Arc<AtomicBool>, Arc<Scripted>) {
    let healthy = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&healthy);
    let model = Scripted::new(move |_| {
        let end = if switch.load(Ordering::SeqCst) { Step::Say("x") } else { fail(FailureKind::ServerError) };
        vec![Step::Wait(seconds(1)), end]
    });
    (healthy, model)
}

#[tokio::test(start_paused = true)]
async fn five_failures_open_it_one_probe_at_a_time_tries_and_success_closes_it() {
    let (healthy, model) = flipped();
    let resilient = around(&model, once());
    for number in 1..=5 {
        assert_eq!(ask(&resilient, number).await.failure().kind, FailureKind::ServerError);
    }
    tokio::time::sleep(seconds(10)).await;
    let refused = ask(&resilient, 6).await;
    assert_eq!((refused.failure().kind, refused.time), (FailureKind::CircuitOpen, Duration::ZERO));
    assert_eq!(refused.failure().advice.after, Some(seconds(20)));
    assert!(refused.failure().message.contains("20.0 s"), "{}", refused.failure());
    assert_eq!(resilient.endpoint_state().status().replicas[0].left_alone, Some(seconds(20)));

    tokio::time::sleep(seconds(20)).await;
    let courses = ask_all(&resilient, 10).await;
    assert_eq!(model.count(), 6, "one probe");
    assert_eq!(courses.iter().filter(|c| c.failure().kind == FailureKind::CircuitOpen).count(), 9);
    assert_eq!(ask(&resilient, 7).await.failure().advice.after, Some(seconds(30)));

    healthy.store(true, Ordering::SeqCst);
    tokio::time::sleep(seconds(30)).await;
    let courses = ask_all(&resilient, 10).await;
    assert_eq!(courses.iter().filter(|course| course.text() == "x").count(), 1, "one probe");
    let courses = ask_all(&resilient, 10).await;
    assert!(courses.iter().all(|course| course.text() == "x"), "closed");
}

#[tokio::test(start_paused = true)]
async fn failures_have_to_be_in_a_row() {
    let model =
        Scripted::new(
            |n| if n % 5 == 4 { vec![Step::Say("x")] } else { vec![fail(FailureKind::ServerError)] },
        );
    let resilient = around(&model, once());
    for number in 1..=50 {
        ask(&resilient, number).await;
    }
    assert_eq!(model.count(), 50);
}

#[tokio::test(start_paused = true)]
async fn failures_that_say_nothing_of_the_replica_do_not_count() {
    use FailureKind::{ContextOverflow, InvalidRequest, RateLimited, Unauthorized};
    for kind in [InvalidRequest, ContextOverflow, RateLimited, Unauthorized] {
        let model = Scripted::always(&[fail(kind)]);
        let resilient = around(&model, once());
        ask_all(&resilient, 20).await;
        assert_eq!(ask(&resilient, 21).await.failure().kind, kind);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_probe_makes_room_for_the_next_one() {
    let (healthy, model) = flipped();
    let resilient = around(&model, once());
    ask_all(&resilient, 5).await;
    tokio::time::sleep(seconds(30)).await;
    let mut probe = resilient.stream(request(6));
    assert!(futures::poll!(probe.next()).is_pending());
    assert_eq!(model.open(), 1);
    assert_eq!(ask(&resilient, 7).await.failure().kind, FailureKind::CircuitOpen);
    drop(probe);
    assert_eq!(model.open(), 0);
    healthy.store(true, Ordering::SeqCst);
    assert_eq!(ask(&resilient, 8).await.text(), "x");
}

#[tokio::test(start_paused = true)]
async fn what_began_before_the_circuit_opened_decides_nothing_after() {
    let model = Scripted::new(|n| match n {
        0 => vec![Step::Wait(seconds(20)), fail(FailureKind::ServerError)],
        1 => vec![Step::Wait(seconds(20)), Step::Say("x")],
        _ => vec![fail(FailureKind::ServerError)],
    });
    let resilient = around(&model, once());
    ask_all(&resilient, 7).await;
    let left = resilient.endpoint_state().status().replicas[0].left_alone;
    assert_eq!(left, Some(seconds(10)), "neither longer nor closed");
}

#[tokio::test(start_paused = true)]
async fn retries_wait_for_the_circuit_without_asking() {
    let mut settings = ResilienceSettings::default();
    settings.breaker.failures = 1;
    let (healthy, model) = flipped();
    let resilient = around(&model, settings);
    let call = ask(&resilient, 1);
    let repair = async {
        tokio::time::sleep(seconds(10)).await;
        healthy.store(true, Ordering::SeqCst);
    };
    let (course, ()) = futures::join!(call, repair);
    assert_eq!((course.text().as_str(), model.count()), ("x", 2));
    assert!(course.retries().iter().any(|retry| retry.failure.kind == FailureKind::CircuitOpen));
}
