//! `moa chat`: the loop of a conversation.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use moa_config::{Config, Overrides};
use moa_core::{CallId, ChatModel, Conversation, LayerRole, Models, ReplayModel, RunRequest, RunSeed, Trace};
use moa_store::{Recorder, Store};
use moa_terminal::{
    ChatInput, ChatInputOptions, Input, InputError, SlashCommand, TerminalSize, color_is_wanted, quantities,
};

use crate::chat::{COMMANDS, ChatCommand, Session, help};
use crate::cli::{ChatArgs, MixtureArgs, OutputArg};
use crate::complaint::Complaint;
use crate::local::LocalModels;
use crate::reuse::reusing;
use crate::run::{self, Reader};
use crate::workspace::{self, Workspace, config_complaint};

pub(crate) async fn execute(workspace: &Workspace, arguments: ChatArgs) -> Result<(), Complaint> {
    let config = workspace.config()?;
    let preset = super::ask::choose(&config, &arguments.mixture)?;
    let mut local = LocalModels::new(workspace, &config, arguments.mixture.yes)?;
    // Before the first question, so that nobody types one that cannot be asked.
    local.prepare_preset(&preset).await?;
    let store = workspace::store_for_run(!arguments.mixture.no_store).map(Arc::new);
    let mut chat = Chat {
        workspace,
        config: &config,
        session: Session::new(preset, arguments.mixture.system.clone()),
        recorder: store.as_ref().and_then(|store| store.recorder().ok()),
        store,
        local,
        arguments,
        asked: Arc::default(),
    };
    let (asked, is_stored) = (Arc::clone(&chat.asked), chat.recorder.is_some());
    let doing = workspace.interrupts.doing(move || left(asked.load(Ordering::Relaxed), is_stored));
    let result = chat.talk().await;
    drop(doing);
    workspace::settle(chat.recorder.as_ref());
    result
}

struct Chat<'a> {
    workspace: &'a Workspace,
    config: &'a Config,
    arguments: ChatArgs,
    session: Session,
    local: LocalModels,
    recorder: Option<Recorder>,
    store: Option<Arc<Store>>,
    /// Runs that were started.
    asked: Arc<AtomicU64>,
}

impl Chat<'_> {
    async fn talk(&mut self) -> Result<(), Complaint> {
        let mut input = open_input();
        if let Some(problem) = input.history_problem() {
            say(&format!("what you type is not kept for the next time: {problem}"));
        }
        if input.is_interactive() {
            say(&format!("{}. /help lists the commands, Ctrl-D ends.", self.described()));
        }
        loop {
            let (returned, typed) = read(input, self.session.preset.mixture.name.clone()).await?;
            input = returned;
            match typed {
                Input::Text(question) => self.ask(question).await?,
                Input::Command { name, argument } => match ChatCommand::parse(&name, &argument) {
                    Ok(ChatCommand::Quit) => return Ok(()),
                    Ok(command) => self.obey(command).await?,
                    Err(sentence) => say(&sentence),
                },
                Input::Interrupted => say("Ctrl-D or /quit ends the chat"),
                Input::End => return Ok(()),
            }
        }
    }

    async fn obey(&mut self, command: ChatCommand) -> Result<(), Complaint> {
        match command {
            ChatCommand::Help => say(help().trim_end()),
            ChatCommand::Layers(agent) => self.show_layers(agent.as_deref())?,
            ChatCommand::Table => self.show(moa_terminal::layers_table)?,
            ChatCommand::Preset(None) => self.list_presets(),
            ChatCommand::Preset(Some(name)) => self.choose(name).await,
            ChatCommand::Aggregator(model) => self.aggregate_anew(&model).await?,
            ChatCommand::Retry => self.retry().await?,
            ChatCommand::System(text) => {
                say(if text.is_some() {
                    "the system message is set"
                } else {
                    "there is no system message now"
                });
                self.session.set_system(text);
            }
            ChatCommand::Clear => {
                self.session.clear();
                say("what was said is forgotten");
            }
            ChatCommand::Save(_) if self.session.is_empty() => say("nothing was said yet"),
            ChatCommand::Save(file) => match self.session.save(&expand_home(&file)) {
                Ok(()) => say(&format!("wrote {file}")),
                Err(complaint) => complaint.tell(),
            },
            ChatCommand::Quit => {}
        }
        Ok(())
    }

    async fn ask(&mut self, question: String) -> Result<(), Complaint> {
        let conversation = self.session.ask(&question);
        if let Some(trace) = self.run(conversation).await? {
            self.session.answered(question, trace);
        }
        Ok(())
    }

    async fn retry(&mut self) -> Result<(), Complaint> {
        let Some((question, conversation)) = self.session.ask_again() else {
            say("nothing was asked yet");
            return Ok(());
        };
        if let Some(trace) = self.run(conversation).await? {
            self.session.answered_again(question, trace);
        }
        Ok(())
    }

    /// Asks the preset in use; nothing comes of it where a model cannot be had.
    async fn run(&mut self, conversation: Conversation) -> Result<Option<Trace>, Complaint> {
        let models = match self.local.prepare_preset(&self.session.preset).await {
            Ok(models) => models,
            Err(complaint) => {
                complaint.tell();
                return Ok(None);
            }
        };
        let models = match self.store.as_ref().filter(|_| self.arguments.mixture.reuse) {
            Some(store) => reusing(models, store),
            None => models,
        };
        let seed = self.arguments.mixture.seed;
        let measured = self.session.preset.calibration.as_ref();
        let note = measured.and_then(|measured| measured.note(&conversation));
        let mut request = run::request(self.session.preset.mixture.clone(), conversation, seed);
        request.notes.extend(note);
        request.max_cost_usd = self.session.preset.max_cost_usd;
        self.drive(request, models).await.map(Some)
    }

    /// Runs it; a run that fails or is stopped does not end the chat.
    async fn drive(&self, request: RunRequest, models: Models) -> Result<Trace, Complaint> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut reader = Reader::new(OutputArg::Text, self.arguments.trace);
        let trace = run::drive(request, models, self.recorder.as_ref(), &mut reader, self.workspace).await?;
        if let Err(complaint) = run::verdict(&trace, &reader, self.recorder.is_some()) {
            // What is said to be kept should be found.
            workspace::settle(self.recorder.as_ref());
            complaint.tell();
        }
        Ok(trace)
    }

    /// Lets another model write the last answer, out of the proposals that are there.
    async fn aggregate_anew(&mut self, name: &str) -> Result<(), Complaint> {
        let Some(last) = self.session.last().cloned() else {
            say("nothing was asked yet");
            return Ok(());
        };
        let (Some(start), Some((question, _))) = (last.start.clone(), self.session.ask_again()) else {
            return Ok(());
        };
        let alone = match self.config.single_model(name, &Overrides::default()) {
            Ok(alone) => alone,
            Err(error) => {
                config_complaint(&error).tell();
                return Ok(());
            }
        };
        let mut models = match self.local.prepare(&alone.models).await {
            Ok(models) => models,
            Err(complaint) => {
                complaint.tell();
                return Ok(());
            }
        };
        let stored: Arc<dyn ChatModel> = Arc::new(ReplayModel::new("stored", last.outcomes()));
        for call in proposals_of(&last) {
            models = models.with_call(call, Arc::clone(&stored));
        }
        let mut mixture = start.mixture;
        mixture.aggregator.model = alone.mixture.aggregator.model;
        mixture.aggregator.name = alone.mixture.aggregator.name;
        // Somebody wants to see what it writes.
        mixture.aggregation = moa_core::Aggregation::Synthesise;
        let mut request = run::request(mixture, start.conversation, None);
        request.seed = RunSeed::Drawn(start.seed);
        request.max_cost_usd = start.max_cost_usd;
        let trace = self.drive(request, models).await?;
        self.session.answered_again(question, trace);
        Ok(())
    }

    async fn choose(&mut self, name: String) {
        let arguments = MixtureArgs { preset: Some(name), model: None, ..self.arguments.mixture.clone() };
        let chosen = match super::ask::choose(self.config, &arguments) {
            Ok(preset) => self.local.prepare_preset(&preset).await.map(|_| preset),
            Err(complaint) => Err(complaint),
        };
        match chosen {
            Ok(preset) => {
                self.session.preset = preset;
                self.arguments.mixture = arguments;
                say(&self.described());
            }
            Err(complaint) => complaint.tell(),
        }
    }

    /// The mixture in use, in a few words.
    fn described(&self) -> String {
        let mixture = &self.session.preset.mixture;
        let layers = quantities::counted(mixture.layer_count() as u64, "layer");
        let answers = quantities::counted(mixture.agents().count() as u64, "answer");
        format!("{}: {layers}, {answers} to every question", mixture.name)
    }

    fn list_presets(&self) {
        let presets: Vec<_> = self.config.presets().collect();
        let width = presets.iter().map(|preset| preset.name.chars().count()).max().unwrap_or(0);
        for preset in presets {
            let sign = if *preset.name == *self.session.preset.mixture.name { '*' } else { ' ' };
            let layers = quantities::counted(preset.layer_count as u64, "layer");
            say(&format!("{sign} {:width$}  {layers}", preset.name));
        }
    }

    /// Shows every answer of the last run, or those of one agent.
    fn show_layers(&self, agent: Option<&str>) -> Result<(), Complaint> {
        let names: BTreeSet<&str> =
            self.session.last().into_iter().flat_map(Trace::calls).map(|call| call.agent.as_str()).collect();
        if let Some(agent) = agent.filter(|agent| !names.is_empty() && !names.contains(agent)) {
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            say(&format!("there is no agent {agent} in the last run; there are {names}"));
            return Ok(());
        }
        self.show(|trace, width, color| moa_terminal::answers_by_layer(trace, agent, Some(width), color))
    }

    fn show(&self, draw: impl FnOnce(&Trace, u16, bool) -> String) -> Result<(), Complaint> {
        match self.session.last() {
            Some(trace) => {
                let color = color_is_wanted() && io::IsTerminal::is_terminal(&io::stdout());
                super::print(&draw(trace, TerminalSize::detect().width, color))
            }
            None => {
                say("nothing was asked yet");
                Ok(())
            }
        }
    }
}

/// What is left of a chat that is given up.
fn left(asked: u64, is_stored: bool) -> String {
    match asked {
        0 => "nothing was asked".to_owned(),
        asked if is_stored => format!("{} kept: moa runs list", quantities::counted(asked, "run")),
        asked => format!("{} of this chat, nothing was stored", quantities::counted(asked, "run")),
    }
}

/// The calls of the proposers that ended.
fn proposals_of(trace: &Trace) -> Vec<CallId> {
    let proposers = trace.layers.iter().filter(|layer| layer.role == LayerRole::Proposers);
    proposers
        .flat_map(|layer| &layer.calls)
        .filter(|call| call.outcome.is_some())
        .map(|call| call.call)
        .collect()
}

fn open_input() -> ChatInput {
    let commands = COMMANDS
        .iter()
        .map(|(name, what)| SlashCommand { name: (*name).to_owned(), help: (*what).to_owned() })
        .collect();
    let history = workspace::chat_history_path().ok();
    ChatInput::new(ChatInputOptions { commands, history, color: color_is_wanted() })
}

/// Waits for the next thing that is typed. The thread that waits is given up when the program ends.
async fn read(mut input: ChatInput, preset: String) -> Result<(ChatInput, Input), Complaint> {
    let waiting = tokio::task::spawn_blocking(move || {
        let typed = input.read(&preset);
        (input, typed)
    });
    let (input, typed) =
        waiting.await.map_err(|error| Complaint::failed(format!("cannot read the input: {error}")))?;
    let typed = typed.map_err(|error: InputError| Complaint::usage(&error).with_hint(error.hint()))?;
    Ok((input, typed))
}

/// The path with `~/` as the home folder, as a shell would have it.
fn expand_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), directories::BaseDirs::new()) {
        (Some(rest), Some(folders)) => folders.home_dir().join(rest),
        _ => PathBuf::from(path),
    }
}

/// Says something that is no answer.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
