//! The address of an endpoint, shown without what may be secret in it.

use std::fmt;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

/// What a base URL may end in already.
const CHAT_COMPLETIONS: [&str; 2] = ["chat", "completions"];

/// The base URL of an endpoint, such as `https://api.together.xyz/v1`.
///
/// User, password and query may be secrets: they are sent, and shown nowhere.
#[derive(Clone)]
pub struct EndpointAddress {
    /// Whole, with its secrets.
    whole: SecretString,
    /// Without user, password, query and fragment.
    shown: Url,
    /// The secrets, to be kept out of messages.
    secrets: Vec<SecretString>,
}

/// A text that is no base URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the base URL cannot be used: {reason}")]
pub struct AddressError {
    reason: String,
}

impl AddressError {
    /// What to write instead.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "write it like https://api.openai.com/v1 or http://127.0.0.1:8080/v1"
    }
}

impl EndpointAddress {
    /// An address as somebody wrote it. It may end in `/chat/completions` and have a query, which every request then carries.
    ///
    /// # Errors
    /// When it is no http or https address.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let invalid = |reason: &str| AddressError { reason: reason.to_owned() };
        let url = Url::parse(text.trim()).map_err(|error| invalid(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("it does not begin with http:// or https://"));
        }
        let mut secrets: Vec<String> = vec![url.username().to_owned()];
        secrets.extend(url.password().map(str::to_owned));
        secrets.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
        // As they stand in the address too, where they are escaped.
        secrets.extend(
            url.query()
                .into_iter()
                .flat_map(|query| query.split('&'))
                .filter_map(|pair| pair.split_once('=').map(|(_, value)| value.to_owned())),
        );
        let mut shown = url.clone();
        // Fails only for addresses without a host, which these schemes do not have.
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        shown.set_query(None);
        shown.set_fragment(None);
        let secrets = secrets.into_iter().map(SecretString::from).collect();
        Ok(Self { whole: SecretString::from(url.to_string()), shown, secrets })
    }

    /// Where chat completions are asked for, with its secrets.
    pub(crate) fn chat_completions(&self) -> Result<Url, AddressError> {
        let mut url = Url::parse(self.whole.expose_secret())
            .map_err(|error| AddressError { reason: error.to_string() })?;
        url.set_fragment(None);
        let segments: Vec<String> = url
            .path_segments()
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        if !segments.ends_with(&CHAT_COMPLETIONS.map(str::to_owned))
            && let Ok(mut path) = url.path_segments_mut()
        {
            path.pop_if_empty().extend(CHAT_COMPLETIONS);
        }
        Ok(url)
    }

    /// The host's name, in lower case.
    pub(crate) fn host(&self) -> &str {
        self.shown.host_str().unwrap_or_default()
    }

    /// The host with its port, where that is not the usual one.
    pub(crate) fn host_and_port(&self) -> String {
        match self.shown.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_owned(),
        }
    }

    pub(crate) fn port(&self) -> Option<u16> {
        self.shown.port_or_known_default()
    }

    /// Whether the endpoint is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host().trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// What of the address must be kept out of messages.
    pub(crate) fn secrets(&self) -> &[SecretString] {
        &self.secrets
    }

    /// Whether user or password are part of it.
    pub(crate) fn has_credentials(&self) -> bool {
        Url::parse(self.whole.expose_secret())
            .is_ok_and(|url| !url.username().is_empty() || url.password().is_some())
    }
}

impl fmt::Display for EndpointAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for EndpointAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EndpointAddress({self})")
    }
}

impl std::str::FromStr for EndpointAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
