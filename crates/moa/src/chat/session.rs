//! What a chat remembers: the conversation, the mixture in use, the last run.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use moa_config::ResolvedPreset;
use moa_core::{Conversation, Message, RunEnd, Trace};
use moa_export::speaker;

use crate::complaint::Complaint;

/// A chat as it stands.
pub(crate) struct Session {
    /// The mixture that is asked.
    pub(crate) preset: ResolvedPreset,
    system: Option<String>,
    /// Questions and final answers; never proposals.
    turns: Vec<Message>,
    last: Option<Trace>,
    /// Whether the last turn is an answer to the question of the last run.
    last_turn_is_of_last_run: bool,
}

impl Session {
    pub(crate) fn new(preset: ResolvedPreset, system: Option<String>) -> Self {
        Self { preset, system, turns: Vec::new(), last: None, last_turn_is_of_last_run: false }
    }

    /// The conversation with one more question.
    pub(crate) fn ask(&self, question: &str) -> Conversation {
        self.conversation(&self.turns, question)
    }

    /// Takes a run into account. Only a question that was answered becomes part of the conversation.
    pub(crate) fn answered(&mut self, question: String, trace: Trace) {
        self.last_turn_is_of_last_run = self.remember(question, trace);
    }

    /// The last run.
    pub(crate) fn last(&self) -> Option<&Trace> {
        self.last.as_ref()
    }

    /// The last question, and the conversation that ends with it, to be asked again.
    pub(crate) fn ask_again(&self) -> Option<(String, Conversation)> {
        let question = self.last.as_ref()?.start.as_ref()?.conversation.last_user_message()?;
        Some((question.to_owned(), self.conversation(self.turns_before_last_run(), question)))
    }

    /// Takes a run into account that answers the last question again. An answer that was there before stays if there is no new one.
    pub(crate) fn answered_again(&mut self, question: String, trace: Trace) {
        let was_answered = self.last_turn_is_of_last_run;
        if matches!(trace.end, Some(RunEnd::Finished(_))) {
            self.turns.truncate(self.turns_before_last_run().len());
        }
        self.last_turn_is_of_last_run = self.remember(question, trace) || was_answered;
    }

    /// Says whether the run has given an answer.
    fn remember(&mut self, question: String, trace: Trace) -> bool {
        let answer = match &trace.end {
            Some(RunEnd::Finished(outcome)) => Some(outcome.answer.clone()),
            _ => None,
        };
        self.last = Some(trace);
        let Some(answer) = answer else { return false };
        self.turns.extend([Message::user(question), Message::assistant(answer)]);
        true
    }

    fn turns_before_last_run(&self) -> &[Message] {
        let count =
            if self.last_turn_is_of_last_run { self.turns.len().saturating_sub(2) } else { self.turns.len() };
        self.turns.get(..count).unwrap_or_default()
    }

    fn conversation(&self, turns: &[Message], question: &str) -> Conversation {
        let system = self.system.iter().map(Message::system);
        Conversation::new(system.chain(turns.iter().cloned()).chain([Message::user(question)]).collect())
    }

    /// Whether anything was said that could be saved or forgotten.
    pub(crate) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// Sets or takes away the instructions that frame the conversation.
    pub(crate) fn set_system(&mut self, system: Option<String>) {
        self.system = system;
    }

    /// Forgets what was said; the instructions stay.
    pub(crate) fn clear(&mut self) {
        self.turns.clear();
        self.last = None;
        self.last_turn_is_of_last_run = false;
    }

    /// Writes the conversation as Markdown into a new file.
    pub(crate) fn save(&self, path: &Path) -> Result<(), Complaint> {
        let mut text = format!("# Conversation with {}\n", self.preset.mixture.name);
        for message in self.system.iter().map(Message::system).chain(self.turns.iter().cloned()) {
            let speaker = speaker(message.role);
            let _ = write!(text, "\n## {speaker}\n\n{}\n", message.content.trim());
        }
        let failed = |error: io::Error| {
            let hint =
                (error.kind() == io::ErrorKind::AlreadyExists).then(|| "choose another name".to_owned());
            Complaint::failed(format!("cannot write {}: {error}", path.display())).with_hint(hint)
        };
        let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
