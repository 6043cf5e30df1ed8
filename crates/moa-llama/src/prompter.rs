//! From a request's prompt to the tokens that a model reads: template, tokenizer, and fitting into the context.

use std::sync::Arc;

use llama_cpp_sys_2::{
    LLAMA_TOKEN_ATTR_CONTROL, LLAMA_TOKEN_ATTR_LSTRIP, LLAMA_TOKEN_ATTR_RSTRIP, LLAMA_TOKEN_ATTR_UNKNOWN,
    LLAMA_TOKEN_ATTR_USER_DEFINED,
};
use moa_core::{Conversation, Failure, FailureKind, Fitted, Prompt, fit};
use serde_json::Value;

use crate::native::{Grammar, Model, Token};
use crate::template::{ChatTemplate, Piece, SpecialTexts};

/// Writes and counts the prompts of one model.
#[derive(Debug)]
pub(crate) struct Prompter {
    model: Arc<Model>,
    template: ChatTemplate,
    /// Tokens that only a template may name.
    specials: Vec<Special>,
    /// Texts that the tokenizer would take for a token even where none is to be parsed, and that matter to the template.
    disguised: Vec<String>,
}

/// An end of a control token in a text, and the token.
type Place<'specials> = (usize, &'specials Special);

#[derive(Debug)]
struct Special {
    text: String,
    strips_before: bool,
    strips_after: bool,
}

impl Prompter {
    pub(crate) fn new(model: Arc<Model>) -> Self {
        let text_of =
            |token: Option<Token>| token.and_then(|token| model.token_text(token)).unwrap_or_default();
        let texts = SpecialTexts { bos: text_of(model.bos()), eos: text_of(model.eos()) };
        let template = ChatTemplate::new(model.chat_template().as_deref(), texts);
        let mut specials = Vec::new();
        let mut disguised = Vec::new();
        for token in 0..Token::try_from(model.vocabulary_size()).unwrap_or(0) {
            let bits = model.attributes(token);
            let has = |attribute| bits & bit(attribute) != 0;
            let is_control = has(LLAMA_TOKEN_ATTR_CONTROL) || has(LLAMA_TOKEN_ATTR_UNKNOWN);
            if !is_control && !has(LLAMA_TOKEN_ATTR_USER_DEFINED) {
                continue;
            }
            let Some(text) = model.token_text(token).filter(|text| !text.is_empty()) else { continue };
            if is_control {
                let strips_before = has(LLAMA_TOKEN_ATTR_LSTRIP);
                specials.push(Special { text, strips_before, strips_after: has(LLAMA_TOKEN_ATTR_RSTRIP) });
            } else if text.trim().chars().count() > 1
                && (model.ends_generation(token) || template.source().contains(&text))
            {
                disguised.push(text);
            }
        }
        Self { model, template, specials, disguised }
    }

    /// What the reader should know about the prompt's format.
    pub(crate) fn warning(&self) -> Option<&str> {
        self.template.warning()
    }

    /// What keeps answers of the model to a grammar. `None` when llama.cpp does not understand it.
    pub(crate) fn grammar(&self, text: &str) -> Option<Grammar> {
        Grammar::new(&self.model, text)
    }

    /// Texts that end an answer, given by the format.
    pub(crate) fn stop_texts(&self) -> &[&str] {
        self.template.stop_texts()
    }

    /// The tokens of a conversation and of the tools that may be called, up to where the answer begins.
    ///
    /// # Errors
    /// `InvalidRequest` when the conversation is empty or the template refuses it.
    pub(crate) fn encode(&self, conversation: &Conversation, tools: &[Value]) -> Result<Vec<Token>, Failure> {
        let pieces = self.template.render(conversation, tools)?;
        let mut tokens = self.tokens(&pieces);
        if let Some(bos) = self.model.bos().filter(|_| self.model.adds_bos())
            && tokens.first() != Some(&bos)
        {
            tokens.insert(0, bos);
        }
        Ok(tokens)
    }

    /// The tokens of a prompt with its references in place.
    ///
    /// # Errors
    /// As [`Self::encode`], and when the synthesis template fails.
    pub(crate) fn encode_prompt(&self, prompt: &Prompt, tools: &[Value]) -> Result<Vec<Token>, Failure> {
        let conversation =
            prompt.render().map_err(|error| Failure::new(FailureKind::InvalidRequest, error.to_string()))?;
        self.encode(&conversation, tools)
    }

    /// The number of tokens of a conversation.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub(crate) fn count(&self, conversation: &Conversation, tools: &[Value]) -> Result<u32, Failure> {
        Ok(u32::try_from(self.encode(conversation, tools)?.len()).unwrap_or(u32::MAX))
    }

    /// Shortens the references of a prompt until it has at most `limit_tokens` tokens.
    ///
    /// # Errors
    /// `ContextOverflow` when it cannot fit, otherwise as [`Self::encode`].
    pub(crate) fn fit(&self, prompt: &Prompt, tools: &[Value], limit_tokens: u32) -> Result<Fitted, Failure> {
        fit(prompt, limit_tokens, |conversation| self.count(conversation, tools))
    }

    /// Tokenizes the template's text with its control tokens and everything else without any.
    ///
    /// Text between two control tokens is tokenized as a whole, whoever wrote it, so that an innocent prompt gets exactly the
    /// tokens that it would get if the rendered text were tokenized at once.
    fn tokens(&self, pieces: &[Piece]) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut plain = String::new();
        let mut strip_next = false;
        for piece in pieces {
            let text = match piece {
                Piece::Content(text) => {
                    plain.push_str(text);
                    continue;
                }
                Piece::Template(text) => text,
            };
            let Some((first, last)) = self.special_range(text) else {
                plain.push_str(text);
                continue;
            };
            plain.push_str(&text[..first.0]);
            let run = if strip_next { plain.trim_start() } else { plain.as_str() };
            let run = if first.1.strips_before { run.trim_end() } else { run };
            self.tokenize_plain(run, &mut tokens);
            tokens.extend(self.model.tokenize(&text[first.0..last.0], true));
            plain.clear();
            plain.push_str(&text[last.0..]);
            strip_next = last.1.strips_after;
        }
        let run = if strip_next { plain.trim_start() } else { plain.as_str() };
        self.tokenize_plain(run, &mut tokens);
        tokens
    }

    /// Where the first control token of a text begins and the last one ends.
    fn special_range(&self, text: &str) -> Option<(Place<'_>, Place<'_>)> {
        let first = self
            .specials
            .iter()
            .filter_map(|special| text.find(&special.text).map(|start| (start, special)))
            .min_by_key(|(start, special)| (*start, std::cmp::Reverse(special.text.len())))?;
        let last = self
            .specials
            .iter()
            .filter_map(|special| {
                text.rfind(&special.text).map(|start| (start + special.text.len(), special))
            })
            .max_by_key(|(end, special)| (*end, special.text.len()))?;
        Some((first, last))
    }

    /// Tokenizes text in which nothing is a control token.
    fn tokenize_plain(&self, text: &str, tokens: &mut Vec<Token>) {
        let mut start = 0;
        while let Some(cut) = self.next_disguised(&text[start..]) {
            tokens.extend(self.model.tokenize(&text[start..start + cut], false));
            start += cut;
        }
        tokens.extend(self.model.tokenize(&text[start..], false));
    }

    /// The first place at which to cut a text so that no token of `disguised` is in one piece.
    fn next_disguised(&self, text: &str) -> Option<usize> {
        let (start, found) = self
            .disguised
            .iter()
            .filter_map(|disguised| text.find(disguised.as_str()).map(|start| (start, disguised)))
            .min_by_key(|(start, _)| *start)?;
        Some(start + found.chars().next().map_or(1, char::len_utf8))
    }
}

fn bit(attribute: llama_cpp_sys_2::llama_token_attr) -> u32 {
    #[allow(clippy::unnecessary_cast, clippy::cast_sign_loss, reason = "the enum's type differs by platform")]
    let bits = attribute as u32;
    bits
}
