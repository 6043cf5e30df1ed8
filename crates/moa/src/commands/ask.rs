//! `moa ask`: one question, one answer.

use std::sync::Arc;

use moa_config::{Config, Overrides, ResolvedPreset};
use moa_core::{Conversation, Message};

use super::calibrate::explanation::explanation;
use crate::attachment;
use crate::cli::{AskArgs, MixtureArgs, OutputArg};
use crate::complaint::Complaint;
use crate::estimate::Estimate;
use crate::input;
use crate::local::LocalModels;
use crate::reuse::reusing;
use crate::run::{self, Reader};
use crate::workspace::{self, Workspace, config_complaint};

pub(crate) async fn execute(workspace: &Workspace, arguments: AskArgs) -> Result<(), Complaint> {
    let config = workspace.config()?;
    let preset = choose(&config, &arguments.mixture)?;
    if arguments.explain {
        let asked = arguments.prompt.as_deref().map(Conversation::ask);
        return super::print(&explanation(&preset, asked.as_ref()));
    }
    let question = input::question(arguments.prompt.as_deref())?;
    let question = attachment::with_images(Message::user(question), &arguments.images)?;
    let conversation = begin(arguments.mixture.system.as_deref()).with_message(question);
    let tools = arguments.tools.as_deref().map(attachment::tools).transpose()?;
    let mut local = LocalModels::new(workspace, &config, arguments.mixture.yes)?;
    if arguments.dry_run {
        let store = workspace::store_path().ok().and_then(|path| moa_store::Store::open_read_only(path).ok());
        let estimate = Estimate::of(&preset, &conversation, &local, store.as_ref())?;
        return match arguments.output {
            OutputArg::Text => super::print(&estimate.to_string()),
            OutputArg::Json | OutputArg::Jsonl => super::print_json(&estimate),
        };
    }
    let mut models = local.prepare_preset(&preset).await?;
    let store = workspace::store_for_run(!arguments.mixture.no_store).map(Arc::new);
    if let Some(store) = store.as_ref().filter(|_| arguments.mixture.reuse) {
        models = reusing(models, store);
    }
    let recorder = store.as_ref().and_then(|store| store.recorder().ok());
    let mut reader = Reader::new(arguments.output, arguments.trace);
    let note = preset.calibration.as_ref().and_then(|measured| measured.note(&conversation));
    let mut request = run::request(preset.mixture, conversation, arguments.mixture.seed);
    request.notes.extend(note);
    request.max_cost_usd = preset.max_cost_usd;
    request.tools = tools.map(Arc::new);
    let trace = run::drive(request, models, recorder.as_ref(), &mut reader, workspace).await;
    workspace::settle(recorder.as_ref());
    run::verdict(&trace?, &reader, recorder.is_some())
}

/// The mixture that the command line names, with what the command line changes about it.
pub(crate) fn choose(config: &Config, arguments: &MixtureArgs) -> Result<ResolvedPreset, Complaint> {
    let overrides = Overrides {
        layers: arguments.layers,
        max_tokens: arguments.max_tokens,
        temperature: arguments.temperature,
        aggregator: arguments.aggregator.clone(),
        max_cost_usd: arguments.max_cost,
    };
    let chosen = match &arguments.model {
        Some(model) => config.single_model(model, &overrides),
        None => {
            let name = arguments.preset.as_deref().unwrap_or(&config.default_preset().value);
            config.preset(name, &overrides)
        }
    };
    chosen.map_err(|error| config_complaint(&error))
}

/// A conversation with the operator's instructions, if there are any.
pub(crate) fn begin(system: Option<&str>) -> Conversation {
    match system {
        Some(system) if !system.trim().is_empty() => Conversation::new(vec![Message::system(system)]),
        _ => Conversation::default(),
    }
}
