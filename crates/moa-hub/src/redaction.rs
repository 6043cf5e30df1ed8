//! Keeps secrets out of what people and logs get to read.

/// The text without the credentials and query strings of the addresses in it.
///
/// Messages of other programs and libraries pass through here: a proxy's or an index's password, or the signature of a download
/// address, would otherwise end up in a bug report.
pub(crate) fn redact(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (before, address) = rest.split_at(start + 3);
        clean.push_str(before);
        let end = address.find(|c: char| c.is_whitespace() || "\"'<>`".contains(c)).unwrap_or(address.len());
        let (address, after) = address.split_at(end);
        clean.push_str(&redact_address(address));
        rest = after;
    }
    clean.push_str(rest);
    clean
}

/// An address after its `://`.
fn redact_address(address: &str) -> String {
    let query = address.find(['?', '#']).unwrap_or(address.len());
    let (address, query) = address.split_at(query);
    // The last @ of all, also behind a slash: passwords are pasted unescaped more often than paths contain one.
    let shown = match address.rsplit_once('@') {
        Some((_, host)) => format!("***@{host}"),
        None => address.to_owned(),
    };
    if query.is_empty() { shown } else { format!("{shown}?***") }
}

#[cfg(test)]
#[path = "redaction_tests.rs"]
mod tests;
