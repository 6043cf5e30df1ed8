//! Requests to the hub and to the hosts that it refers to. The token stays with the hub.

use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION, RANGE};
use reqwest::{Client, Method, Response, Url, redirect};

use super::Fetch;
use crate::catalogue::HubFile;
use crate::error::HubError;
use crate::redaction::redact;

/// As many hosts may pass a request on.
const MAX_REDIRECTS: usize = 10;

/// The hub, as one pull of one file talks to it.
pub(crate) struct Connection<'a> {
    pub(crate) fetch: Fetch<'a>,
    /// The hub's name and port, for messages.
    pub(crate) host: String,
    /// The file's address.
    pub(crate) address: Url,
    client: Client,
}

impl<'a> Connection<'a> {
    pub(crate) fn open(fetch: Fetch<'a>) -> Result<Self, HubError> {
        let address = fetch.options.endpoint.resolve_address(&fetch.target.hub_file)?;
        let host = host_of(&address);
        let client = Client::builder()
            .connect_timeout(fetch.options.patience.connect)
            // Followed by hand: a token must not travel to another host.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("moa-hub/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| HubError::Unreachable { host: host.clone(), reason: reason_of(error) })?;
        Ok(Self { fetch, host, address, client })
    }

    /// Sends a request and follows where it leads. `start` asks for the file from that byte on.
    ///
    /// A `HEAD` request ends where the hub refers to another host: by then the hub has said all that it knows.
    ///
    /// # Errors
    /// When there is no answer in time, or one that is neither a success nor such a referral.
    pub(crate) async fn send(
        &self,
        method: Method,
        address: Url,
        start: Option<u64>,
    ) -> Result<Response, HubError> {
        let endpoint = &self.fetch.options.endpoint;
        let mut address = address;
        for _ in 0..MAX_REDIRECTS {
            let response = self.send_once(method.clone(), &address, start).await?;
            if !response.status().is_redirection() {
                return self.check(response);
            }
            let next = header(response.headers(), LOCATION.as_str()).and_then(|to| address.join(to).ok());
            let next = next.ok_or_else(|| self.not_a_hub("it refers to nowhere"))?;
            let says_all = header(response.headers(), "x-linked-size").is_some() || !endpoint.owns(&next);
            if method == Method::HEAD && says_all {
                return Ok(response);
            }
            if address.scheme() == "https" && next.scheme() != "https" {
                return Err(self.not_a_hub("it refers to an address without encryption"));
            }
            address = next;
        }
        Err(self.not_a_hub("it refers from one address to the next without end"))
    }

    async fn send_once(
        &self,
        method: Method,
        address: &Url,
        start: Option<u64>,
    ) -> Result<Response, HubError> {
        let options = self.fetch.options;
        let host = host_of(address);
        let mut request = self.client.request(method, address.clone());
        if let Some(token) = options.token.as_ref().filter(|_| options.endpoint.owns(address)) {
            request = token.sign(request, &options.endpoint);
        }
        if let Some(start) = start {
            request = request.header(RANGE, format!("bytes={start}-"));
        }
        match tokio::time::timeout(options.patience.answer, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(HubError::Unreachable { host, reason: reason_of(error) }),
            Err(_) => Err(HubError::Stalled { what: host, silence: options.patience.answer }),
        }
    }

    /// Passes successes that are what they claim to be.
    fn check(&self, response: Response) -> Result<Response, HubError> {
        let options = self.fetch.options;
        let HubFile { repository, file, revision } = &self.fetch.target.hub_file;
        let is_hub = options.endpoint.owns(response.url());
        let host = host_of(response.url());
        let kind = header(response.headers(), CONTENT_TYPE.as_str()).unwrap_or_default();
        match response.status().as_u16() {
            // Proxies and networks with a log-in send their own pages with a status that says all is well.
            200..=299 if kind.starts_with("text/html") => {
                Err(HubError::NotAHub { host, reason: "it sent a web page".to_owned() })
            }
            200..=299 => Ok(response),
            status @ (401 | 403) if is_hub => Err(HubError::Refused {
                host,
                repository: repository.clone(),
                status,
                token_origin: options.token.as_ref().map(|token| token.origin().to_owned()),
                page: options.endpoint.page(repository),
            }),
            404 if is_hub => Err(HubError::NotFound {
                host,
                repository: repository.clone(),
                file: file.clone(),
                revision: revision.clone(),
            }),
            status => Err(HubError::UnexpectedStatus { host, status }),
        }
    }

    pub(crate) fn not_a_hub(&self, reason: &str) -> HubError {
        HubError::NotAHub { host: self.host.clone(), reason: reason.to_owned() }
    }
}

/// A header's value, if it is there and is text.
pub(crate) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The host and, where it is not the usual one, the port.
pub(crate) fn host_of(address: &Url) -> String {
    let host = address.host_str().unwrap_or("the hub");
    match address.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// What lies at the bottom of a network error, in words, without addresses that may hold a secret.
pub(crate) fn reason_of(error: reqwest::Error) -> String {
    if error.is_timeout() && error.is_connect() {
        return "no connection in time".to_owned();
    }
    let error = error.without_url();
    let mut deepest: &dyn std::error::Error = &error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    redact(&deepest.to_string())
}
