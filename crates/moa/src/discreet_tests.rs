use std::path::Path;
use std::sync::Arc;

use futures::StreamExt as _;
use futures::executor::block_on;
use moa_core::{
    CallId, ChatEvent, ChatModel, ChatRequest, ChatStream, Conversation, Failure, FailureKind, LayerIndex,
    ModelId, Prompt, Sampling,
};

use super::DiscreetModel;

struct Broken(ModelId);

impl ChatModel for Broken {
    fn id(&self) -> &ModelId {
        &self.0
    }

    fn endpoint(&self) -> &'static str {
        "local"
    }

    fn identity(&self) -> String {
        "gguf:model.gguf:1".to_owned()
    }

    fn stream(&self, _: ChatRequest) -> ChatStream {
        let failure = Failure::new(FailureKind::ModelUnavailable, "cannot load /home/ann/models/model.gguf")
            .with_hint("look at /home/ann/models/model.gguf");
        let warning = ChatEvent::Warning("/home/ann/models/model.gguf has an old template".to_owned());
        futures::stream::iter([Ok(warning), Err(failure)]).boxed()
    }
}

#[test]
fn the_file_is_named_and_its_folder_is_not() {
    let broken = Arc::new(Broken(ModelId::new("m")));
    let model = DiscreetModel::new(broken, Path::new("/home/ann/models/model.gguf"));
    assert_eq!((model.id().as_str(), model.identity().as_str()), ("m", "gguf:model.gguf:1"));
    let call = CallId { layer: LayerIndex(1), agent: 1 };
    let request = ChatRequest::alone(call, Prompt::plain(Conversation::ask("?")), Sampling::greedy(), 1);
    let told = block_on(model.stream(request).collect::<Vec<_>>());
    assert_eq!(told[0], Ok(ChatEvent::Warning("model.gguf has an old template".to_owned())));
    let failure = told[1].as_ref().unwrap_err();
    assert_eq!(failure.message, "cannot load model.gguf");
    assert_eq!(failure.hint.as_deref(), Some("look at model.gguf"));
    assert_eq!(failure.kind, FailureKind::ModelUnavailable);
}
