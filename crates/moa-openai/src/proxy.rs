//! Through which proxy an endpoint is reached.

use std::fmt;

use moa_core::{Failure, FailureKind};
use reqwest::{NoProxy, Proxy, Url};
use secrecy::{ExposeSecret, SecretString};

/// Through which proxy an endpoint is reached.
#[derive(Clone, Default)]
pub enum ProxySettings {
    /// What `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say; none for addresses of this machine.
    #[default]
    Environment,
    /// Through none.
    Direct,
    /// Through this one.
    Through {
        /// The proxy's address. User and password in it are shown nowhere.
        url: SecretString,
        /// Hosts that are reached directly, in the form of `NO_PROXY`.
        except: Option<String>,
    },
}

impl ProxySettings {
    /// The proxy for the HTTP client, where one is named.
    pub(crate) fn proxy(&self) -> Result<Option<Proxy>, Failure> {
        let Self::Through { url, except } = self else { return Ok(None) };
        let invalid = || {
            Failure::new(FailureKind::InvalidRequest, "the proxy's address cannot be used")
                .with_hint("write it like http://proxy.example:3128")
        };
        let address = Url::parse(url.expose_secret()).map_err(|_| invalid())?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(invalid());
        }
        let proxy = Proxy::all(address).map_err(|_| invalid())?;
        Ok(Some(proxy.no_proxy(except.as_deref().and_then(NoProxy::from_string))))
    }

    /// What of the proxy's address must be kept out of messages.
    pub(crate) fn secrets(&self) -> Vec<SecretString> {
        let Self::Through { url, .. } = self else { return Vec::new() };
        let Ok(url) = Url::parse(url.expose_secret()) else { return vec![url.clone()] };
        [Some(url.username()), url.password()].into_iter().flatten().map(SecretString::from).collect()
    }
}

impl fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("Environment"),
            Self::Direct => f.write_str("Direct"),
            Self::Through { except, .. } => {
                f.debug_struct("Through").field("except", except).finish_non_exhaustive()
            }
        }
    }
}
