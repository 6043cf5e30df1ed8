//! Keeps other sites' pages out.
//!
//! A page of another site can make its reader's browser send requests here, and where nobody needs a key they would be obeyed. Two things
//! stop it: the `Origin` that browsers add must be our own, and where there are no keys the `Host` must be a name that we know, because
//! another site can let its own name point to this machine (DNS rebinding) and then be of one origin with us.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use moa_config::ServerSettings;

use crate::app::App;
use crate::error::ApiError;

/// Lets a request pass that no other site's page has made.
pub(crate) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let authority = request.uri().authority().map(|authority| authority.as_str().to_owned());
    match check(&app.settings, request.method(), request.headers(), authority.as_deref()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn check(
    settings: &ServerSettings,
    method: &Method,
    headers: &HeaderMap,
    authority: Option<&str>,
) -> Result<(), ApiError> {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    let host = text(header::HOST).or(authority).unwrap_or_default();
    if settings.keys.is_empty() && !is_known(host, settings) {
        return Err(refused("the server is not known under this name: see `allowed-hosts` of [server]"));
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        let is_foreign = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
        if is_foreign && !method.is_safe() {
            return Err(refused("another site's page may not call this server"));
        }
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let is_own = origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host));
    if is_own || settings.cors_origins.iter().any(|known| known.eq_ignore_ascii_case(origin)) {
        return Ok(());
    }
    Err(refused("another site's page may not call this server: see `cors-origins` of [server]"))
}

fn refused(message: &str) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "foreign_request", message)
}

/// Whether a `Host` is an address, `localhost`, or a name that the operator gave. An address cannot be made to point elsewhere.
fn is_known(host: &str, settings: &ServerSettings) -> bool {
    let name = without_port(host);
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || settings.allowed_hosts.iter().any(|known| known.eq_ignore_ascii_case(name))
        || settings.allowed_hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, Method, header};
    use moa_config::ServerSettings;

    use super::check;

    fn passes(settings: &ServerSettings, host: &'static str, origin: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        check(settings, &Method::POST, &headers, None).is_ok()
    }

    #[test]
    fn names_that_others_could_point_here_are_refused() {
        let settings =
            ServerSettings { allowed_hosts: vec!["moa.example".to_owned()], ..ServerSettings::default() };
        for host in
            ["127.0.0.1:8080", "localhost:8080", "localhost", "[::1]:8080", "10.0.0.7", "moa.example:443"]
        {
            assert!(passes(&settings, host, None), "{host}");
        }
        for host in
            ["evil.example", "evil.example:8080", "", "localhost.evil.example", "127.0.0.1.evil.example"]
        {
            assert!(!passes(&settings, host, None), "{host}");
        }
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        let settings = ServerSettings {
            cors_origins: vec!["https://chat.example".to_owned()],
            ..ServerSettings::default()
        };
        assert!(passes(&settings, "127.0.0.1:8080", Some("http://127.0.0.1:8080")));
        assert!(passes(&settings, "127.0.0.1:8080", Some("https://chat.example")));
        for origin in ["http://evil.example", "null", "http://127.0.0.1:9090", "http://127.0.0.1"] {
            assert!(!passes(&settings, "127.0.0.1:8080", Some(origin)), "{origin}");
        }
    }

    #[test]
    fn a_browser_that_says_so_itself_is_believed() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("localhost"));
        headers.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
        let settings = ServerSettings::default();
        assert!(check(&settings, &Method::POST, &headers, None).is_err());
        assert!(check(&settings, &Method::GET, &headers, None).is_ok());
    }
}
