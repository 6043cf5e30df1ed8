//! What may be a secret: keys of services, by their looks, and names under which people keep secrets.

/// What keys of well-known services begin with.
const KEY_PREFIXES: [&str; 21] = [
    "sk-",
    "sk_",
    "gsk_",
    "tgp_",
    "hf_",
    "xai-",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "AKIA",
    "AIza",
    "xoxb-",
    "xoxp-",
    "pplx-",
    "nvapi-",
    "fw_",
    "r8_",
    "csk-",
    "eyJ",
];

/// Keys of tables under which people write secrets.
const SECRET_NAMES: [&str; 16] = [
    "-key",
    "_key",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "credential",
    "authorization",
    "bearer",
    "cookie",
    "api-tokens",
];

/// The shortest text that is taken for a key on its looks alone.
const LEAST_KEY_LENGTH: usize = 32;

/// The shortest run of letters and digits that is struck out where it stands inside another text.
const LEAST_RANDOM_LENGTH: usize = 20;

/// Whether a text looks like the key of a service rather than like the name of a variable or a file.
pub(crate) fn looks_like_key(text: &str) -> bool {
    let prefixed = KEY_PREFIXES.iter().any(|prefix| text.starts_with(prefix));
    prefixed || is_random(text, LEAST_KEY_LENGTH)
}

/// Whether a text, or a part of it such as a piece of a path, may be the key of a service. Takes more for keys than
/// [`looks_like_key`] does: it decides what is shown, not what is allowed.
pub(crate) fn may_be_key(text: &str) -> bool {
    let is_separator = |character: char| !character.is_ascii_alphanumeric();
    looks_like_key(text)
        || text.split(['/', '+', '.', '~']).any(looks_like_key)
        || text.split(is_separator).any(|run| is_random(run, LEAST_RANDOM_LENGTH))
        || text.split('/').any(is_uuid)
}

/// Whether a table key asks for a secret, such as `api-key` or `token`.
pub(crate) fn names_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    // `max-tokens` and its like count something; other plurals are secrets as their singulars are.
    let counts = key.ends_with("tokens");
    let singular = if counts { &key } else { key.strip_suffix('s').unwrap_or(&key) };
    let is_secret = |key: &str| key == "key" || SECRET_NAMES.iter().any(|name| key.ends_with(name));
    key == "tokens" || is_secret(&key) || is_secret(singular)
}

/// A message with every word that looks like a key replaced by stars.
pub(crate) fn masked_message(message: &str) -> String {
    let mask = |word: &str| {
        let bare = word.trim_matches(|character: char| !character.is_ascii_alphanumeric());
        if looks_like_key(bare) { word.replace(bare, &"*".repeat(bare.len())) } else { word.to_owned() }
    };
    message.split_inclusive(char::is_whitespace).map(mask).collect()
}

fn is_random(text: &str, least_length: usize) -> bool {
    text.len() >= least_length
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn is_uuid(text: &str) -> bool {
    let is_hexadecimal = |group: &str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.into_iter().all(is_hexadecimal)
}

#[cfg(test)]
#[path = "masking_tests.rs"]
mod tests;
