//! What a chat remembers: the conversation, the mixture in use, the last run.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use moa_config::ResolvedPreset;
use moa_core::{Conversation, Message, Role, RunEnd, Trace};

use crate::complaint::Complaint;
use crate::export::speaker;

/// A chat as it stands.
pub(crate) struct Session {
    /// The mixture that is asked.
    pub(crate) preset: ResolvedPreset,
    system: Option<String>,
    /// Questions and final answers; never proposals.
    turns: Vec<Message>,
    last: Option<Trace>,
}

impl Session {
    pub(crate) fn new(preset: ResolvedPreset, system: Option<String>) -> Self {
        Self { preset, system, turns: Vec::new(), last: None }
    }

    /// The conversation with one more question.
    pub(crate) fn ask(&self, question: &str) -> Conversation {
        let system = self.system.iter().map(Message::system);
        let turns = self.turns.iter().cloned();
        Conversation::new(system.chain(turns).chain([Message::user(question)]).collect())
    }

    /// Takes a run into account. Only a question that was answered becomes part of the conversation.
    pub(crate) fn answered(&mut self, question: String, trace: Trace) {
        if let Some(RunEnd::Finished(outcome)) = &trace.end {
            self.turns.push(Message::user(question));
            self.turns.push(Message::assistant(outcome.answer.clone()));
        }
        self.last = Some(trace);
    }

    /// The last run.
    pub(crate) fn last(&self) -> Option<&Trace> {
        self.last.as_ref()
    }

    /// Takes the last question and its answer out of the conversation, so that it can be asked again.
    pub(crate) fn take_last_question(&mut self) -> Option<String> {
        let question = self.last.as_ref()?.start.as_ref()?.conversation.last_user_message()?.to_owned();
        let is_last_turn = self
            .turns
            .iter()
            .rev()
            .find(|message| message.role == Role::User)
            .is_some_and(|message| message.content == question);
        if is_last_turn && matches!(self.last.as_ref()?.end, Some(RunEnd::Finished(_))) {
            self.turns.truncate(self.turns.len().saturating_sub(2));
        }
        Some(question)
    }

    /// Sets or takes away the instructions that frame the conversation.
    pub(crate) fn set_system(&mut self, system: Option<String>) {
        self.system = system;
    }

    /// Forgets what was said; the instructions stay.
    pub(crate) fn clear(&mut self) {
        self.turns.clear();
        self.last = None;
    }

    /// Writes the conversation as Markdown into a new file.
    pub(crate) fn save(&self, path: &Path) -> Result<(), Complaint> {
        let mut text = format!("# Conversation with {}\n", self.preset.mixture.name);
        for message in self.system.iter().map(Message::system).chain(self.turns.iter().cloned()) {
            let speaker = speaker(message.role);
            let _ = write!(text, "\n## {speaker}\n\n{}\n", message.content.trim());
        }
        let failed = |error| Complaint::failed(format!("cannot write {}: {error}", path.display()));
        let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
