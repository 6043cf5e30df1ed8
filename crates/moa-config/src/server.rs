//! How `moa serve` listens, whom it lets in and what it answers.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::endpoint::Checks;
use crate::kind::ProblemKind;
use crate::origin::FileKind;
use crate::place::Place;
use crate::problem::Problem;
use crate::raw::{RawOnDisconnect, RawReasoningField, RawServer, RawServerKey, RawToolPolicy};
use crate::source::{SourceFile, Sources};
use crate::written::Written;

/// The longest silence that streams may have: clients and proxies give up soon after.
const MOST_KEEP_ALIVE: Duration = Duration::from_secs(10);

/// How `moa serve` listens, whom it lets in and what it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// The address and port to listen on.
    pub listen: SocketAddr,
    /// Whether a server without keys may listen on an address that others can reach.
    pub allow_anonymous: bool,
    /// Names under which the server is reached, besides `localhost` and plain addresses.
    pub allowed_hosts: Vec<String>,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<String>,
    /// Who may ask; everybody where there is none.
    pub keys: Vec<ServerKey>,
    /// Where ordinary clients find the proposals.
    pub reasoning: ReasoningField,
    /// Who sees the tools of a request.
    pub tools: ToolPolicy,
    /// What becomes of a run whose client leaves.
    pub on_disconnect: OnDisconnect,
    /// The longest that a client may take nothing of what is written to it.
    pub write_idle: Duration,
    /// How long a stream is silent before a comment keeps it alive.
    pub keep_alive: Duration,
    /// How long runs may go on when the server is told to stop.
    pub drain: Duration,
    /// How long an answer is kept for a client that asks the same again because its connection broke.
    pub retry_window: Duration,
    /// The largest request body.
    pub max_body_bytes: u32,
    /// Runs at the same time.
    pub max_runs: u32,
    /// Requests that may wait for a run to end.
    pub max_queue: u32,
    /// What the events of one run may take in memory; a run that takes more is ended.
    pub max_run_bytes: u32,
    /// What runs that have ended may take in memory, for clients that ask again or come late.
    pub max_kept_bytes: u32,
    /// Whether the programs that models write may be run, where a mixture chooses by what they do.
    pub run_candidates: bool,
    /// Mixtures that requests bring along.
    pub inline: InlineLimits,
}

/// Somebody who may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerKey {
    /// The holder's name.
    pub name: String,
    /// The SHA-256 of the key.
    pub sha256: [u8; 32],
    /// Runs at the same time.
    pub max_runs: Option<u32>,
    /// Runs that may begin within a minute.
    pub requests_per_minute: Option<u32>,
}

/// What mixtures that requests bring along may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineLimits {
    /// Whether there may be any.
    pub allowed: bool,
    /// The most layers, the aggregator's included.
    pub max_layers: u32,
    /// The most agents of a layer.
    pub max_agents: u32,
    /// The models that they may name; `None` for every model that is listed.
    pub models: Option<Vec<String>>,
}

/// Where ordinary clients find the proposals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReasoningField {
    /// In the field that most front ends fold away.
    #[default]
    ReasoningContent,
    /// In the newer field.
    Reasoning,
    /// Nowhere.
    Off,
}

/// Who sees the tools of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ToolPolicy {
    /// The aggregator, after the proposers have answered without them.
    #[default]
    Aggregator,
    /// The aggregator, asked alone.
    Bypass,
}

/// What becomes of a run whose client leaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnDisconnect {
    /// It is stopped.
    #[default]
    Cancel,
    /// It goes on, and is stored.
    Finish,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            allow_anonymous: false,
            allowed_hosts: Vec::new(),
            cors_origins: Vec::new(),
            keys: Vec::new(),
            reasoning: ReasoningField::default(),
            tools: ToolPolicy::default(),
            on_disconnect: OnDisconnect::default(),
            write_idle: Duration::from_secs(30),
            keep_alive: Duration::from_secs(8),
            drain: Duration::from_secs(30),
            retry_window: Duration::from_mins(5),
            max_body_bytes: 20 * 1024 * 1024,
            max_runs: 16,
            max_queue: 64,
            max_run_bytes: 64 * 1024 * 1024,
            max_kept_bytes: 64 * 1024 * 1024,
            run_candidates: false,
            inline: InlineLimits { allowed: true, max_layers: 4, max_agents: 8, models: None },
        }
    }
}

impl ServerSettings {
    /// What the files say, the strongest last.
    pub(crate) fn new(sources: &Sources, problems: &mut Vec<Problem>) -> Self {
        let mut settings = Self::default();
        for file in &sources.files {
            let Some(written) = &file.raw.server else { continue };
            if file.kind == FileKind::Project {
                problems.push(Problem::at(&file.place(written), ProblemKind::ProjectServer));
                continue;
            }
            let mut reader = Reader { checks: Checks::new(file), file };
            reader.lay_over(&mut settings, written.value());
            problems.append(&mut reader.checks.problems);
        }
        settings
    }
}

/// Reads the table of one file.
struct Reader<'a> {
    checks: Checks<'a>,
    file: &'a SourceFile,
}

impl<'a> Reader<'a> {
    fn lay_over(&mut self, settings: &mut ServerSettings, raw: &'a RawServer) {
        if let Some(written) = &raw.listen {
            match written.value().parse() {
                Ok(address) => settings.listen = address,
                Err(_) => {
                    self.refuse(written, |written| ProblemKind::BadListenAddress {
                        written: written.clone(),
                    });
                }
            }
        }
        set(&mut settings.allow_anonymous, raw.allow_anonymous.as_ref().map(|written| *written.value()));
        set(&mut settings.allowed_hosts, raw.allowed_hosts.as_ref().map(texts));
        set(&mut settings.cors_origins, self.origins(raw));
        for (name, written) in &raw.keys {
            if let Some(key) = self.key(name, written.value()) {
                settings.keys.retain(|known| known.name != key.name);
                settings.keys.push(key);
            }
        }
        set(
            &mut settings.reasoning,
            raw.reasoning.as_ref().map(|written| match written.value() {
                RawReasoningField::ReasoningContent => ReasoningField::ReasoningContent,
                RawReasoningField::Reasoning => ReasoningField::Reasoning,
                RawReasoningField::Off => ReasoningField::Off,
            }),
        );
        set(
            &mut settings.tools,
            raw.tools.as_ref().map(|written| match written.value() {
                RawToolPolicy::Aggregator => ToolPolicy::Aggregator,
                RawToolPolicy::Bypass => ToolPolicy::Bypass,
            }),
        );
        set(
            &mut settings.on_disconnect,
            raw.on_disconnect.as_ref().map(|written| match written.value() {
                RawOnDisconnect::Cancel => OnDisconnect::Cancel,
                RawOnDisconnect::Finish => OnDisconnect::Finish,
            }),
        );
        set(&mut settings.write_idle, self.checks.duration(raw.write_idle.as_ref()));
        set(&mut settings.keep_alive, self.keep_alive(raw));
        set(&mut settings.drain, self.checks.duration(raw.drain.as_ref()));
        set(&mut settings.retry_window, self.checks.duration(raw.retry_window.as_ref()));
        set(
            &mut settings.max_body_bytes,
            self.checks.positive("max-body-bytes", raw.max_body_bytes.as_ref()),
        );
        set(&mut settings.max_runs, self.checks.positive("max-runs", raw.max_runs.as_ref()));
        set(&mut settings.max_queue, raw.max_queue.as_ref().map(|written| *written.value()));
        let run_bytes = self.checks.positive("max-run-bytes", raw.max_run_bytes.as_ref());
        set(&mut settings.max_run_bytes, run_bytes);
        set(&mut settings.max_kept_bytes, raw.max_kept_bytes.as_ref().map(|written| *written.value()));
        set(&mut settings.run_candidates, raw.run_candidates.as_ref().map(|written| *written.value()));
        let inline = &raw.inline;
        set(&mut settings.inline.allowed, inline.allowed.as_ref().map(|written| *written.value()));
        set(&mut settings.inline.max_layers, self.checks.positive("max-layers", inline.max_layers.as_ref()));
        set(&mut settings.inline.max_agents, self.checks.positive("max-agents", inline.max_agents.as_ref()));
        set(&mut settings.inline.models, inline.models.as_ref().map(|models| Some(texts(models))));
    }

    fn keep_alive(&mut self, raw: &'a RawServer) -> Option<Duration> {
        let period = self.checks.duration(raw.keep_alive.as_ref())?;
        if period > MOST_KEEP_ALIVE {
            if let Some(written) = &raw.keep_alive {
                self.refuse(written, |written| ProblemKind::OutOfRange {
                    key: "keep-alive".to_owned(),
                    written: written.clone(),
                    range: "at most 10s",
                });
            }
            return None;
        }
        Some(period)
    }

    fn origins(&mut self, raw: &'a RawServer) -> Option<Vec<String>> {
        let mut origins = Vec::new();
        for written in raw.cors_origins.as_ref()?.value() {
            let is_origin = written.value().split_once("://").is_some_and(|(scheme, authority)| {
                !scheme.is_empty() && !authority.is_empty() && !authority.contains('/')
            });
            if is_origin {
                origins.push(written.value().clone());
            } else {
                self.refuse(written, |written| ProblemKind::BadOrigin { written: written.clone() });
            }
        }
        Some(origins)
    }

    fn key(&mut self, name: &str, raw: &'a RawServerKey) -> Option<ServerKey> {
        let max_runs = self.checks.positive("max-runs", raw.max_runs.as_ref());
        let requests_per_minute =
            self.checks.positive("requests-per-minute", raw.requests_per_minute.as_ref());
        let Some(sha256) = digest(raw.sha256.value()) else {
            self.refuse(&raw.sha256, |_| ProblemKind::BadKeyHash);
            return None;
        };
        Some(ServerKey { name: name.to_owned(), sha256, max_runs, requests_per_minute })
    }

    fn refuse<T>(&mut self, written: &'a Written<T>, kind: impl FnOnce(&T) -> ProblemKind) {
        let place: Place<'_> = self.file.place(written);
        self.checks.problems.push(Problem::at(&place, kind(written.value())));
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn texts(written: &Written<Vec<Written<String>>>) -> Vec<String> {
    written.value().iter().map(|text| text.value().clone()).collect()
}

/// The bytes of 64 hexadecimal digits.
fn digest(digits: &str) -> Option<[u8; 32]> {
    let digits = digits.trim().as_bytes();
    let mut bytes = [0_u8; 32];
    if digits.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let value = char::from(*digit).to_digit(16)?;
            *byte = (*byte << 4) | u8::try_from(value).ok()?;
        }
    }
    Some(bytes)
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
