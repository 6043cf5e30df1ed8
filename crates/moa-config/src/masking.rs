//! Keys of services are struck out of everything that is shown.

/// What keys of well-known services begin with.
const KEY_PREFIXES: [&str; 6] = ["sk-", "sk_", "gsk_", "tgp_", "hf_", "xai-"];

/// Keys of tables under which people write secrets.
const SECRET_NAMES: [&str; 8] =
    ["api-key", "api_key", "apikey", "token", "secret", "password", "authorization", "bearer"];

/// The shortest text that is taken for a key on its looks alone.
const LEAST_KEY_LENGTH: usize = 32;

/// Whether a text looks like the key of a service rather than like the name of a variable or a file.
pub(crate) fn looks_like_key(text: &str) -> bool {
    let prefixed = KEY_PREFIXES.iter().any(|prefix| text.starts_with(prefix));
    let random = text.len() >= LEAST_KEY_LENGTH
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().any(|byte| byte.is_ascii_digit());
    prefixed || random
}

/// Whether a table key asks for a secret, such as `api-key` or `token`.
pub(crate) fn names_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key == "key" || SECRET_NAMES.iter().any(|name| key.ends_with(name))
}

/// The text with everything that may be a secret replaced by as many stars, so that places stay where they are.
pub(crate) fn masked(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        mask_line(line, &mut shown);
    }
    shown
}

/// A message of the parser with every word that looks like a key replaced by stars.
pub(crate) fn masked_message(message: &str) -> String {
    let mask = |word: &str| {
        let bare = word.trim_matches(|character: char| !character.is_ascii_alphanumeric());
        if looks_like_key(bare) { word.replace(bare, &"*".repeat(bare.len())) } else { word.to_owned() }
    };
    message.split_inclusive(char::is_whitespace).map(mask).collect()
}

/// Masks the words of a line that look like keys, and every text that follows a name that asks for a secret.
fn mask_line(line: &str, shown: &mut String) {
    let mut after_secret_name = false;
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        if after_secret_name && (first == '"' || first == '\'') {
            let (inner, remainder) = quoted(rest, first);
            shown.push(first);
            shown.extend(std::iter::repeat_n('*', inner.len()));
            rest = remainder;
            after_secret_name = false;
            continue;
        }
        let is_part = |character: char| character.is_ascii_alphanumeric() || "-_.+/".contains(character);
        let length = rest.find(|character| !is_part(character)).unwrap_or(rest.len()).max(first.len_utf8());
        let (word, remainder) = rest.split_at(length);
        rest = remainder;
        if is_part(first) && (after_secret_name || looks_like_key(word)) {
            shown.extend(std::iter::repeat_n('*', word.len()));
            continue;
        }
        shown.push_str(word);
        match word {
            "," | "{" | "}" | "#" => after_secret_name = false,
            _ if is_part(first) => after_secret_name = names_secret(word.rsplit('.').next().unwrap_or(word)),
            // The name itself may stand in quotes; what follows them decides.
            _ => {}
        }
        if is_part(first) && after_secret_name && rest.starts_with(['"', '\'']) {
            let (quote, remainder) = rest.split_at(1);
            shown.push_str(quote);
            rest = remainder;
        }
    }
}

/// What stands between `quote`, with which `text` begins, and the next one, or the end of the line; and what comes after it.
fn quoted(text: &str, quote: char) -> (&str, &str) {
    let inner = text.strip_prefix(quote).unwrap_or(text);
    let end = inner.find([quote, '\n', '\r']).unwrap_or(inner.len());
    inner.split_at(end)
}

#[cfg(test)]
#[path = "masking_tests.rs"]
mod tests;
