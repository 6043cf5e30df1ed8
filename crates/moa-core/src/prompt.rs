//! What one agent is asked: the conversation, and the references that it may read.

use std::sync::Arc;

use crate::conversation::Conversation;
use crate::reference::Reference;
use crate::synthesis::{SynthesisError, SynthesisTemplate};

/// The conversation and the references, still apart, so that a model can shorten the references to fit its context or prefill
/// them one by one.
///
/// Cloning is cheap in the instruction; conversation and references are copied.
#[derive(Debug, Clone)]
pub struct Prompt {
    conversation: Conversation,
    references: Vec<Reference>,
    synthesis: Arc<SynthesisTemplate>,
}

impl Prompt {
    /// A prompt of the given parts. The order of the references is the order of their numbers.
    #[must_use]
    pub fn new(
        conversation: Conversation,
        references: Vec<Reference>,
        synthesis: Arc<SynthesisTemplate>,
    ) -> Self {
        Self { conversation, references, synthesis }
    }

    /// A prompt without references.
    #[must_use]
    pub fn plain(conversation: Conversation) -> Self {
        Self::new(conversation, Vec::new(), Arc::default())
    }

    /// The conversation, without the references.
    #[must_use]
    pub fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// The references, in the order of their numbers.
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// The same prompt with other references.
    #[must_use]
    pub fn with_references(&self, references: Vec<Reference>) -> Self {
        Self { references, ..self.clone() }
    }

    /// The conversation with the references in its system message; the conversation itself where there are none.
    ///
    /// # Errors
    /// When the synthesis template fails on these references.
    pub fn render(&self) -> Result<Conversation, SynthesisError> {
        if self.references.is_empty() {
            return Ok(self.conversation.clone());
        }
        let block = self.synthesis.render(&self.references)?;
        Ok(self.conversation.with_system_suffix(&block))
    }
}

#[cfg(test)]
#[path = "prompt_tests.rs"]
mod tests;
