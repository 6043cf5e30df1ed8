//! Running a load.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use thiserror::Error;
use tokio::task::JoinSet;

use super::arrivals::Arrivals;
use super::call::{Done, call};
use super::pacer;
use super::report::{Gathered, Report};
use crate::clock::Stamp;

/// The most requests of one load; more would not fit into memory with their schedule.
const MAX_REQUESTS: f64 = 10_000_000.0;

/// A load: chat requests, all alike, at a rate.
#[derive(Debug, Clone)]
pub struct Load {
    /// The service's base URL, with `/v1`.
    pub base_url: String,
    /// The model that is asked for.
    pub model: String,
    /// The user's message.
    pub prompt: String,
    /// Whether streams are asked for.
    pub stream: bool,
    /// Requests per second.
    pub rate: f64,
    /// For how long requests are sent.
    pub time: Duration,
    /// How they are spread.
    pub arrivals: Arrivals,
    /// For the spread.
    pub seed: u64,
    /// How long a request may take, from when it is sent.
    pub timeout: Duration,
    /// The key to send, if any.
    pub api_key: Option<String>,
    /// The most tokens to ask for.
    pub max_tokens: Option<u32>,
}

/// Why a load cannot run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The rate or the time is not above zero, or there would be too many requests.
    #[error("{rate} requests a second for {seconds} s is no load")]
    NoLoad {
        /// The rate.
        rate: f64,
        /// The time.
        seconds: f64,
    },
    /// The client cannot be made.
    #[error("cannot set up the HTTP client: {0}")]
    Client(#[from] reqwest::Error),
    /// The thread that keeps time cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
    /// A histogram cannot be made.
    #[error("cannot make a histogram: {0}")]
    Histogram(#[from] hdrhistogram::CreationError),
}

impl Load {
    /// A load of short requests that are not streamed.
    #[must_use]
    pub fn new(base_url: impl Into<String>, model: impl Into<String>, rate: f64, time: Duration) -> Self {
        Self {
            base_url: base_url.into(),
            model: model.into(),
            prompt: "Say something.".to_owned(),
            stream: false,
            rate,
            time,
            arrivals: Arrivals::Constant,
            seed: 0,
            timeout: Duration::from_mins(1),
            api_key: None,
            max_tokens: None,
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("{}/chat/completions", self.base_url.trim_end_matches('/'))
    }

    fn body(&self) -> Bytes {
        let mut body = json!({
            "model": self.model,
            "messages": [{ "role": "user", "content": self.prompt }],
            "stream": self.stream,
        });
        if let Some(tokens) = self.max_tokens {
            body["max_tokens"] = tokens.into();
        }
        body.to_string().into()
    }
}

/// Runs a load to its end: until every answer has come or timed out.
///
/// Uses the machine's proxies for nothing: a load is for servers nearby.
///
/// # Errors
///
/// When the load cannot be set up. Failing requests are in the report.
///
/// # Cancel safety
///
/// Dropping the future drops all requests.
pub async fn run(load: Load) -> Result<Report, LoadError> {
    let seconds = load.time.as_secs_f64();
    let requests = load.rate * seconds;
    if !(load.rate > 0.0 && requests > 0.0 && requests <= MAX_REQUESTS) {
        return Err(LoadError::NoLoad { rate: load.rate, seconds });
    }
    let client = reqwest::Client::builder().no_proxy().http1_only().tcp_nodelay(true).build()?;
    let body = load.body();
    let mut gathered = Gathered::new()?;
    let mut due = pacer::start(load.arrivals.due(load.rate, load.time, load.seed))?;
    let load = Arc::new(load);
    let mut calls: JoinSet<Done> = JoinSet::new();
    let start = Stamp::now();
    let mut ended = start;
    let mut all_sent = false;
    while !all_sent || !calls.is_empty() {
        tokio::select! {
            biased;
            next = due.recv(), if !all_sent => match next {
                Some(next) => {
                    let (client, load, body) = (client.clone(), load.clone(), body.clone());
                    calls.spawn(async move { call(client, &load, body, next).await });
                }
                None => all_sent = true,
            },
            Some(done) = calls.join_next() => {
                ended = Stamp::now();
                // A call that panicked measured nothing; nothing cancels calls.
                if let Ok(done) = done {
                    gathered.add(done);
                }
            }
        }
    }
    Ok(gathered.report(load.rate, ended.since(start)))
}
