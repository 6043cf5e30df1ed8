//! The HTTP client of one endpoint: connections, certificates, headers.

use std::fs;
use std::path::Path;

use moa_core::{Failure, FailureKind};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Url, redirect, retry};
use secrecy::{ExposeSecret, SecretString};

use crate::dialect::Dialect;
use crate::proxy::ProxySettings;
use crate::redaction::Redactor;
use crate::settings::EndpointSettings;

/// What is needed to ask an endpoint: made when it is asked for the first time.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// Where completions are asked for; may hold secrets.
    pub(crate) url: Url,
    /// Those of every request, the key among them.
    pub(crate) headers: HeaderMap,
    pub(crate) redactor: Redactor,
}

impl Connection {
    /// Reads key and certificates and sets up a client.
    ///
    /// # Errors
    /// `Unauthorized` without the key, `InvalidRequest` or `ModelUnavailable` where the settings cannot be used.
    pub(crate) fn open(settings: &EndpointSettings) -> Result<Self, Failure> {
        let key = settings.key.resolve()?;
        let url = settings.address.chat_completions().map_err(|error| {
            let hint = error.hint();
            unusable(error.to_string()).with_hint(hint)
        })?;
        let mut redactor = Redactor::default();
        let proxy_secrets = settings.proxy.secrets();
        let secrets = key.iter().chain(settings.address.secrets()).chain(&proxy_secrets);
        secrets
            .chain(settings.headers.iter().map(|(_, value)| value))
            .for_each(|secret| redactor.add(secret));
        let headers = headers(settings, key.as_ref())?;
        Ok(Self { client: client(settings)?, url, headers, redactor })
    }
}

/// Headers of every request. Configured ones replace our own.
fn headers(settings: &EndpointSettings, key: Option<&SecretString>) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    // Credentials in the address become a header of their own, in the HTTP client.
    if let Some(key) = key.filter(|_| !settings.address.has_credentials()) {
        let invalid = || {
            Failure::new(FailureKind::Unauthorized, "the key has signs that no header can have")
                .with_hint(format!("check {}", settings.key.origin()))
        };
        match settings.dialect.settled(&settings.address) {
            Dialect::Azure => {
                let value = secret_value(key.expose_secret()).ok_or_else(invalid)?;
                headers.insert(HeaderName::from_static("api-key"), value);
            }
            _ => {
                let bearer = SecretString::from(format!("Bearer {}", key.expose_secret()));
                headers.insert(AUTHORIZATION, secret_value(bearer.expose_secret()).ok_or_else(invalid)?);
            }
        }
    }
    for (name, value) in &settings.headers {
        let invalid = || unusable(format!("the header {name:?} cannot be sent"));
        let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
        headers.insert(parsed, secret_value(value.expose_secret()).ok_or_else(invalid)?);
    }
    Ok(headers)
}

fn secret_value(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn client(settings: &EndpointSettings) -> Result<Client, Failure> {
    let mut builder = Client::builder()
        .connect_timeout(settings.connect_timeout)
        // A second connection serves a second request; HTTP/2 would queue beyond the streams of one.
        .http1_only()
        .tcp_nodelay(true)
        // Asking again is decided above, where it is counted and shown.
        .retry(retry::never())
        // A key must not travel to another host.
        .redirect(redirect::Policy::none())
        .referer(false)
        .user_agent(concat!("moa/", env!("CARGO_PKG_VERSION")));
    if let Some(file) = &settings.ca_file {
        builder = builder.tls_certs_merge(certificates(file)?);
    }
    let is_direct = match settings.proxy {
        ProxySettings::Direct => true,
        ProxySettings::Environment => settings.address.is_loopback(),
        ProxySettings::Through { .. } => false,
    };
    if is_direct {
        builder = builder.no_proxy();
    }
    if let Some(proxy) = settings.proxy.proxy()? {
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| {
        let error = error.without_url();
        Failure::new(FailureKind::ModelUnavailable, format!("the HTTP client cannot be set up: {error}"))
    })
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, Failure> {
    let failed = |reason: String| {
        unusable(format!("the certificates in {} cannot be used: {reason}", file.display()))
            .with_hint("ca-file names a file of certificates in PEM form")
    };
    // A few kilobytes, read once: not worth a thread.
    let pem = fs::read(file).map_err(|error| failed(error.to_string()))?;
    let certificates =
        Certificate::from_pem_bundle(&pem).map_err(|_| failed("they are no PEM".to_owned()))?;
    if certificates.is_empty() {
        return Err(failed("there are none".to_owned()));
    }
    Ok(certificates)
}

fn unusable(message: String) -> Failure {
    Failure::new(FailureKind::InvalidRequest, message)
}
