//! Bearer keys: hashed where they are kept, compared in constant time.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use moa_config::ServerKey;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::caller::Caller;
use crate::app::App;
use crate::error::ApiError;

/// Every key that opens the server, by its hash.
pub(crate) struct Keys {
    keys: Vec<([u8; 32], Arc<Caller>)>,
    anybody: Arc<Caller>,
}

impl Keys {
    pub(crate) fn new(keys: &[ServerKey]) -> Self {
        Self {
            keys: keys.iter().map(|key| (key.sha256, Arc::new(Caller::of(key)))).collect(),
            anybody: Arc::new(Caller::anybody()),
        }
    }

    /// Whether a key is needed.
    pub(crate) fn are_needed(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Who sends a request with these headers.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Result<Arc<Caller>, ApiError> {
        if self.keys.is_empty() {
            return Ok(Arc::clone(&self.anybody));
        }
        let refused =
            |message: &str| Err(ApiError::new(StatusCode::UNAUTHORIZED, "invalid_api_key", message));
        let Some(key) = bearer(headers) else {
            return refused("this server needs a key: send it as 'Authorization: Bearer ...'");
        };
        let hash = Sha256::digest(key);
        let mut found = None;
        // Every key is compared, and each to its end, so that time tells nothing.
        for (known, caller) in &self.keys {
            let is_equal: Choice = hash.as_slice().ct_eq(known.as_slice());
            if bool::from(is_equal) {
                found = Some(caller);
            }
        }
        match found {
            Some(caller) => Ok(Arc::clone(caller)),
            None => refused("the key is not one of this server's"),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, key) = value.split_at_checked("Bearer ".len())?;
    let key = key.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"Bearer ") && !key.is_empty()).then_some(key)
}

/// Lets a request pass that has a key, or needs none, and notes whose it is.
pub(crate) async fn authenticate(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    match app.keys.caller(request.headers()) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

/// What stands for a key in the configuration: its SHA-256 in hexadecimal digits.
#[must_use]
pub fn key_hash(key: &str) -> String {
    Sha256::digest(key.trim().as_bytes()).iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
