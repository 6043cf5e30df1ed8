//! A server in front of a mock, and a client of it.

use std::fmt::Write as _;
use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use moa_config::{Config, LoadOptions, ResolvedModel, ResolvedPreset, ServerSettings};
use moa_core::{CandidateRunner, ChatModel, Conversation, ExampleOutcome, ExampleRun, ModelId, Tools};
use moa_openai::{Endpoint, EndpointAddress, EndpointSettings, ModelSettings, OpenAiModel};
use moa_server::{Estimate, ModelCard, ModelKind, ModelSource, Server, ServerOptions, Unavailable};
use moa_store::Store;
use moa_testkit::{Mock, Rule};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The catalogue that the built-in presets name.
pub(crate) const KNOWN: [&str; 6] = [
    "smollm2-135m-instruct",
    "qwen2.5-coder-0.5b-instruct",
    "qwen2.5-coder-1.5b-instruct",
    "qwen1.5-0.5b-chat",
    "qwen2.5-0.5b-instruct",
    "llama-3.2-1b-instruct",
];

/// Models at a mock, asked by an attempt each: no retries, so that a script is answered once.
struct MockModels {
    endpoint: Endpoint,
}

impl ModelSource for MockModels {
    fn cards(&self) -> Vec<ModelCard> {
        let card = |id: &str, kind, endpoint: &str, is_ready| ModelCard {
            id: id.to_owned(),
            kind,
            endpoint: endpoint.to_owned(),
            is_ready,
            size_bytes: None,
            licence: None,
            parameters: None,
        };
        let remote = ["a", "b", "c", "z", "org/slashed"].map(|id| card(id, ModelKind::Remote, "mock", true));
        remote.into_iter().chain([card("smollm2-135m-instruct", ModelKind::Local, "local", false)]).collect()
    }

    fn model<'a>(
        &'a self,
        id: &'a ModelId,
        model: &'a ResolvedModel,
    ) -> BoxFuture<'a, Result<Arc<dyn ChatModel>, Unavailable>> {
        async move {
            let ResolvedModel::Remote(remote) = model else {
                return Err(Unavailable {
                    message: format!("the model '{id}' is not on this machine"),
                    hint: Some(format!("`moa models pull {id}`")),
                });
            };
            let mut settings = ModelSettings::new(id.clone(), &remote.id);
            settings.sees_images = remote.images;
            settings.pricing = remote.pricing;
            Ok(Arc::new(OpenAiModel::new(&self.endpoint, settings)) as Arc<dyn ChatModel>)
        }
        .boxed()
    }

    fn refuses_tools(&self, model: &ResolvedModel, _: &Tools, _: Option<&Value>) -> Option<String> {
        matches!(model, ResolvedModel::Local(_)).then(|| "it calls none".to_owned())
    }

    fn refuses_form(&self, model: &ResolvedModel, form: &Value) -> Option<String> {
        matches!(model, ResolvedModel::Local(_)).then(|| format!("it does not know {form}"))
    }

    /// Says that it passes the more examples, the longer a program is.
    fn candidate_runner(&self) -> CandidateRunner {
        CandidateRunner::new(|trial| {
            let runs = trial.programs.iter().map(|code| {
                let passed = code.program.len() / 9;
                let run = |example| ExampleRun { outcome: ExampleOutcome::Nothing, passes: example < passed };
                (0..trial.examples.len()).map(run).collect()
            });
            std::future::ready(Ok(runs.collect())).boxed()
        })
    }

    fn estimate(&self, preset: &ResolvedPreset, _: &Conversation) -> Result<Estimate, Unavailable> {
        Ok(Estimate { calls: preset.mixture.agents().count() as u64, ..Estimate::default() })
    }
}

/// A server in front of a mock.
pub(crate) struct Fixture {
    pub(crate) mock: Mock,
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
    pub(crate) stop: CancellationToken,
    pub(crate) served: JoinHandle<()>,
    pub(crate) folder: TempDir,
}

/// The presets and models of the tests: `trio` asks a, b and c and lets z aggregate, with a price so that costs are seen.
fn config(mock: &Mock, folder: &TempDir) -> Config {
    let mut text = format!(
        "default-preset = \"trio\"\n[endpoints.mock]\nbase-url = \"{}\"\n\
         [presets.trio]\ndescription = \"Three and one\"\nlayers = 2\nproposers = [\"a\", \"b\", \"c\"]\naggregator = \"z\"\n\
         max-tokens = 20\n\
         [presets.coding]\nextends = \"trio\"\naggregation = {{ kind = \"run-candidates\" }}\n\
         [presets.measured]\nextends = \"trio\"\n[presets.measured.calibration]\ndate = \"2026-11-28\"\ntasks = [\"sums\"]\n\
         kinds = [\"number\"]\nitems = 9\naccuracy = 0.5\naccuracy-low = 0.4\naccuracy-high = 0.6\nbest-single = \"a\"\n\
         best-single-accuracy = 0.4\n\
         [presets.hasty]\nextends = \"trio\"\ndeadline = \"50ms\"\n\
         [presets.mixed]\nextends = \"trio\"\naggregator = \"smollm2-135m-instruct\"\n",
        mock.base_url()
    );
    for name in ["a", "b", "c", "z", "org/slashed"] {
        let images = name == "z";
        let _ = write!(
            text,
            "[models.\"{name}\"]\nendpoint = \"mock\"\nid = \"{name}\"\nimages = {images}\n\
             price = {{ input-usd = 1.0, output-usd = 1.0 }}\n"
        );
    }
    let path = folder.path().join("moa.toml");
    std::fs::write(&path, text).unwrap();
    let options = LoadOptions {
        explicit_file: Some(path),
        known_models: KNOWN.into_iter().collect(),
        ..LoadOptions::default()
    };
    moa_config::load(options).unwrap()
}

impl Fixture {
    pub(crate) async fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self::with(rules, |_| {}).await
    }

    /// With settings changed by `change`.
    pub(crate) async fn with(
        rules: impl IntoIterator<Item = Rule>,
        change: impl FnOnce(&mut ServerSettings),
    ) -> Self {
        let mock = Mock::builder().rules(rules).start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = Arc::new(config(&mock, &folder));
        let mut settings =
            ServerSettings { listen: "127.0.0.1:0".parse().unwrap(), ..ServerSettings::default() };
        change(&mut settings);
        let address = EndpointAddress::parse(&mock.base_url()).unwrap();
        let source = MockModels { endpoint: Endpoint::new(EndpointSettings::new("mock", address)) };
        let store = Arc::new(Store::open(folder.path().join("runs.sqlite3")).unwrap());
        let server = Server::new(ServerOptions {
            config,
            settings,
            source: Arc::new(source),
            store: Some(Arc::clone(&store)),
            watchers: None,
        });
        let listener = server.bind().await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        #[expect(clippy::disallowed_methods, reason = "the test waits for it, or its runtime ends it")]
        let task = tokio::spawn(async move { server.serve(listener, stopped).await.unwrap() });
        // A connection of its own for each request, so that one that is broken off leaves no trace in the next.
        let client = reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy().build().unwrap();
        Self { mock, url, client, stop, served: task, folder }
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.client
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    pub(crate) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    /// Asks `model`, with more fields.
    pub(crate) fn ask(&self, model: &str, more: Value) -> reqwest::RequestBuilder {
        let mut body = json!({"model": model, "messages": [{"role": "user", "content": "Is it so?"}]});
        if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
            body.extend(more);
        }
        self.post("/v1/chat/completions", &body)
    }

    /// Asks for a whole completion.
    pub(crate) async fn completion(&self, model: &str, more: Value) -> Value {
        let response = self.ask(model, more).send().await.unwrap();
        assert_eq!(response.status(), 200);
        json_of(response).await
    }

    /// The document of a run, once it has ended.
    pub(crate) async fn ended(&self, run: &str) -> Value {
        // The stream of events ends with the run.
        self.get(&format!("/api/runs/{run}/events")).send().await.unwrap().text().await.unwrap();
        json_of(self.get(&format!("/api/runs/{run}")).send().await.unwrap()).await
    }
}

pub(crate) async fn json_of(response: reqwest::Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

/// The status and the error of a response; every error has the same four keys.
pub(crate) async fn refusal(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body = json_of(response).await;
    let error = body["error"].clone();
    let keys: Vec<&String> = error.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "message", "param", "type"]);
    (status, error)
}

/// What a stream says: the data of its events, and whether it ended with `[DONE]`.
pub(crate) fn frames(text: &str) -> (Vec<Value>, bool) {
    let data: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    let is_done = data.last() == Some(&"[DONE]");
    (
        data.iter()
            .filter(|line| **line != "[DONE]")
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
        is_done,
    )
}

/// Everybody says that it is so, and z that all agree.
pub(crate) fn agreeing() -> [Rule; 2] {
    [Rule::model("z").answer("All agree."), Rule::any().answer("It is so.")]
}

/// No model at all.
pub(crate) struct NoModels;

impl ModelSource for NoModels {
    fn cards(&self) -> Vec<ModelCard> {
        Vec::new()
    }

    fn model<'a>(
        &'a self,
        _: &'a ModelId,
        _: &'a ResolvedModel,
    ) -> BoxFuture<'a, Result<Arc<dyn ChatModel>, Unavailable>> {
        let nobody = Unavailable { message: "there is nobody".to_owned(), hint: None };
        futures::future::ready(Err(nobody)).boxed()
    }

    fn refuses_tools(&self, _: &ResolvedModel, _: &Tools, _: Option<&Value>) -> Option<String> {
        None
    }

    fn refuses_form(&self, _: &ResolvedModel, _: &Value) -> Option<String> {
        None
    }

    fn estimate(&self, _: &ResolvedPreset, _: &Conversation) -> Result<Estimate, Unavailable> {
        Ok(Estimate::default())
    }
}
