//! An endpoint as a whole, and finding it by its name.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::address::{self, Proxy};
use super::body::{self, MaxTokensField};
use super::checks::Checks;
use super::header::{self, HeaderSource};
use super::name;
use super::traffic::{self, Breaker, Hedging, Limits, Retries, Timeouts};
use crate::kind::ProblemKind;
use crate::masking::looks_like_key;
use crate::nearest::nearest;
use crate::origin::{FileKind, Origin};
use crate::place::{Place, Placed};
use crate::problem::Problem;
use crate::raw::RawEndpoint;
use crate::source::{SourceFile, Sources};
use crate::written::Written;

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
    /// The addresses of its replicas, at least one, each up to and including the version, without a slash at the end.
    pub base_urls: Vec<String>,
    /// Where its key is kept; `None` for a service that needs none.
    pub key: Option<KeySource>,
    /// Headers that are added to every request, by their names in lower case.
    pub headers: BTreeMap<String, HeaderSource>,
    /// Certificates that are trusted besides those of the system.
    pub ca_file: Option<PathBuf>,
    /// The way to it.
    pub proxy: Proxy,
    /// How long each stage of a request may take.
    pub timeouts: Timeouts,
    /// How often a call is tried again.
    pub retries: Retries,
    /// Whether a second request is made for an answer that is late.
    pub hedging: Hedging,
    /// When it is left alone for a while; `None` for never.
    pub breaker: Option<Breaker>,
    /// How much may be asked of it.
    pub limits: Limits,
    /// Whether answers are asked for piece by piece.
    pub stream: bool,
    /// The name of the field that caps an answer.
    pub max_tokens_field: MaxTokensField,
    /// Fields that are added to the body of every request.
    pub extra_body: serde_json::Map<String, serde_json::Value>,
    /// Where it was defined.
    pub origin: Origin,
}

impl Endpoint {
    /// Whether it runs on this machine and wants no secret, so that asking it costs nothing.
    pub(crate) fn is_own(&self) -> bool {
        let wants_secret = self.key.is_some()
            || self.headers.values().any(|source| !matches!(source, HeaderSource::Plain(_)));
        !wants_secret && self.base_urls.iter().all(|url| address::is_loopback(url))
    }
}

impl Sources {
    /// The endpoint of this name.
    pub(crate) fn endpoint(&self, name: &Placed<'_, &str>) -> Result<Endpoint, Problem> {
        let found = self
            .strongest_first()
            .find_map(|file| file.raw.endpoints.get_key_value(name.value).map(|found| (file, found)));
        if let Some((file, (name, endpoint))) = found {
            let (endpoint, problems) = self.checked_endpoint(file, name, endpoint);
            return problems.into_iter().next().map_or(Ok(endpoint), Err);
        }
        let nearest = nearest(name.value, self.endpoint_names());
        let kind = ProblemKind::UnknownEndpoint { name: name.value.to_owned(), nearest };
        Err(Problem::at(&name.place, kind))
    }

    /// The names of all endpoints, the strongest file's first.
    pub(crate) fn endpoint_names(&self) -> impl Iterator<Item = &str> {
        self.strongest_first().flat_map(|file| file.raw.endpoints.keys()).map(String::as_str)
    }

    /// What is wrong with the endpoints of a file.
    pub(crate) fn endpoint_problems(&self, file: &SourceFile) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (name, written) in &file.raw.endpoints {
            if file.kind == FileKind::Project {
                let kind = ProblemKind::ProjectEndpoint { name: name.clone() };
                problems.push(Problem::at(&file.place(written), kind));
            } else {
                problems.extend(self.checked_endpoint(file, name, written).1);
            }
        }
        problems
    }

    /// The endpoint, and everything that is wrong with it; it can be used if that is nothing.
    fn checked_endpoint(
        &self,
        file: &SourceFile,
        name: &str,
        written: &Written<RawEndpoint>,
    ) -> (Endpoint, Vec<Problem>) {
        let raw = written.value();
        let place = file.place(written);
        let mut checks = Checks::new(file);
        checks.keep(name::check(name).map_err(|kind| Problem::at(&place, kind)));
        let base_urls = base_urls(&mut checks, name, raw, &place);
        let key = self.key(file, raw);
        let ca_file = raw.ca_file.as_ref().map(|path| self.path(path.value(), &file.place(path)));
        let proxy = raw.proxy.as_ref().map(|proxy| address::proxy(&file.placed(proxy)));
        let extra_body = raw.extra_body.as_ref().map(|body| body::extra_body(&checks.placed(body)));
        let endpoint = Endpoint {
            name: name.to_owned(),
            base_urls,
            key: checks.keep(key).flatten(),
            headers: header::headers(self, &mut checks, raw),
            ca_file,
            proxy: proxy.and_then(|proxy| checks.keep(proxy)).unwrap_or_default(),
            timeouts: traffic::timeouts(&mut checks, raw),
            retries: traffic::retries(&mut checks, raw),
            hedging: traffic::hedging(&mut checks, raw),
            breaker: traffic::breaker(&mut checks, raw),
            limits: traffic::limits(&mut checks, raw),
            stream: raw.stream.as_ref().is_none_or(|written| *written.value()),
            max_tokens_field: raw
                .max_tokens_field
                .as_ref()
                .map_or(MaxTokensField::Auto, |field| (*field.value()).into()),
            extra_body: extra_body.and_then(|body| checks.keep(body)).unwrap_or_default(),
            origin: place.origin(),
        };
        (endpoint, checks.problems)
    }

    fn key(&self, file: &SourceFile, raw: &RawEndpoint) -> Result<Option<KeySource>, Problem> {
        match (&raw.api_key_env, &raw.api_key_file) {
            (Some(_), Some(both)) => Err(Problem::at(&file.place(both), ProblemKind::TwoKeySources)),
            (Some(variable), None) => Ok(Some(KeySource::Variable(variable_name(&file.placed(variable))?))),
            (None, Some(written)) => {
                let place = file.place(written);
                if looks_like_key(written.value()) {
                    return Err(Problem::at(&place, ProblemKind::InlineKey));
                }
                Ok(Some(KeySource::File(self.path(written.value(), &place))))
            }
            (None, None) => Ok(None),
        }
    }
}

/// The addresses, of one key or the other.
fn base_urls(checks: &mut Checks<'_>, name: &str, raw: &RawEndpoint, place: &Place<'_>) -> Vec<String> {
    let file = checks.file;
    match (&raw.base_url, &raw.base_urls) {
        (Some(_), Some(both)) => {
            checks.problems.push(Problem::at(&file.place(both), ProblemKind::TwoBaseUrls));
            Vec::new()
        }
        (Some(written), None) => checks.keep(address::base_url(&file.placed(written))).into_iter().collect(),
        (None, Some(list)) => {
            let mut urls = Vec::new();
            for written in list.value() {
                let url = checks.keep(address::base_url(&file.placed(written)));
                match url {
                    Some(url) if urls.contains(&url) => {
                        let kind = ProblemKind::RepeatedUrl { url };
                        checks.problems.push(Problem::at(&file.place(written), kind));
                    }
                    Some(url) => urls.push(url),
                    None => {}
                }
            }
            if list.value().is_empty() {
                checks.problems.push(Problem::at(&file.place(list), ProblemKind::Empty { key: "base-urls" }));
            }
            urls
        }
        (None, None) => {
            checks.problems.push(Problem::at(place, ProblemKind::NoBaseUrl { name: name.to_owned() }));
            Vec::new()
        }
    }
}

/// The name of an environment variable, and not what should be in it.
pub(super) fn variable_name(written: &Placed<'_, &String>) -> Result<String, Problem> {
    let name = written.value;
    let usable = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !usable || looks_like_key(name) {
        return Err(Problem::at(&written.place, ProblemKind::InlineKey));
    }
    Ok(name.clone())
}
