//! Headers that an endpoint adds to every request.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::checks::Checks;
use super::definition::variable_name;
use crate::kind::ProblemKind;
use crate::masking::{looks_like_key, names_secret};
use crate::place::Place;
use crate::problem::Problem;
use crate::raw::{RawEndpoint, RawHeader};
use crate::source::Sources;

/// Headers that the program writes itself.
const OWN: [&str; 8] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
];

/// The header that a key is sent in.
const AUTHORIZATION: &str = "authorization";

/// Where the value of a header is kept. Secrets are read by whoever sends the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderSource {
    /// The value itself, which is no secret.
    Plain(String),
    /// An environment variable.
    Variable(String),
    /// A file that holds the value and nothing else.
    File(PathBuf),
}

/// The headers by their names in lower case.
pub(super) fn headers(
    sources: &Sources,
    checks: &mut Checks<'_>,
    raw: &RawEndpoint,
) -> BTreeMap<String, HeaderSource> {
    let mut headers = BTreeMap::new();
    for (name, written) in &raw.headers {
        let place = checks.file.place(written);
        let folded = name.to_ascii_lowercase();
        let has_key = raw.api_key_env.is_some() || raw.api_key_file.is_some();
        let bad = |reason| ProblemKind::BadHeader { name: name.clone(), reason };
        let wrong = if let Err(reason) = check_name(&folded) {
            Some(bad(reason))
        } else if headers.contains_key(&folded) {
            Some(bad("stands here twice"))
        } else {
            (has_key && folded == AUTHORIZATION).then_some(ProblemKind::TwoKeySources)
        };
        let checked = match wrong {
            Some(kind) => Err(Problem::at(&place, kind)),
            None => value(sources, checks, name, written.value(), &place),
        };
        if let Some(source) = checks.keep(checked) {
            headers.insert(folded, source);
        }
    }
    headers
}

fn check_name(name: &str) -> Result<(), &'static str> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_part) {
        return Err("has a name that HTTP does not allow");
    }
    if OWN.contains(&name) { Err("is one that moa writes itself") } else { Ok(()) }
}

fn value(
    sources: &Sources,
    checks: &Checks<'_>,
    name: &str,
    raw: &RawHeader,
    place: &Place<'_>,
) -> Result<HeaderSource, Problem> {
    let wrong = |reason| Problem::at(place, ProblemKind::BadHeader { name: name.to_owned(), reason });
    match raw {
        RawHeader::Plain(value) if is_secret(name, value) => {
            Err(Problem::at(place, ProblemKind::SecretHeader { name: name.to_owned() }))
        }
        RawHeader::Plain(value) if value.is_empty() || value.chars().any(char::is_control) => {
            Err(wrong("needs a value on one line"))
        }
        RawHeader::Plain(value) => Ok(HeaderSource::Plain(value.clone())),
        RawHeader::Kept(table) => match (&table.env, &table.file) {
            (Some(variable), None) => {
                variable_name(&checks.file.placed(variable)).map(HeaderSource::Variable)
            }
            (None, Some(file)) if looks_like_key(file.value()) => {
                Err(Problem::at(&checks.file.place(file), ProblemKind::InlineKey))
            }
            (None, Some(file)) => {
                Ok(HeaderSource::File(sources.path(file.value(), &checks.file.place(file))))
            }
            _ => Err(wrong("needs either `env` or `file`")),
        },
    }
}

/// Whether a value may not stand in a file: because of the header's name, or of its own looks.
fn is_secret(name: &str, value: &str) -> bool {
    let mut words = value.split_whitespace();
    let scheme = words.next().unwrap_or_default();
    let is_credential = words.next().is_some()
        && ["bearer", "basic", "token"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    names_secret(name) || is_credential || value.split_whitespace().any(looks_like_key)
}
