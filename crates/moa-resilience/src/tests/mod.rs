//! What a whole resilient model does, in virtual time.

mod balancing;
mod breaking;
mod dropping;
mod hedging;
mod limiting;
mod repeating;
mod retrying;
mod scripted;
mod spending;
mod timing;

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use moa_core::{
    CallId, ChatEvent, ChatModel, ChatRequest, Conversation, Failure, LayerIndex, Prompt, Retry, Sampling,
};
use tokio::time::Instant;

use self::scripted::Scripted;
use crate::{EndpointState, Replica, ResilienceSettings, ResilientModel, RetrySettings};

/// How a call went.
struct Course {
    events: Vec<ChatEvent>,
    failure: Option<Failure>,
    time: Duration,
}

impl Course {
    fn text(&self) -> String {
        let text = |event: &ChatEvent| match event {
            ChatEvent::Delta { text, .. } => Some(text.clone()),
            _ => None,
        };
        self.events.iter().filter_map(text).collect()
    }

    fn retries(&self) -> Vec<&Retry> {
        let retry = |event: &'_ ChatEvent| matches!(event, ChatEvent::Retrying(_));
        let retries = self.events.iter().filter(|event| retry(event));
        retries
            .filter_map(|event| if let ChatEvent::Retrying(retry) = event { Some(retry) } else { None })
            .collect()
    }

    fn failure(&self) -> &Failure {
        self.failure.as_ref().expect("the call did not fail")
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A question of the `number`-th agent.
fn request(number: u32) -> ChatRequest {
    let call = CallId { layer: LayerIndex(1), agent: number };
    ChatRequest::alone(call, Prompt::plain(Conversation::ask("Where?")), Sampling::default(), 100)
}

/// Default settings without retries.
fn once() -> ResilienceSettings {
    let retry = RetrySettings { max_retries: 0, ..RetrySettings::default() };
    ResilienceSettings { retry, ..ResilienceSettings::default() }
}

fn around(model: &Arc<Scripted>, settings: ResilienceSettings) -> ResilientModel {
    ResilientModel::new(Arc::clone(model) as Arc<dyn ChatModel>, EndpointState::new("e", settings))
}

fn over(models: &[&Arc<Scripted>], settings: ResilienceSettings) -> ResilientModel {
    let mut replicas = models.iter().zip(1..).map(|(model, number)| Replica {
        name: format!("r{number}"),
        model: Arc::clone(model) as Arc<dyn ChatModel>,
    });
    let first = replicas.next().unwrap();
    ResilientModel::balanced(first, replicas.collect(), EndpointState::new("e", settings))
}

/// What `future` comes to. In virtual time, one that waits for nothing would wait for ever.
async fn in_time<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(seconds(100_000), future).await.expect("nothing happens any more")
}

/// Makes a call and hears it to its end.
async fn ask(model: &dyn ChatModel, number: u32) -> Course {
    let start = Instant::now();
    let mut stream = model.stream(request(number));
    let (mut events, mut failure) = (Vec::new(), None);
    while let Some(item) = in_time(stream.next()).await {
        assert!(failure.is_none(), "something follows a failure");
        match item {
            Ok(event) => events.push(event),
            Err(told) => failure = Some(told),
        }
    }
    let finished = events.iter().filter(|event| matches!(event, ChatEvent::Finished { .. })).count();
    assert_eq!(finished + usize::from(failure.is_some()), 1, "a call ends once");
    Course { events, failure, time: start.elapsed() }
}

/// Makes calls at the same time.
async fn ask_all(model: &dyn ChatModel, count: u32) -> Vec<Course> {
    join_all((1..=count).map(|number| ask(model, number))).await
}
