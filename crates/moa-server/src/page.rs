//! The page: static files, embedded.

use std::fmt::Write as _;

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::ApiError;

#[derive(RustEmbed)]
#[folder = "page/"]
#[exclude = "*.md"]
#[exclude = "test/*"]
#[exclude = "tests/*"]
struct Files;

/// Only our own files run, and they talk to us alone: a script that a model writes into a proposal stays a text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page itself.
pub(crate) async fn index() -> Result<Response, ApiError> {
    file("index.html")
}

/// One of its files.
pub(crate) async fn asset(Path(path): Path<String>) -> Result<Response, ApiError> {
    file(&path)
}

/// A file that was embedded. A path that leads elsewhere names none of them.
fn file(path: &str) -> Result<Response, ApiError> {
    let found = Files::get(path).filter(|_| !path.split('/').any(|part| part == ".."));
    let Some(EmbeddedFile { data, metadata }) = found else {
        return Err(ApiError::not_found("not_found", "there is no such file"));
    };
    let mut hash = String::new();
    for byte in metadata.sha256_hash().iter().take(8) {
        let _ = write!(hash, "{byte:02x}");
    }
    let mut response = data.into_owned().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Files change with the program, under the same names.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{hash}\"")) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}
