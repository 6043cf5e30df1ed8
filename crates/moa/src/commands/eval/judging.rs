//! A judge: one model that reads answers and says what it thinks of them, outside of any mixture.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use futures::StreamExt as _;
use moa_config::{Overrides, ResolvedModel};
use moa_core::{
    CallId, ChatEvent, ChatModel, ChatRequest, Conversation, Failure, FailureKind, FinishReason, LayerIndex,
    Pricing, Prompt, Sampling, TokenLogprobs, Usage,
};
use moa_eval::runner::{CostCap, Done, Undone};
use serde::{Deserialize, Serialize};

use super::arguments::WorkArgs;
use super::concurrency::usual;
use crate::complaint::Complaint;
use crate::local::LocalModels;
use crate::workspace::{Workspace, config_complaint};

/// No judgment is longer; what a judge writes beyond it is not read.
const MOST_BYTES: usize = 1 << 20;

/// What stands beside everything that a model on this machine judged.
pub(super) const LOCAL_NOTE: &str = "local judge, no substitute for the official one";

/// Who judges what, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct JudgeArgs {
    /// Who judges: a model behind an endpoint, or a local one, whose judgments are marked as no substitute for the official judge's
    #[arg(short, long, value_name = "MODEL")]
    pub(crate) judge: String,

    /// Folder that keeps the answers, and gets the judgments
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: PathBuf,

    /// Whose answers are judged; all in the folder where nobody is named. May be given several times
    #[arg(short, long = "contender", value_name = "CONTENDER")]
    pub(crate) contenders: Vec<String>,

    /// Folder of the benchmark's own files, in place of the fetched ones
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,

    /// Only the first so many questions
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,

    /// Most tokens of a judgment, in place of the official number
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u32>,

    /// Sampling temperature of the judge, in place of the official one
    #[arg(short, long, value_name = "T", allow_negative_numbers = true)]
    pub(crate) temperature: Option<f64>,

    /// Makes the judgments of a local judge repeatable where its temperature is not 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    #[command(flatten)]
    pub(crate) work: WorkArgs,
}

/// How a benchmark asks its judge.
#[derive(Debug, Clone, Copy)]
pub(super) struct JudgeSettings {
    /// The official judge's id at its endpoint.
    pub(super) official_model: &'static str,
    pub(super) temperature: f64,
    pub(super) max_tokens: u32,
    /// So many log-probabilities of each token, where the verdict is in them.
    pub(super) top_logprobs: Option<u8>,
}

/// A judge that is ready to be asked.
pub(super) struct Judge {
    /// As it stands in files.
    pub(super) name: String,
    /// What a reader has to know of it; nothing of the official one.
    pub(super) note: Option<String>,
    pub(super) concurrency: u32,
    model: Arc<dyn ChatModel>,
    sampling: Sampling,
    max_tokens: u32,
    top_logprobs: Option<u8>,
    /// Loaded as long as the judge is asked.
    _models: LocalModels,
}

/// What a judge said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) finish_reason: Option<FinishReason>,
    /// Why it said nothing, where asking again would bring nothing either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<Failure>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) logprobs: Vec<TokenLogprobs>,
    /// Tokens of question and judgment.
    pub(super) tokens: u64,
    /// When, in seconds since 1970.
    pub(super) at: f64,
}

impl Judge {
    /// Makes the judge ready.
    pub(super) async fn prepare(
        workspace: &Workspace,
        arguments: &JudgeArgs,
        settings: &JudgeSettings,
    ) -> Result<Self, Complaint> {
        let config = workspace.config()?;
        let overrides = Overrides {
            max_tokens: Some(arguments.max_tokens.unwrap_or(settings.max_tokens)),
            temperature: Some(arguments.temperature.unwrap_or(settings.temperature)),
            ..Overrides::default()
        };
        let preset =
            config.single_model(&arguments.judge, &overrides).map_err(|error| config_complaint(&error))?;
        let agent = preset.mixture.aggregator;
        let concurrency = arguments.work.concurrency.unwrap_or_else(|| usual(preset.models.values()));
        let (mut wanted, mut note) = (preset.models, None);
        for model in wanted.values_mut() {
            note = match model {
                ResolvedModel::Remote(remote) if remote.id == settings.official_model => None,
                ResolvedModel::Local(local) => {
                    local.sequences.get_or_insert(concurrency);
                    Some(LOCAL_NOTE.to_owned())
                }
                _ => Some(format!("not the official judge, which is {}", settings.official_model)),
            };
        }
        let mut local = LocalModels::new(workspace, &config, arguments.work.yes)?;
        let mut models = local.prepare(&wanted).await?;
        if let Some(cap) = arguments.work.max_cost {
            models = CostCap::new(cap).around(models);
        }
        let model = models.get(&agent.model).cloned().ok_or_else(|| {
            Complaint::failed(format!("the judge '{}' is not ready to be asked", arguments.judge))
        })?;
        let sampling = Sampling { seed: Some(arguments.seed), ..agent.sampling };
        let is_local = note.as_deref() == Some(LOCAL_NOTE);
        let name = if is_local { format!("local:{}", arguments.judge) } else { arguments.judge.clone() };
        let max_tokens = agent.max_tokens;
        let top_logprobs = settings.top_logprobs;
        Ok(Self { name, note, concurrency, model, sampling, max_tokens, top_logprobs, _models: local })
    }

    /// All that its judgments depend on besides the question.
    pub(super) fn content(&self) -> serde_json::Value {
        serde_json::json!({
            "model": self.model.identity(),
            "sampling": self.sampling,
            "max_tokens": self.max_tokens,
            "top_logprobs": self.top_logprobs,
        })
    }

    /// Asks. A refusal that would repeat itself is an empty judgment; other failures are for the next run to try again.
    pub(super) async fn ask(&self, conversation: Conversation) -> Result<Done<Said>, Undone> {
        let call = CallId { layer: LayerIndex(1), agent: 1 };
        let prompt = Prompt::plain(conversation);
        let mut request = ChatRequest::alone(call, prompt, self.sampling.clone(), self.max_tokens);
        request.top_logprobs = self.top_logprobs;
        let start = Instant::now();
        let mut said = Said {
            text: String::new(),
            finish_reason: None,
            failure: None,
            logprobs: Vec::new(),
            tokens: 0,
            at: 0.0,
        };
        let mut usage = Usage::default();
        let mut stream = self.model.stream(request);
        loop {
            match stream.next().await {
                Some(Ok(ChatEvent::Delta { text, .. })) => {
                    said.text.push_str(&text);
                    if said.text.len() > MOST_BYTES {
                        // Whatever its limit on tokens is, this judge does not obey it.
                        said.finish_reason = Some(FinishReason::Length);
                        usage.estimated = true;
                        break;
                    }
                }
                Some(Ok(ChatEvent::Logprobs(logprobs))) => said.logprobs.extend(logprobs),
                Some(Ok(ChatEvent::Finished { finish_reason, usage: told })) => {
                    (said.finish_reason, usage) = (Some(finish_reason), told);
                    break;
                }
                Some(Ok(ChatEvent::Consumed(told))) => usage = told,
                Some(Ok(_)) => {}
                Some(Err(failure)) if is_final(failure.kind) => {
                    said.failure = Some(failure);
                    break;
                }
                Some(Err(failure)) => return Err(Undone { failure, usage: self.priced(usage) }),
                None => {
                    let message = "the judge stopped without finishing its judgment";
                    let failure = Failure::new(FailureKind::ModelError, message);
                    return Err(Undone { failure, usage: self.priced(usage) });
                }
            }
        }
        let usage = self.priced(usage);
        said.tokens = u64::from(usage.prompt_tokens) + u64::from(usage.completion_tokens);
        said.at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        Ok(Done { result: said, usage, wall_ms: start.elapsed().as_secs_f64() * 1e3 })
    }

    /// With the cost, where the endpoint did not tell it and its price is known.
    fn priced(&self, mut usage: Usage) -> Usage {
        if let (Pricing::Known(price), None) = (self.model.pricing(), usage.cost_usd) {
            usage.cost_usd = Some(price.of(&usage));
        }
        usage
    }
}

/// Whether asking again would bring the same.
fn is_final(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::ContextOverflow | FailureKind::ContentFiltered)
}
