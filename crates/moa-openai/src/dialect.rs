//! In what the services that call themselves OpenAI-compatible differ.

use crate::address::EndpointAddress;

/// The kind of service behind an endpoint. It decides which fields a request may have; replies of every kind are understood always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// The kind that the address suggests.
    #[default]
    Auto,
    /// None of those below: the fields that all of them know.
    Generic,
    /// `OpenAI`.
    OpenAi,
    /// `OpenAI`'s models on Azure: the key goes into the header `api-key`.
    Azure,
    /// Together.
    Together,
    /// `OpenRouter`.
    OpenRouter,
    /// Groq.
    Groq,
    /// Mistral, which refuses fields that it does not know.
    Mistral,
    /// `DeepSeek`.
    DeepSeek,
    /// Ollama's endpoint `/v1`.
    Ollama,
    /// vLLM.
    Vllm,
    /// `SGLang`.
    SgLang,
    /// llama.cpp's server.
    LlamaServer,
}

/// In which field the most tokens to write are said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum MaxTokensField {
    /// The one that the dialect knows. Where the endpoint asks for the other one, that one from then on.
    #[default]
    Auto,
    /// `max_tokens`.
    MaxTokens,
    /// `max_completion_tokens`.
    MaxCompletionTokens,
}

impl MaxTokensField {
    /// The field's name; that of [`MaxTokensField::Auto`] is the common one.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto | Self::MaxTokens => "max_tokens",
            Self::MaxCompletionTokens => "max_completion_tokens",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Auto | Self::MaxTokens => Self::MaxCompletionTokens,
            Self::MaxCompletionTokens => Self::MaxTokens,
        }
    }
}

/// As what a model gets system messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SystemRole {
    /// `system`.
    #[default]
    System,
    /// `developer`.
    Developer,
    /// The model knows no such role: a leading system message goes in front of the first user message.
    InUserMessage,
}

/// Where the kinds can be told by their hosts.
const HOSTS: &[(&str, Dialect)] = &[
    ("api.openai.com", Dialect::OpenAi),
    ("openai.azure.com", Dialect::Azure),
    ("services.ai.azure.com", Dialect::Azure),
    ("together.xyz", Dialect::Together),
    ("together.ai", Dialect::Together),
    ("openrouter.ai", Dialect::OpenRouter),
    ("api.groq.com", Dialect::Groq),
    ("mistral.ai", Dialect::Mistral),
    ("deepseek.com", Dialect::DeepSeek),
];

/// The port on which Ollama listens.
const OLLAMA_PORT: u16 = 11434;

impl Dialect {
    /// The kind itself, never [`Dialect::Auto`].
    pub(crate) fn settled(self, address: &EndpointAddress) -> Self {
        if self != Self::Auto {
            return self;
        }
        let host = address.host();
        let is_of =
            |domain: &str| host.strip_suffix(domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'));
        match HOSTS.iter().find(|(domain, _)| is_of(domain)) {
            Some((_, dialect)) => *dialect,
            None if address.port() == Some(OLLAMA_PORT) => Self::Ollama,
            None => Self::Generic,
        }
    }

    /// # Source
    /// `OpenAI` deprecated `max_tokens` and refuses it for reasoning models; Mistral refuses `max_completion_tokens`; the others know
    /// `max_tokens` at least.
    pub(crate) fn max_tokens_field(self) -> MaxTokensField {
        match self {
            Self::OpenAi | Self::Azure => MaxTokensField::MaxCompletionTokens,
            _ => MaxTokensField::MaxTokens,
        }
    }

    /// Whether `top_k` and `min_p` are known.
    pub(crate) fn knows_top_k(self) -> bool {
        matches!(self, Self::Together | Self::OpenRouter | Self::Vllm | Self::SgLang | Self::LlamaServer)
    }

    /// What the divisor of the logits of repeated tokens is called, where there is one.
    pub(crate) fn repeat_penalty_field(self) -> Option<&'static str> {
        match self {
            Self::Together | Self::OpenRouter | Self::Vllm | Self::SgLang => Some("repetition_penalty"),
            Self::LlamaServer => Some("repeat_penalty"),
            _ => None,
        }
    }

    /// What the seed is called.
    pub(crate) fn seed_field(self) -> &'static str {
        if self == Self::Mistral { "random_seed" } else { "seed" }
    }

    /// Whether the usage of a stream has to be asked for. Mistral tells it always and refuses to be asked.
    pub(crate) fn asks_for_usage(self) -> bool {
        self != Self::Mistral
    }
}

#[cfg(test)]
#[path = "dialect_tests.rs"]
mod tests;
