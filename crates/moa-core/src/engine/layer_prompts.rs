//! What the agents of one layer read.

use std::sync::Arc;

use super::execution::Proposal;
use super::request::RunRequest;
use super::seed::{seed_of_call, shuffled};
use crate::agent::Agent;
use crate::comparing::analysis_block;
use crate::conversation::Conversation;
use crate::layer::CallId;
use crate::model::ChatModel;
use crate::prompt::Prompt;
use crate::reference::Reference;
use crate::synthesis::SynthesisTemplate;

/// The prompts of a layer. Agents that read the same share one, so that it is written and hashed once and not for each of them
/// before the first is asked.
pub(super) struct LayerPrompts<'run> {
    request: &'run RunRequest,
    synthesis: Arc<SynthesisTemplate>,
    references: Vec<Reference>,
    /// What was found about the references before.
    analysis: Option<String>,
    made: Vec<(Reader<'run>, Prompt)>,
}

/// What makes the conversation of one agent differ from that of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reader<'run> {
    system: Option<&'run str>,
    is_blind: bool,
}

impl<'run> LayerPrompts<'run> {
    pub(super) fn new<'read>(
        request: &'run RunRequest,
        synthesis: &Arc<SynthesisTemplate>,
        read: impl IntoIterator<Item = &'read Proposal>,
    ) -> Self {
        let references = read.into_iter().map(|proposal| proposal.reference.clone()).collect();
        Self { request, synthesis: Arc::clone(synthesis), references, analysis: None, made: Vec::new() }
    }

    /// The same prompts, with what was found about the references beside them.
    pub(super) fn with_analysis(self, analysis: Option<String>) -> Self {
        Self { analysis, ..self }
    }

    /// What the agent reads, and what the reader of the run should know about that.
    pub(super) fn of(
        &mut self,
        agent: &'run Agent,
        id: CallId,
        model: Option<&dyn ChatModel>,
    ) -> (Prompt, Option<String>) {
        let is_blind =
            self.request.conversation.has_images() && model.is_some_and(|model| !model.sees_images());
        let reader = Reader { system: agent.system.as_deref(), is_blind };
        let warning = is_blind.then(|| "the model cannot see: the images were left out".to_owned());
        let known = self.made.iter().find(|(other, _)| *other == reader).map(|(_, prompt)| prompt.clone());
        let prompt = known.unwrap_or_else(|| {
            let prompt = self.make(reader);
            self.made.push((reader, prompt.clone()));
            prompt
        });
        if self.request.mixture.references.shuffled {
            let seed = seed_of_call(self.request.seed.value(), id);
            return (prompt.with_references(shuffled(self.references.clone(), seed)), warning);
        }
        (prompt, warning)
    }

    fn make(&self, reader: Reader<'_>) -> Prompt {
        let conversation = &self.request.conversation;
        let conversation = match reader.system {
            Some(system) => conversation.with_system_prefix(system),
            None => conversation.clone(),
        };
        let conversation = if reader.is_blind { conversation.without_images() } else { conversation };
        let conversation = match &self.analysis {
            Some(analysis) => conversation.with_system_suffix(&analysis_block(analysis)),
            None => conversation,
        };
        let conversation: Arc<Conversation> = Arc::new(conversation);
        let prompt = Prompt::new(conversation, self.references.clone(), Arc::clone(&self.synthesis));
        if self.request.mixture.references.anonymous { prompt.anonymous() } else { prompt }
    }
}
