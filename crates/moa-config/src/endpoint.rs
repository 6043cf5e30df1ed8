//! Endpoints, checked.

use std::path::PathBuf;

use crate::kind::ProblemKind;
use crate::masking::looks_like_key;
use crate::nearest::nearest;
use crate::origin::{FileKind, Origin};
use crate::place::Placed;
use crate::problem::Problem;
use crate::raw::RawEndpoint;
use crate::source::{SourceFile, Sources};

/// Where the key of an endpoint is kept. The key itself is read by whoever sends the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// An environment variable.
    Variable(String),
    /// A file that holds the key and nothing else.
    File(PathBuf),
}

/// A service that speaks the OpenAI API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The name that models refer to.
    pub name: String,
    /// The address up to and including the version, without a slash at the end.
    pub base_url: String,
    /// Where its key is kept; `None` for a service that needs none.
    pub key: Option<KeySource>,
    /// Where it was defined.
    pub origin: Origin,
}

impl Sources {
    /// The endpoint of this name.
    pub(crate) fn endpoint(&self, name: &Placed<'_, &String>) -> Result<Endpoint, Problem> {
        let found = self
            .strongest_first()
            .find_map(|file| file.raw.endpoints.get_key_value(name.value).map(|found| (file, found)));
        if let Some((file, (name, endpoint))) = found {
            return self.checked_endpoint(file, name, endpoint.value());
        }
        let names = self.strongest_first().flat_map(|file| file.raw.endpoints.keys()).map(String::as_str);
        let nearest = nearest(name.value, names);
        Err(Problem::at(&name.place, ProblemKind::UnknownEndpoint { name: name.value.clone(), nearest }))
    }

    /// What is wrong with the endpoints of a file.
    pub(crate) fn endpoint_problems(&self, file: &SourceFile) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (name, written) in &file.raw.endpoints {
            if file.kind == FileKind::Project {
                let kind = ProblemKind::ProjectEndpoint { name: name.clone() };
                problems.push(Problem::at(&file.place(written), kind));
            } else if let Err(problem) = self.checked_endpoint(file, name, written.value()) {
                problems.push(problem);
            }
        }
        problems
    }

    fn checked_endpoint(
        &self,
        file: &SourceFile,
        name: &str,
        raw: &RawEndpoint,
    ) -> Result<Endpoint, Problem> {
        let base_url = base_url(&file.placed(&raw.base_url))?;
        let key = match (&raw.api_key_env, &raw.api_key_file) {
            (Some(_), Some(both)) => {
                return Err(Problem::at(&file.place(both), ProblemKind::TwoKeySources));
            }
            (Some(variable), None) => Some(KeySource::Variable(variable_name(&file.placed(variable))?)),
            (None, Some(written)) => {
                let place = file.place(written);
                if looks_like_key(written.value()) {
                    return Err(Problem::at(&place, ProblemKind::InlineKey));
                }
                Some(KeySource::File(self.path(written.value(), &place)))
            }
            (None, None) => None,
        };
        let origin = file.place(&raw.base_url).origin();
        Ok(Endpoint { name: name.to_owned(), base_url, key, origin })
    }
}

/// The address without a slash at its end; no user, password, query or fragment, because addresses are shown.
fn base_url(written: &Placed<'_, &String>) -> Result<String, Problem> {
    let url = written.value.trim().trim_end_matches('/');
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
    if host.contains('@') {
        return Err(Problem::at(&written.place, ProblemKind::UrlCredentials));
    }
    if host.is_empty()
        || url.contains(|character: char| character.is_whitespace() || "?#".contains(character))
    {
        return Err(Problem::at(&written.place, ProblemKind::BadUrl { url: written.value.clone() }));
    }
    Ok(url.to_owned())
}

fn variable_name(written: &Placed<'_, &String>) -> Result<String, Problem> {
    let name = written.value;
    let usable = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !usable || looks_like_key(name) {
        return Err(Problem::at(&written.place, ProblemKind::InlineKey));
    }
    Ok(name.clone())
}
