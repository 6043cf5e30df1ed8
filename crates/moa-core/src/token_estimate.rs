//! How many tokens a text has, where no tokenizer can be asked.

use crate::conversation::Conversation;

/// Tokens that a chat format adds to each message.
const TOKENS_PER_MESSAGE: u32 = 4;

/// About as many tokens as a tokenizer would make: four letters to a token in ASCII, one sign in other scripts.
#[must_use]
pub fn estimated_tokens(text: &str) -> u32 {
    let (ascii, others) = text.chars().fold((0_usize, 0_usize), |(ascii, others), sign| {
        if sign.is_ascii() { (ascii + 1, others) } else { (ascii, others + 1) }
    });
    u32::try_from(ascii.div_ceil(4) + others).unwrap_or(u32::MAX)
}

/// About as many tokens as a model reads of `conversation`.
#[must_use]
pub fn estimated_prompt_tokens(conversation: &Conversation) -> u32 {
    sum(conversation, estimated_tokens)
}

/// More tokens than any usual tokenizer makes of `conversation`: one for two bytes. For caps that must hold.
#[must_use]
pub fn most_prompt_tokens(conversation: &Conversation) -> u32 {
    sum(conversation, |text| u32::try_from(text.len().div_ceil(2)).unwrap_or(u32::MAX))
}

fn sum(conversation: &Conversation, tokens: impl Fn(&str) -> u32) -> u32 {
    let of_message = |message: &crate::conversation::Message| {
        let calls =
            message.tool_calls.iter().map(|call| tokens(&call.name).saturating_add(tokens(&call.arguments)));
        calls.fold(tokens(&message.content), u32::saturating_add).saturating_add(TOKENS_PER_MESSAGE)
    };
    conversation.messages().iter().map(of_message).fold(0, u32::saturating_add)
}

#[cfg(test)]
#[path = "token_estimate_tests.rs"]
mod tests;
