//! Asking a model, and what came of it.

use futures::StreamExt as _;
use moa_core::{
    CallId, ChatEvent, ChatModel as _, ChatRequest, ChatStream, Conversation, Failure, FinishReason,
    LayerIndex, Prompt, Sampling, Usage,
};
use moa_openai::{Endpoint, EndpointAddress, EndpointSettings, ModelSettings, OpenAiModel};
use moa_testkit::{Mock, Rule};

/// What came of a question.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) events: Vec<ChatEvent>,
    pub(crate) failure: Option<Failure>,
}

impl Outcome {
    pub(crate) fn text(&self) -> String {
        let text = |event: &ChatEvent| match event {
            ChatEvent::Delta { text, .. } => Some(text.clone()),
            _ => None,
        };
        self.events.iter().filter_map(text).collect()
    }

    pub(crate) fn reasoning(&self) -> String {
        let text = |event: &ChatEvent| match event {
            ChatEvent::Reasoning { text, .. } => Some(text.clone()),
            _ => None,
        };
        self.events.iter().filter_map(text).collect()
    }

    pub(crate) fn warnings(&self) -> Vec<&str> {
        let mut warnings = Vec::new();
        for event in &self.events {
            if let ChatEvent::Warning(text) = event {
                warnings.push(text.as_str());
            }
        }
        warnings
    }

    /// How the answer ended.
    pub(crate) fn end(&self) -> (FinishReason, Usage) {
        match (self.events.last(), &self.failure) {
            (Some(ChatEvent::Finished { finish_reason, usage }), None) => (*finish_reason, *usage),
            other => panic!("no answer: {other:?}"),
        }
    }

    pub(crate) fn failed(&self) -> &Failure {
        self.failure.as_ref().unwrap_or_else(|| panic!("no failure: {:?}", self.events))
    }
}

pub(crate) fn request(question: &str) -> ChatRequest {
    let call = CallId { layer: LayerIndex(1), agent: 1 };
    let sampling = Sampling { seed: Some(7), ..Sampling::default() };
    ChatRequest::alone(call, Prompt::plain(Conversation::ask(question)), sampling, 64)
}

pub(crate) fn settings(base_url: &str) -> EndpointSettings {
    EndpointSettings::new("mock", EndpointAddress::parse(base_url).unwrap())
}

/// The model `asked-model` behind an endpoint.
pub(crate) fn model(endpoint: EndpointSettings) -> OpenAiModel {
    OpenAiModel::new(&Endpoint::new(endpoint), ModelSettings::new("here", "asked-model"))
}

pub(crate) async fn rest_of(mut stream: ChatStream) -> Outcome {
    let mut outcome = Outcome::default();
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => outcome.events.push(event),
            Err(failure) => {
                assert_eq!(outcome.failure.replace(failure), None, "a failure ends the stream");
            }
        }
    }
    outcome
}

pub(crate) async fn ask(model: &OpenAiModel) -> Outcome {
    rest_of(model.stream(request("Why is the sky blue?"))).await
}

/// A mock with one rule, and a model behind it.
pub(crate) async fn one(rule: Rule) -> (Mock, OpenAiModel) {
    let mock = Mock::builder().rule(rule).start().await.unwrap();
    let model = model(settings(&mock.base_url()));
    (mock, model)
}
