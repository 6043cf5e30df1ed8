//! The hub's address and the token that is shown to it, and to nobody else.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};

use crate::catalogue::HubFile;
use crate::error::HubError;
use crate::options::is_true;
use crate::redaction::redact;

/// Where the hub is when nothing else is said.
const DEFAULT_ENDPOINT: &str = "https://huggingface.co";

/// The address of the Hugging Face hub or a mirror of it. Printed without its credentials.
#[derive(Clone, Default)]
pub struct Endpoint {
    /// `None` stands for the default, so that making one cannot fail.
    address: Option<Url>,
}

impl Endpoint {
    /// An address as somebody wrote it.
    ///
    /// # Errors
    /// When it is no http or https address.
    pub fn parse(text: &str) -> Result<Self, HubError> {
        let invalid = |reason: String| HubError::InvalidOption { name: "HF_ENDPOINT", reason };
        let address = Url::parse(text.trim())
            .map_err(|error| invalid(format!("{:?} is no web address: {error}", redact(text))))?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(invalid(format!("{:?} is no http or https address", redact(text))));
        }
        Ok(Self { address: Some(address) })
    }

    /// The address of something below the endpoint.
    pub(crate) fn address_of<'a>(
        &self,
        segments: impl IntoIterator<Item = &'a str>,
    ) -> Result<Url, HubError> {
        let invalid =
            || HubError::InvalidOption { name: "HF_ENDPOINT", reason: "it cannot have a path".to_owned() };
        let mut address = self.base().ok_or_else(invalid)?;
        address.set_query(None);
        address.set_fragment(None);
        address.path_segments_mut().map_err(|()| invalid())?.pop_if_empty().extend(segments);
        Ok(address)
    }

    /// The address from which a file is fetched.
    pub(crate) fn resolve_address(&self, file: &HubFile) -> Result<Url, HubError> {
        let repository = file.repository.split('/');
        let path = file.file.split('/');
        self.address_of(repository.chain(["resolve", file.revision.as_str()]).chain(path))
    }

    /// The repository's page, for people. Without credentials.
    pub(crate) fn page(&self, repository: &str) -> String {
        format!("{}/{repository}", self.to_string().trim_end_matches('/'))
    }

    /// Whether the address is served by the hub itself, and not by a host that it refers to.
    pub(crate) fn owns(&self, address: &Url) -> bool {
        self.base().is_some_and(|base| base.origin() == address.origin())
    }

    fn base(&self) -> Option<Url> {
        self.address.clone().or_else(|| Url::parse(DEFAULT_ENDPOINT).ok())
    }

    fn has_credentials(&self) -> bool {
        self.address.as_ref().is_some_and(|url| !url.username().is_empty() || url.password().is_some())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address.as_ref().map_or(DEFAULT_ENDPOINT, Url::as_str);
        f.write_str(&redact(address))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}

/// What shows the hub who asks. Never printed.
#[derive(Debug, Clone)]
pub struct Token {
    secret: SecretString,
    origin: String,
}

impl Token {
    /// A token, and for people where it comes from.
    pub fn new(secret: impl Into<String>, origin: impl Into<String>) -> Self {
        Self { secret: SecretString::from(secret.into()), origin: origin.into() }
    }

    /// Where it comes from, such as `HF_TOKEN`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The token itself.
    pub(crate) fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// The token that the environment or the hub's own log-in file offers.
    ///
    /// # Source
    /// The order of the `huggingface_hub` Python package: `HF_TOKEN`, the file `HF_TOKEN_PATH`, `HF_HOME/token`.
    pub(crate) fn find(variable: &impl Fn(&str) -> Option<String>, home: Option<PathBuf>) -> Option<Self> {
        if variable("HF_HUB_DISABLE_IMPLICIT_TOKEN").is_some_and(|value| is_true(&value)) {
            return None;
        }
        if let Some(token) = variable("HF_TOKEN") {
            return Some(Self::new(token.trim(), "HF_TOKEN"));
        }
        let hub_home = || {
            let cache =
                variable("XDG_CACHE_HOME").map(PathBuf::from).or(home.map(|home| home.join(".cache")));
            variable("HF_HOME").map(PathBuf::from).or(cache.map(|cache| cache.join("huggingface")))
        };
        let file = variable("HF_TOKEN_PATH")
            .map(PathBuf::from)
            .or_else(|| hub_home().map(|folder| folder.join("token")))?;
        let token = fs::read_to_string(&file).ok()?;
        (!token.trim().is_empty()).then(|| Self::new(token.trim(), file.display().to_string()))
    }

    /// Puts the token on a request to the hub itself. An address with its own credentials keeps those.
    pub(crate) fn sign(&self, request: RequestBuilder, endpoint: &Endpoint) -> RequestBuilder {
        if endpoint.has_credentials() { request } else { request.bearer_auth(self.secret().expose_secret()) }
    }
}

#[cfg(test)]
#[path = "endpoint_tests.rs"]
mod tests;
