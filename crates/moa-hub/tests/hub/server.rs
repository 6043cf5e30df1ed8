//! A server on the loopback interface that behaves like the Hugging Face hub, or misbehaves as told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use futures::{StreamExt as _, stream};
use tokio::sync::Semaphore;

/// Sent at once, in bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// What the server does.
pub(crate) struct Behaviour {
    pub(crate) content: Vec<u8>,
    /// The name of the content in the headers.
    pub(crate) etag: Option<String>,
    /// Sends requests for the file on to this place, as the hub does with large files.
    pub(crate) redirect_to: Option<String>,
    /// For each answer with a body, in order: after how many bytes the connection breaks.
    pub(crate) cuts: VecDeque<usize>,
    /// For each answer with a body, in order: after how many bytes nothing more comes until the gate is opened.
    pub(crate) pauses: VecDeque<usize>,
    pub(crate) ignores_ranges: bool,
    /// Answers this to everything.
    pub(crate) status: Option<u16>,
    /// Answers with a web page.
    pub(crate) page: bool,
    /// What `/api/models/...` answers.
    pub(crate) api: Option<String>,
}

/// A request that the server has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) range: Option<String>,
    pub(crate) authorization: Option<String>,
}

pub(crate) struct FakeHub {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    behaviour: Mutex<Behaviour>,
    seen: Mutex<Vec<Seen>>,
    gate: Arc<Semaphore>,
}

impl FakeHub {
    /// A hub that serves the content under every path, with its sum as etag where `etag` is given.
    pub(crate) fn start(content: Vec<u8>, etag: Option<String>) -> Self {
        let behaviour = Behaviour {
            content,
            etag,
            redirect_to: None,
            cuts: VecDeque::new(),
            pauses: VecDeque::new(),
            ignores_ranges: false,
            status: None,
            page: false,
            api: None,
        };
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(behaviour),
            seen: Mutex::default(),
            gate: Arc::new(Semaphore::new(0)),
        });
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, app).await.unwrap();
            });
        });
        Self { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn behaviour(&self) -> MutexGuard<'_, Behaviour> {
        self.shared.behaviour.lock().unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The `Range` headers of the requests for the content, in order.
    pub(crate) fn ranges(&self) -> Vec<Option<String>> {
        self.seen().into_iter().filter(|seen| seen.method == "GET").map(|seen| seen.range).collect()
    }

    /// Lets every body that waits go on.
    pub(crate) fn open_gate(&self) {
        self.shared.gate.add_permits(Semaphore::MAX_PERMITS / 2);
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    shared.seen.lock().unwrap().push(Seen {
        method: method.to_string(),
        path: uri.to_string(),
        range: header("range"),
        authorization: header("authorization"),
    });
    let mut behaviour = shared.behaviour.lock().unwrap();
    let mut response = Response::builder();
    if let Some(status) = behaviour.status {
        return response.status(status).body(Body::from("no")).unwrap();
    }
    if behaviour.page {
        return response
            .header("content-type", "text/html; charset=utf-8")
            .body("<p>Log in</p>".into())
            .unwrap();
    }
    if uri.path().starts_with("/api/") {
        let Some(api) = &behaviour.api else { return response.status(404).body(Body::empty()).unwrap() };
        return response.header("content-type", "application/json").body(api.clone().into()).unwrap();
    }
    if let Some(place) = &behaviour.redirect_to {
        if let Some(etag) = &behaviour.etag {
            response = response.header("x-linked-etag", format!("\"{etag}\""));
        }
        let size = behaviour.content.len();
        let response = response.header("x-linked-size", size).header("location", place.as_str());
        return response.status(StatusCode::FOUND).body(Body::from("Found")).unwrap();
    }
    if let Some(etag) = &behaviour.etag {
        response = response.header("etag", format!("\"{etag}\""));
    }
    let total = behaviour.content.len();
    let range = header("range").filter(|_| !behaviour.ignores_ranges);
    let start = match range.as_deref().and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')) {
        Some(start) => start.parse::<usize>().unwrap(),
        None => 0,
    };
    if start >= total {
        return response.status(StatusCode::RANGE_NOT_SATISFIABLE).body(Body::empty()).unwrap();
    }
    if range.is_some() {
        let span = format!("bytes {start}-{}/{total}", total - 1);
        response = response.status(StatusCode::PARTIAL_CONTENT).header("content-range", span);
    }
    let body = behaviour.content[start..].to_vec();
    response = response.header("content-length", body.len());
    if method == Method::HEAD {
        return response.body(Body::empty()).unwrap();
    }
    let cut = behaviour.cuts.pop_front();
    let pause = behaviour.pauses.pop_front();
    let body = flow(&body, cut, pause, Arc::clone(&shared.gate));
    response.body(body).unwrap()
}

/// The content in chunks, broken off or held back after so many bytes.
fn flow(body: &[u8], cut: Option<usize>, pause: Option<usize>, gate: Arc<Semaphore>) -> Body {
    let end = cut.unwrap_or(body.len()).min(body.len());
    let pause = pause.unwrap_or(usize::MAX);
    let mut marks: Vec<usize> = (0..end).step_by(CHUNK_BYTES).chain([end]).collect();
    if pause < end {
        marks.push(pause);
        marks.sort_unstable();
        marks.dedup();
    }
    let chunks: Vec<(usize, Bytes)> =
        marks.windows(2).map(|span| (span[0], Bytes::copy_from_slice(&body[span[0]..span[1]]))).collect();
    let chunks = stream::iter(chunks).then(move |(start, chunk)| {
        let gate = Arc::clone(&gate);
        async move {
            if start >= pause {
                gate.acquire_owned().await.unwrap().forget();
            }
            Ok::<Bytes, std::io::Error>(chunk)
        }
    });
    let broken = stream::iter(cut).then(|_| async {
        // Gives the server a turn to send what it has, which it does not do any more after an error.
        tokio::task::yield_now().await;
        Err(std::io::Error::other("cut"))
    });
    Body::from_stream(chunks.chain(broken))
}
