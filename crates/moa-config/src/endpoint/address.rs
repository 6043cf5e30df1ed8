//! Addresses of services and of proxies.

use std::net::IpAddr;

use crate::kind::ProblemKind;
use crate::place::Placed;
use crate::problem::Problem;

/// The way to a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Proxy {
    /// As the environment says (`HTTPS_PROXY` and its like).
    #[default]
    Environment,
    /// Straight, whatever the environment says.
    None,
    /// Through the proxy at this address, which holds no user and no password.
    Url(String),
}

/// The address of a service without a slash at its end; no user, password, query or fragment, because addresses are shown.
pub(super) fn base_url(written: &Placed<'_, &String>) -> Result<String, Problem> {
    address(written).map(|url| url.trim_end_matches('/').to_owned())
}

/// A proxy: an address without a path, or `none`.
pub(super) fn proxy(written: &Placed<'_, &String>) -> Result<Proxy, Problem> {
    if written.value.trim() == "none" {
        return Ok(Proxy::None);
    }
    let wrong = || Problem::at(&written.place, ProblemKind::BadProxy { url: written.value.clone() });
    let url = match address(written) {
        Ok(url) => url.trim_end_matches('/'),
        Err(problem) if matches!(problem.kind(), ProblemKind::UrlCredentials) => return Err(problem),
        Err(_) => return Err(wrong()),
    };
    let has_path = url.split_once("://").is_none_or(|(_, rest)| rest.contains('/'));
    if has_path { Err(wrong()) } else { Ok(Proxy::Url(url.to_owned())) }
}

/// Whether an address that was checked leads to this machine.
pub(super) fn is_loopback(url: &str) -> bool {
    let host = authority(url).map(host_of).unwrap_or_default();
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn address<'a>(written: &Placed<'_, &'a String>) -> Result<&'a str, Problem> {
    let url = written.value.trim();
    let authority = authority(url).unwrap_or_default();
    if authority.contains('@') {
        return Err(Problem::at(&written.place, ProblemKind::UrlCredentials));
    }
    let is_odd = |character: char| {
        character.is_whitespace() || character.is_control() || "?#\\\"<>".contains(character)
    };
    if host_of(authority).is_empty() || !has_sound_port(authority) || url.contains(is_odd) {
        return Err(Problem::at(&written.place, ProblemKind::BadUrl { url: written.value.clone() }));
    }
    Ok(url)
}

/// What stands between the scheme and the path.
fn authority(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    rest.split('/').next()
}

/// The host of an authority; an address of version 6 without its brackets.
fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn has_sound_port(authority: &str) -> bool {
    let after_host = match authority.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((_, after)) => after,
            None => return false,
        },
        None => authority.get(host_of(authority).len()..).unwrap_or_default(),
    };
    match after_host.strip_prefix(':') {
        Some(port) => port.parse::<u16>().is_ok_and(|port| port > 0),
        None => after_host.is_empty(),
    }
}
