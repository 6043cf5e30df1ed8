//! What the tests share: the model file, one engine for all, and calls.

use std::fs::File;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use futures::StreamExt;
use futures::executor::block_on;
use moa_core::{
    CallId, ChatEvent, ChatModel, ChatRequest, ChatStream, Conversation, Failure, FinishReason, LayerIndex,
    Progress, Prompt, Sampling, Usage,
};
use moa_llama::{EngineOptions, LlamaEngine, LlamaModel, ModelOptions};

const FILE: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";

/// Waits until no other test computes. Engines that do not know of each other would fight for the cores, and ggml's threads spin:
/// a fight costs a hundred times what taking turns does. The lock is a file, because test runners start processes.
pub(crate) fn turn() -> File {
    let path = std::env::temp_dir().join("moa-llama-tests.lock");
    let file = File::options().create(true).append(true).open(path).expect("a lock file");
    file.lock().expect("the lock");
    file
}

/// The model file that `make test` provides.
pub(crate) fn model_path() -> PathBuf {
    if let Some(path) = std::env::var_os("MOA_TEST_MODEL") {
        return PathBuf::from(path);
    }
    let home = std::env::var_os("MOA_HOME").map(PathBuf::from);
    let found = home.map(|home| home.join("models").join(FILE)).filter(|path| path.exists());
    found.expect("the tests need the 135M model: run `make test`, or name the file in MOA_TEST_MODEL")
}

/// An engine with one core (several would spin at each other's barriers where the machine is busy) and the model with the given changes to its usual options.
pub(crate) fn engine_and_model(change: impl FnOnce(&mut ModelOptions)) -> (LlamaEngine, Arc<LlamaModel>) {
    let mut options = EngineOptions::default();
    options.cores = NonZeroUsize::new(1);
    let engine = LlamaEngine::new(options);
    let mut options = ModelOptions::new("smollm2-135m-instruct", model_path());
    options.context_tokens = Some(2048);
    change(&mut options);
    let model = engine.model(options);
    (engine, model)
}

/// A model that tests share which only ask and compare.
pub(crate) fn shared_model() -> Arc<LlamaModel> {
    static SHARED: OnceLock<(LlamaEngine, Arc<LlamaModel>)> = OnceLock::new();
    Arc::clone(&SHARED.get_or_init(|| engine_and_model(|_| {})).1)
}

pub(crate) fn request(question: &str, max_tokens: u32, sampling: Sampling) -> ChatRequest {
    request_of(Prompt::plain(Conversation::ask(question)), max_tokens, sampling)
}

pub(crate) fn request_of(prompt: Prompt, max_tokens: u32, sampling: Sampling) -> ChatRequest {
    let call = CallId { layer: LayerIndex(1), agent: 1 };
    ChatRequest::alone(call, prompt, sampling, max_tokens)
}

/// Everything that a call said.
#[derive(Debug, Default, Clone)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) deltas: Vec<String>,
    pub(crate) tokens: u32,
    pub(crate) events: Vec<ChatEvent>,
    pub(crate) finish: Option<(FinishReason, Usage)>,
    pub(crate) failure: Option<Failure>,
}

impl Answer {
    pub(crate) fn reason(&self) -> FinishReason {
        self.finish.unwrap_or_else(|| panic!("no end: {:?}", self.failure)).0
    }

    pub(crate) fn usage(&self) -> Usage {
        self.finish.unwrap_or_else(|| panic!("no end: {:?}", self.failure)).1
    }

    pub(crate) fn prefill_steps(&self) -> Vec<(u32, u32, u32)> {
        let step = |event: &ChatEvent| match event {
            ChatEvent::Progress(Progress::Prefill { done_tokens, total_tokens, cached_tokens }) => {
                Some((*done_tokens, *total_tokens, *cached_tokens))
            }
            _ => None,
        };
        self.events.iter().filter_map(step).collect()
    }
}

pub(crate) async fn listen(mut stream: ChatStream) -> Answer {
    let mut answer = Answer::default();
    while let Some(item) = stream.next().await {
        assert!(answer.finish.is_none() && answer.failure.is_none(), "nothing comes after the end");
        match item {
            Ok(ChatEvent::Delta { text, tokens }) => {
                assert!(!text.is_empty(), "a delta is never empty");
                answer.text.push_str(&text);
                answer.deltas.push(text);
                answer.tokens += tokens;
            }
            Ok(ChatEvent::Finished { finish_reason, usage }) => answer.finish = Some((finish_reason, usage)),
            Ok(event) => answer.events.push(event),
            Err(failure) => answer.failure = Some(failure),
        }
    }
    answer
}

pub(crate) fn ask(model: &LlamaModel, request: ChatRequest) -> Answer {
    block_on(listen(model.stream(request)))
}

/// Asks at the same time.
pub(crate) fn ask_all(model: &LlamaModel, requests: Vec<ChatRequest>) -> Vec<Answer> {
    block_on(futures::future::join_all(requests.into_iter().map(|request| listen(model.stream(request)))))
}
