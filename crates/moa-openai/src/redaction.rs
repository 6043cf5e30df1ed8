//! Keeps secrets out of everything that is shown, kept or passed on.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// What stands in place of a secret.
const MASK: &str = "***";

/// Shorter texts are no secrets: servers without keys want something like `EMPTY` or `ollama`, and blotting out every such word
/// would make messages unreadable.
const SHORTEST_SECRET_BYTES: usize = 7;

/// Knows the secrets of an endpoint and takes them out of texts.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    secrets: Vec<SecretString>,
}

impl Redactor {
    /// Adds a secret, in each form in which it may come back.
    pub(crate) fn add(&mut self, secret: &SecretString) {
        let plain = secret.expose_secret();
        if plain.len() < SHORTEST_SECRET_BYTES {
            return;
        }
        let escaped: String = plain.bytes().map(percent_encoded).collect();
        let quoted = serde_json::Value::from(plain).to_string();
        let quoted = quoted.trim_matches('"').to_owned();
        for form in [plain.to_owned(), escaped, quoted] {
            if self.secrets.iter().all(|known| known.expose_secret() != form) {
                self.secrets.push(SecretString::from(form));
            }
        }
        // A secret may be part of another one: the longer one goes first.
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
    }

    /// The text without the secrets, also where the endpoint shows them half hidden (`sk-ab****yz`).
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in &self.secrets {
            if clean.contains(secret.expose_secret()) {
                clean = clean.replace(secret.expose_secret(), MASK);
            }
        }
        if clean.contains(MASK) { mask_words(&clean) } else { clean }
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} forms of secrets)", self.secrets.len())
    }
}

/// Every word that has a mask in it becomes the mask.
fn mask_words(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "*-_.~+/=%".contains(c);
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !is_part(c)).unwrap_or(from.len()));
        clean.push_str(before);
        if word.contains(MASK) {
            clean.push_str(MASK);
            // A full stop at the end is the sentence's.
            clean.push_str(if word.ends_with('.') { "." } else { "" });
        } else {
            clean.push_str(word);
        }
        rest = after;
    }
    clean.push_str(rest);
    clean
}

fn percent_encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
#[path = "redaction_tests.rs"]
mod tests;
