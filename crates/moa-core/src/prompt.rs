//! What one agent is asked: the conversation, and the references that it may read.

use std::sync::{Arc, OnceLock};

use crate::agent::ModelId;
use crate::content_key::ConversationDigest;
use crate::conversation::Conversation;
use crate::fence::Fence;
use crate::reference::Reference;
use crate::synthesis::{SynthesisError, SynthesisTemplate};

/// The conversation and the references, still apart, so that a model can shorten the references to fit its context or prefill
/// them one by one.
///
/// Cloning is cheap, and clones share their rendering: however many agents of a layer read the same, it is written and hashed once.
#[derive(Debug, Clone)]
pub struct Prompt {
    parts: Arc<Parts>,
    made: Arc<Made>,
}

/// What is made of the parts when it is first needed.
#[derive(Debug, Default)]
struct Made {
    rendered: OnceLock<Result<Arc<Conversation>, SynthesisError>>,
    digest: OnceLock<ConversationDigest>,
}

#[derive(Debug, Clone)]
struct Parts {
    conversation: Arc<Conversation>,
    references: Vec<Reference>,
    synthesis: Arc<SynthesisTemplate>,
    anonymous: bool,
}

impl Prompt {
    /// A prompt of the given parts. The order of the references is the order of their numbers.
    #[must_use]
    pub fn new(
        conversation: impl Into<Arc<Conversation>>,
        references: Vec<Reference>,
        synthesis: Arc<SynthesisTemplate>,
    ) -> Self {
        Self::of(Parts { conversation: conversation.into(), references, synthesis, anonymous: false })
    }

    /// A prompt without references.
    #[must_use]
    pub fn plain(conversation: impl Into<Arc<Conversation>>) -> Self {
        Self::new(conversation, Vec::new(), Arc::default())
    }

    /// The conversation, without the references.
    #[must_use]
    pub fn conversation(&self) -> &Conversation {
        &self.parts.conversation
    }

    /// The references, in the order of their numbers.
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        &self.parts.references
    }

    /// The same prompt, whose reader does not learn who wrote the references.
    #[must_use]
    pub fn anonymous(self) -> Self {
        Self::of(Parts { anonymous: true, ..Arc::unwrap_or_clone(self.parts) })
    }

    /// The same prompt with other references.
    #[must_use]
    pub fn with_references(&self, references: Vec<Reference>) -> Self {
        let Parts { conversation, synthesis, anonymous, .. } = self.parts.as_ref();
        Self::of(Parts {
            conversation: Arc::clone(conversation),
            references,
            synthesis: Arc::clone(synthesis),
            anonymous: *anonymous,
        })
    }

    /// The conversation with the references in its system message; the conversation itself where there are none.
    ///
    /// # Errors
    /// When the synthesis template fails on these references.
    pub fn render(&self) -> Result<Arc<Conversation>, SynthesisError> {
        self.made.rendered.get_or_init(|| self.parts.render()).clone()
    }

    /// The digest of the rendered conversation; of the bare one where it cannot be rendered.
    #[must_use]
    pub fn digest(&self) -> &ConversationDigest {
        self.made.digest.get_or_init(|| match self.render() {
            Ok(rendered) => ConversationDigest::of(&rendered),
            Err(_) => ConversationDigest::of(self.conversation()),
        })
    }

    fn of(parts: Parts) -> Self {
        Self { parts: Arc::new(parts), made: Arc::default() }
    }
}

impl Parts {
    fn render(&self) -> Result<Arc<Conversation>, SynthesisError> {
        let Some(latest) = self.references.iter().map(|reference| reference.layer).max() else {
            return Ok(Arc::clone(&self.conversation));
        };
        let fence = Fence::new(&self.conversation, latest);
        let block = if self.anonymous {
            let nameless: Vec<Reference> = self.references.iter().zip(1..).map(nameless).collect();
            self.synthesis.render(&nameless, &fence)?
        } else {
            self.synthesis.render(&self.references, &fence)?
        };
        Ok(Arc::new(self.conversation.with_system_suffix(&block)))
    }
}

/// The reference without the name of who wrote it.
fn nameless((reference, number): (&Reference, u32)) -> Reference {
    let name = format!("assistant {number}");
    Reference { model: ModelId::new(&name), agent: name, ..reference.clone() }
}

#[cfg(test)]
#[path = "prompt_tests.rs"]
mod tests;
