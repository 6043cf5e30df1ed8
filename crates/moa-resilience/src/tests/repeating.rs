//! The same calls to the same models take the same course (R13).

use moa_core::{FailureKind, ModelId};

use super::scripted::{Step, fail};
use super::*;
use crate::{HedgeDelay, HedgeSettings, LimitSettings};

/// A bit of everything: failures, a limit, lateness, replicas.
async fn course(seed: u64) -> Vec<(Vec<ChatEvent>, Option<Failure>, Duration)> {
    let flaky = Scripted::new(|n| match n % 4 {
        0 => vec![fail(FailureKind::ServerError)],
        1 => vec![Step::Wait(seconds(3)), Step::Say("x")],
        2 => vec![Step::Say("y"), fail(FailureKind::ConnectionLost)],
        _ => vec![Step::Say("z")],
    });
    let steady = Scripted::always(&[Step::Wait(seconds(2)), Step::Say("s")]);
    let resilient = over(
        &[&flaky, &steady],
        ResilienceSettings {
            hedge: Some(HedgeSettings { delay: HedgeDelay::Fixed(seconds(1)), budget_percent: 20 }),
            limits: LimitSettings {
                in_flight: Some(5),
                requests_per_minute: Some(40),
                ..LimitSettings::default()
            },
            ..ResilienceSettings::default()
        },
    );
    let asked = (1..=60).map(|number| {
        let mut request = request(number);
        request.sampling.seed = Some(seed);
        let stream = resilient.stream(request);
        async move {
            let start = Instant::now();
            let (mut events, mut failure) = (Vec::new(), None);
            futures::pin_mut!(stream);
            while let Some(item) = stream.next().await {
                match item {
                    Ok(event) => events.push(event),
                    Err(told) => failure = Some(told),
                }
            }
            (events, failure, start.elapsed())
        }
    });
    join_all(asked).await
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_course_to_the_millisecond() {
    let first = course(7).await;
    assert!(
        first.iter().any(|(events, ..)| events.iter().any(|event| matches!(event, ChatEvent::Retrying(_))))
    );
    assert!(first.iter().any(|(events, ..)| events.contains(&ChatEvent::Hedged)));
    for _ in 0..10 {
        assert_eq!(course(7).await, first);
    }
    assert_ne!(course(8).await, first, "waits depend on the seed");
}

#[test]
fn a_resilient_model_passes_for_the_one_that_it_stands_for() {
    let model = Scripted::always(&[]);
    let resilient = around(&model, ResilienceSettings::default());
    assert_eq!(resilient.id(), &ModelId::new("m"));
    assert_eq!((resilient.endpoint(), resilient.identity()), (model.endpoint(), model.identity()));
}
