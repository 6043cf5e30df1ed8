//! moa's engine with what stands around a remote model, put together as the program does.

use std::pin::pin;
use std::sync::Arc;

use futures::StreamExt as _;
use moa_core::{
    Agent, ChatModel, Conversation, EventKind, Layer, LayerRole, Mixture, Models, RunRequest, RunSeed,
};
use moa_openai::{Endpoint, EndpointAddress, EndpointSettings, ModelSettings, OpenAiModel, ProxySettings};
use moa_resilience::{EndpointState, ResilienceSettings, ResilientModel};
use moa_testkit::Stamp;
use uuid::Uuid;

use crate::cli::Cli;
use crate::recording::Recording;
use crate::report::{Failure, Line, question, tag};

/// More than the mock ever says.
pub(crate) const MAX_TOKENS: u32 = 4_096;

/// The engine, ready to run one mixture again and again.
pub(crate) struct MixtureRuns {
    mixture: Mixture,
    models: Models,
    recording: Recording,
    pieces: bool,
}

impl MixtureRuns {
    /// Agents of equal places in different layers ask the same model, as in the paper.
    pub(crate) fn new(cli: &Cli) -> Result<Self, Failure> {
        let agent = |place: u32| Agent::new(format!("proposer-{place}"), MAX_TOKENS);
        let layers = cli.layers.iter().map(|agents| Layer::new((1..=*agents).map(agent).collect()));
        let mixture = Mixture::new("measured", layers.collect(), Agent::new("alone", MAX_TOKENS));
        mixture.check()?;
        let mut settings = EndpointSettings::new("mock", EndpointAddress::parse(&cli.url)?);
        settings.proxy = ProxySettings::Direct;
        let endpoint = Endpoint::new(settings);
        let state = EndpointState::new("mock", ResilienceSettings::default());
        let models = mixture.models().into_iter().fold(Models::new(), |models, id| {
            let mut settings = ModelSettings::new(id.clone(), id.as_str());
            settings.stream = cli.stream;
            let model = Arc::new(OpenAiModel::new(&endpoint, settings)) as Arc<dyn ChatModel>;
            models.with(Arc::new(ResilientModel::new(model, Arc::clone(&state))))
        });
        Ok(Self { mixture, models, recording: Recording::new(cli.store)?, pieces: cli.pieces })
    }

    /// Runs the mixture once.
    pub(crate) async fn ask(self: Arc<Self>, run: u64) -> Result<Line, String> {
        let begin = Stamp::now();
        let request = RunRequest::new(
            Uuid::now_v7(),
            0,
            self.mixture.clone(),
            Conversation::ask(question(run)),
            RunSeed::Drawn(run),
        );
        let mut events = pin!(moa_core::run(request, self.models.clone()));
        let (mut is_answer, mut pieces_ns) = (false, Vec::new());
        while let Some(event) = events.next().await {
            match &event.kind {
                EventKind::LayerStarted { role, .. } => is_answer = *role == LayerRole::Aggregator,
                EventKind::CallDelta { .. } if is_answer && self.pieces => {
                    pieces_ns.push(Stamp::now().as_nanos());
                }
                EventKind::RunFailed { failure, .. } => return Err(failure.to_string()),
                EventKind::RunFinished { .. } => {
                    let end_ns = Stamp::now().as_nanos();
                    self.recording.record(&event);
                    return Ok(Line {
                        tag: tag(run),
                        begin_ns: begin.as_nanos(),
                        end_ns,
                        pieces_ns,
                        ..Line::default()
                    });
                }
                _ => {}
            }
            self.recording.record(&event);
        }
        Err("the run ended without an end".to_owned())
    }
}
