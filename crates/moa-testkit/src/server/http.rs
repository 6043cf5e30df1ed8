//! Reading HTTP/1.1 requests.

use std::io;

use bytes::{Buf as _, Bytes, BytesMut};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::clock::Stamp;

const MAX_HEAD_BYTES: usize = 64 * 1024;
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;
const MAX_HEADERS: usize = 128;

/// A request, read whole.
#[derive(Debug)]
pub(crate) struct HttpRequest {
    pub(crate) method: String,
    pub(crate) target: String,
    /// By lower-case name.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// The client wants the connection closed afterwards.
    pub(crate) close: bool,
    /// Its first byte was read.
    pub(crate) started: Stamp,
    /// Its last byte was read.
    pub(crate) arrived: Stamp,
}

/// Why a request could not be read.
#[derive(Debug, Error)]
pub(crate) enum HttpError {
    /// The connection ended, in the middle of a request or between two.
    #[error("the connection ended")]
    Ended,
    #[error("cannot read: {0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Malformed(String),
}

impl HttpRequest {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the next request; what was read beyond it stays in `buffer`.
///
/// # Cancel safety
///
/// Not cancel safe: what was read of the request is lost.
pub(crate) async fn read_request<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut S,
    buffer: &mut BytesMut,
) -> Result<HttpRequest, HttpError> {
    if buffer.is_empty() {
        fill(socket, buffer).await?;
    }
    let started = Stamp::now();
    let (mut request, version) = loop {
        if let Some((request, version, head_bytes)) = parse_head(buffer, started)? {
            buffer.advance(head_bytes);
            break (request, version);
        }
        if buffer.len() > MAX_HEAD_BYTES {
            return Err(HttpError::Malformed("the head of the request is too long".to_owned()));
        }
        fill(socket, buffer).await?;
    };
    let connection = request.header("connection").unwrap_or_default().to_ascii_lowercase();
    request.close = connection.contains("close") || (version == 0 && !connection.contains("keep-alive"));
    if request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
        socket.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let chunked =
        request.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
    let length = request.header("content-length").map(|value| value.trim().parse::<usize>());
    request.body = match length {
        _ if chunked => read_chunks(socket, buffer).await?,
        None => Bytes::new(),
        Some(Ok(length)) if length <= MAX_BODY_BYTES => {
            while buffer.len() < length {
                fill(socket, buffer).await?;
            }
            buffer.split_to(length).freeze()
        }
        Some(_) => {
            return Err(HttpError::Malformed("the content-length is no length, or too long".to_owned()));
        }
    };
    request.arrived = Stamp::now();
    Ok(request)
}

/// The head, its version (0 for HTTP/1.0) and its length, once it is whole.
fn parse_head(buffer: &[u8], started: Stamp) -> Result<Option<(HttpRequest, u8, usize)>, HttpError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let status =
        parsed.parse(buffer).map_err(|error| HttpError::Malformed(format!("this is no HTTP: {error}")))?;
    let httparse::Status::Complete(length) = status else { return Ok(None) };
    let headers = parsed
        .headers
        .iter()
        .map(|header| (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned()))
        .collect();
    let request = HttpRequest {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().to_owned(),
        headers,
        body: Bytes::new(),
        close: false,
        started,
        arrived: started,
    };
    Ok(Some((request, parsed.version.unwrap_or(1), length)))
}

/// Reads a chunked body.
async fn read_chunks<S: AsyncRead + Unpin>(
    socket: &mut S,
    buffer: &mut BytesMut,
) -> Result<Bytes, HttpError> {
    let mut body = BytesMut::new();
    loop {
        let (start, size) = loop {
            match httparse::parse_chunk_size(buffer) {
                Ok(httparse::Status::Complete(found)) => break found,
                Ok(httparse::Status::Partial) => fill(socket, buffer).await?,
                Err(_) => return Err(HttpError::Malformed("a chunk has no size".to_owned())),
            }
        };
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size > MAX_BODY_BYTES - body.len() {
            return Err(HttpError::Malformed("the body is too long".to_owned()));
        }
        buffer.advance(start);
        if size == 0 {
            return end_chunks(socket, buffer).await.map(|()| body.freeze());
        }
        while buffer.len() < size + 2 {
            fill(socket, buffer).await?;
        }
        body.extend_from_slice(&buffer[..size]);
        buffer.advance(size + 2);
    }
}

/// Reads trailers, which nobody wants, and the empty line after them.
async fn end_chunks<S: AsyncRead + Unpin>(socket: &mut S, buffer: &mut BytesMut) -> Result<(), HttpError> {
    loop {
        match buffer.windows(2).position(|window| window == b"\r\n") {
            Some(index) => {
                buffer.advance(index + 2);
                if index == 0 {
                    return Ok(());
                }
            }
            None if buffer.len() > MAX_HEAD_BYTES => {
                return Err(HttpError::Malformed("the trailers are too long".to_owned()));
            }
            None => fill(socket, buffer).await?,
        }
    }
}

/// Reads what there is, at least one byte.
pub(crate) async fn fill<S: AsyncRead + Unpin>(
    socket: &mut S,
    buffer: &mut BytesMut,
) -> Result<(), HttpError> {
    match socket.read_buf(buffer).await? {
        0 => Err(HttpError::Ended),
        _ => Ok(()),
    }
}
