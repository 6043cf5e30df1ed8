//! A tiny forward proxy, to test clients that must go through one.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Stamp;
use crate::error::MockError;
use crate::plan::plain_bytes;
use crate::record::Authorization;
use crate::server::Port;

/// The longest head that a client may send.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// A running forward proxy on 127.0.0.1: tunnels for `CONNECT`, requests with absolute targets for plain HTTP.
///
/// It reaches loopback addresses and the hosts that it was told addresses of, nothing else. Dropping it ends every connection.
#[derive(Debug)]
pub struct Proxy {
    state: Arc<State>,
    address: SocketAddr,
    tasks: TaskTracker,
}

/// What the proxy was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyRequest {
    /// `CONNECT` for a tunnel, else the method of the request.
    pub method: String,
    /// The host and the port that were asked for.
    pub target: String,
    /// Whether credentials were sent, and which.
    pub authorization: Authorization,
    /// What the proxy answered itself; `None` when it passed the request on.
    pub refused: Option<u16>,
    /// Its head was read.
    pub at: Stamp,
}

#[derive(Debug, Default)]
struct State {
    /// The value of the header that is asked for.
    credentials: Option<String>,
    hosts: HashMap<String, SocketAddr>,
    refuse_with: Option<u16>,
    log: Mutex<Vec<ProxyRequest>>,
    stop: CancellationToken,
}

/// Sets a proxy up.
#[derive(Debug, Default)]
pub struct ProxyBuilder {
    state: State,
    port: u16,
}

impl ProxyBuilder {
    /// The port; without it any that is free.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Asks for these credentials (basic), with 407 where they are missing or wrong.
    #[must_use]
    pub fn credentials(mut self, user: &str, password: &str) -> Self {
        self.state.credentials =
            Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))));
        self
    }

    /// Where a host and port, such as `api.example:443`, are found.
    #[must_use]
    pub fn host(mut self, target: impl Into<String>, address: SocketAddr) -> Self {
        self.state.hosts.insert(target.into(), address);
        self
    }

    /// Answers every request itself with this status.
    #[must_use]
    pub fn refuse_with(mut self, status: u16) -> Self {
        self.state.refuse_with = Some(status);
        self
    }

    /// Starts the proxy.
    ///
    /// # Errors
    ///
    /// When the port cannot be listened on.
    #[expect(
        clippy::unused_async,
        reason = "it starts tasks, which needs a runtime: a future is never called without one"
    )]
    pub async fn start(self) -> Result<Proxy, MockError> {
        let listen_error = |source| MockError::Listen { port: self.port, source };
        let (listener, address) =
            Port::reserve(self.port).and_then(Port::into_listener).map_err(listen_error)?;
        let state = Arc::new(self.state);
        let tasks = TaskTracker::new();
        tasks.spawn(accept(state.clone(), listener, tasks.clone()));
        Ok(Proxy { state, address, tasks })
    }
}

impl Proxy {
    /// A proxy to set up.
    #[must_use]
    pub fn builder() -> ProxyBuilder {
        ProxyBuilder::default()
    }

    /// The URL for clients, such as `http://127.0.0.1:12345`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the proxy listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it was asked for, in the order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<ProxyRequest> {
        self.state.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.stop.cancel();
        self.tasks.close();
    }
}

async fn accept(state: Arc<State>, listener: TcpListener, tasks: TaskTracker) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = state.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((client, _)) = accepted else {
            tokio::task::yield_now().await;
            continue;
        };
        let state = state.clone();
        tasks.spawn(async move {
            let stop = state.stop.clone();
            tokio::select! {
                () = stop.cancelled() => {}
                // A connection that breaks is its two ends' business.
                _ = serve(&state, client) => {}
            }
        });
    }
}

/// A request's head.
struct Head {
    method: String,
    target: String,
    /// As they were sent, but for those that are the proxy's own.
    headers: Vec<u8>,
    authorization: Option<String>,
    length: usize,
}

async fn serve(state: &State, mut client: TcpStream) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut buffer = Vec::new();
    let head = loop {
        if client.read_buf(&mut buffer).await? == 0 || buffer.len() > MAX_HEAD_BYTES {
            return Ok(());
        }
        match parse(&buffer) {
            Ok(Some(head)) => break head,
            Ok(None) => {}
            Err(()) => {
                return client.write_all(&plain_bytes(400, "this is no request to a proxy", &[])).await;
            }
        }
    };
    let Some((target, path)) = split_target(&head) else {
        return client.write_all(&plain_bytes(400, "the target names no host", &[])).await;
    };
    let address = address(state, &target);
    let wrong_credentials = state.credentials.is_some() && state.credentials != head.authorization;
    let refused = match address {
        _ if wrong_credentials => Some(407),
        _ if state.refuse_with.is_some() => state.refuse_with,
        None => Some(403),
        Some(_) => None,
    };
    state.note(&head, &target, refused);
    let (Some(address), None) = (address, refused) else {
        let status = refused.unwrap_or(403);
        let ask = [("proxy-authenticate", "Basic realm=\"moa-mock\"")];
        let headers = if status == 407 { &ask[..] } else { &[] };
        return client.write_all(&plain_bytes(status, "the proxy refuses", headers)).await;
    };
    let Ok(mut server) = TcpStream::connect(address).await else {
        return client.write_all(&plain_bytes(502, "the target cannot be reached", &[])).await;
    };
    server.set_nodelay(true)?;
    match path {
        None => client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?,
        // One request to a connection: the next one may have another target.
        Some(path) => {
            let line = format!("{} {path} HTTP/1.1\r\n", head.method);
            server.write_all(line.as_bytes()).await?;
            server.write_all(&head.headers).await?;
            server.write_all(b"connection: close\r\n\r\n").await?;
        }
    }
    server.write_all(&buffer[head.length..]).await?;
    tokio::io::copy_bidirectional(&mut client, &mut server).await.map(drop)
}

impl State {
    fn note(&self, head: &Head, target: &str, refused: Option<u16>) {
        let authorization = Authorization::of(head.authorization.as_deref());
        let (method, target) = (head.method.clone(), target.to_owned());
        let request = ProxyRequest { method, target, authorization, refused, at: Stamp::now() };
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }
}

fn parse(buffer: &[u8]) -> Result<Option<Head>, ()> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = request.parse(buffer).map_err(drop)? else { return Ok(None) };
    let mut kept = Vec::new();
    let mut authorization = None;
    for header in request.headers.iter() {
        match header.name.to_ascii_lowercase().as_str() {
            "proxy-authorization" => authorization = Some(String::from_utf8_lossy(header.value).into_owned()),
            "proxy-connection" | "connection" => {}
            _ => {
                kept.extend_from_slice(header.name.as_bytes());
                kept.extend_from_slice(b": ");
                kept.extend_from_slice(header.value);
                kept.extend_from_slice(b"\r\n");
            }
        }
    }
    let method = request.method.unwrap_or_default().to_owned();
    let target = request.path.unwrap_or_default().to_owned();
    Ok(Some(Head { method, target, headers: kept, authorization, length }))
}

/// The host and port, and the path unless it is a tunnel.
fn split_target(head: &Head) -> Option<(String, Option<String>)> {
    if head.method == "CONNECT" {
        return Some((head.target.clone(), None));
    }
    let rest = head.target.strip_prefix("http://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    Some((host, Some(format!("/{path}"))))
}

/// The address, if it is one that the proxy may reach.
fn address(state: &State, target: &str) -> Option<SocketAddr> {
    if let Some(address) = state.hosts.get(target) {
        return Some(*address);
    }
    let literal = target.replacen("localhost:", "127.0.0.1:", 1).parse::<SocketAddr>().ok();
    literal.filter(|address| address.ip().is_loopback())
}
