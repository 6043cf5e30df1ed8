//! Several replicas.

use moa_core::{FailureKind, Upstream};

use super::scripted::{Step, fail};
use super::*;

fn replicas_of(course: &Course) -> Vec<String> {
    let replica = |event: &ChatEvent| match event {
        ChatEvent::Upstream(upstream) => upstream.replica.clone(),
        _ => None,
    };
    course.events.iter().filter_map(replica).collect()
}

#[tokio::test(start_paused = true)]
async fn equal_replicas_take_turns_and_say_who_they_are() {
    let models = [(); 3].map(|()| Scripted::always(&[Step::Say("x")]));
    let resilient = over(&[&models[0], &models[1], &models[2]], once());
    let mut who = Vec::new();
    for number in 0..6 {
        who.extend(replicas_of(&ask(&resilient, number).await));
    }
    assert_eq!(who, ["r1", "r2", "r3", "r1", "r2", "r3"]);
}

#[tokio::test(start_paused = true)]
async fn the_least_busy_one_is_asked() {
    let slow = Scripted::always(&[Step::Wait(seconds(1_000)), Step::Say("x")]);
    let quick = Scripted::always(&[Step::Say("x")]);
    let mut settings = once();
    settings.timeouts.first_token = None;
    let resilient = over(&[&slow, &quick], settings);
    let mut busy = resilient.stream(request(1));
    assert!(futures::poll!(busy.next()).is_pending());
    for number in 0..10 {
        ask(&resilient, number).await;
    }
    assert_eq!((slow.count(), quick.count()), (1, 10));
}

#[tokio::test(start_paused = true)]
async fn a_retry_goes_to_another_replica_even_to_a_busier_one() {
    let broken = Scripted::always(&[fail(FailureKind::ServerError)]);
    let busy =
        Scripted::new(|n| if n == 0 { vec![Step::Say("x"), Step::Hang] } else { vec![Step::Say("y")] });
    let resilient = over(&[&busy, &broken], ResilienceSettings::default());
    let mut first = resilient.stream(request(1));
    assert!(matches!(first.next().await, Some(Ok(ChatEvent::Upstream(_)))));
    let course = ask(&resilient, 2).await;
    assert_eq!((course.text().as_str(), broken.count(), course.retries().len()), ("y", 1, 1));
    drop(first);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_left_alone_is_passed_over_and_when_all_are_the_call_says_until_when() {
    let broken = Scripted::always(&[fail(FailureKind::ServerError)]);
    let fragile =
        Scripted::new(|n| if n < 10 { vec![Step::Say("x")] } else { vec![fail(FailureKind::ServerError)] });
    let mut settings = once();
    settings.breaker.failures = 1;
    let resilient = over(&[&broken, &fragile], settings);
    assert!(ask(&resilient, 1).await.failure.is_some());
    tokio::time::sleep(seconds(10)).await;
    for number in 0..10 {
        assert_eq!(ask(&resilient, number).await.text(), "x");
    }
    assert!(ask(&resilient, 2).await.failure.is_some());
    let course = ask(&resilient, 3).await;
    assert_eq!(course.failure().kind, FailureKind::CircuitOpen);
    assert_eq!(course.failure().advice.after, Some(seconds(20)), "the earlier of the two");
    assert_eq!((broken.count(), fragile.count()), (1, 11));
}

#[tokio::test(start_paused = true)]
async fn what_the_replica_says_of_itself_is_kept() {
    let told = |replica: Option<&str>| {
        let upstream =
            Upstream { request_id: Some("7".into()), replica: replica.map(str::to_owned), model: None };
        Scripted::always(&[Step::Tell(ChatEvent::Upstream(upstream)), Step::Say("x")])
    };
    let resilient = over(&[&told(None), &told(Some("own"))], once());
    assert_eq!(replicas_of(&ask(&resilient, 1).await), ["r1"]);
    assert_eq!(replicas_of(&ask(&resilient, 2).await), ["own"]);
    // With a single one there is nothing to tell apart.
    let course = ask(&around(&Scripted::always(&[Step::Say("x")]), once()), 1).await;
    assert!(replicas_of(&course).is_empty());
}
