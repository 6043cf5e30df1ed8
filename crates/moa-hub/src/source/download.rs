//! The body of a file from the hub, on its way into the partial file.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::{Method, Response, StatusCode};

use super::blocking;
use super::connection::{Connection, header, host_of, reason_of};
use crate::catalogue::Expected;
use crate::error::HubError;
use crate::partial::PartialFile;

/// As many times a broken download is taken up again within one pull, each time only if the last try brought something.
const MAX_RECONNECTS: usize = 20;
/// The pause before that.
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);
/// Written to disk at once, in bytes.
const BATCH_BYTES: usize = 1 << 20;
/// The longest that bytes stay in memory, where a stopped pull would lose them.
const MAX_UNWRITTEN: Duration = Duration::from_secs(1);
/// The same when nothing more comes.
const MAX_UNWRITTEN_IDLE: Duration = Duration::from_millis(100);

/// One file that is fetched.
pub(crate) struct Download<'a> {
    hub: &'a Connection<'a>,
    /// Shared with the thread that writes, which outlives this when the pull is given up.
    partial: Arc<Mutex<PartialFile>>,
    expected: Expected,
    /// What has arrived and was written.
    done_bytes: u64,
}

impl<'a> Download<'a> {
    pub(crate) fn new(hub: &'a Connection<'a>, partial: PartialFile, expected: Expected) -> Self {
        let done_bytes = partial.bytes();
        Self { hub, partial: Arc::new(Mutex::new(partial)), expected, done_bytes }
    }

    /// Fetches what is missing and moves the file to its place.
    pub(crate) async fn run(mut self) -> Result<(), HubError> {
        let mut reconnects = 0;
        while self.done_bytes < self.expected.bytes {
            let before = self.done_bytes;
            let Err(error) = self.connect_and_read().await else { break };
            let hopeful = error.is_broken_connection() && self.done_bytes > before;
            if !hopeful || reconnects == MAX_RECONNECTS {
                return Err(error);
            }
            reconnects += 1;
            tokio::time::sleep(RECONNECT_PAUSE).await;
        }
        let what = format!("{} from {}", self.hub.fetch.target.hub_file.file, self.hub.host);
        self.with_partial(move |partial| partial.finish(&what)).await
    }

    /// Reads one answer of the hub to its end.
    async fn connect_and_read(&mut self) -> Result<(), HubError> {
        let mut response = self.connect().await?;
        let host = host_of(response.url());
        let stall = self.hub.fetch.options.patience.stall;
        let mut batch = Vec::with_capacity(BATCH_BYTES);
        let mut written_at = Instant::now();
        loop {
            // What has arrived waits for more only shortly, then all patience is for the server.
            let patience = if batch.is_empty() { stall } else { stall.min(MAX_UNWRITTEN_IDLE) };
            let (is_idle, end) = match tokio::time::timeout(patience, response.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    batch.extend_from_slice(&chunk);
                    (false, None)
                }
                Ok(Ok(None)) => (true, Some("the connection was closed".to_owned())),
                Ok(Err(error)) => (true, Some(reason_of(error))),
                Err(_) if !batch.is_empty() => (true, None),
                Err(_) => (true, Some(format!("nothing came for {} s", stall.as_secs_f64()))),
            };
            if is_idle || batch.len() >= BATCH_BYTES || written_at.elapsed() >= MAX_UNWRITTEN {
                self.write(std::mem::take(&mut batch)).await?;
                written_at = Instant::now();
            }
            let total_bytes = self.expected.bytes;
            let done_bytes = self.done_bytes + batch.len() as u64;
            self.hub.fetch.reporter.downloading(done_bytes.min(total_bytes), total_bytes, is_idle);
            match end {
                None => {}
                Some(_) if done_bytes == total_bytes => return Ok(()),
                Some(reason) => return Err(HubError::Interrupted { host, done_bytes, total_bytes, reason }),
            }
        }
    }

    /// Asks for what is missing; where the hub cannot give just that, for everything.
    async fn connect(&mut self) -> Result<Response, HubError> {
        let address = &self.hub.address;
        let start = self.done_bytes;
        if start == 0 {
            return self.hub.send(Method::GET, address.clone(), None).await;
        }
        let response = match self.hub.send(Method::GET, address.clone(), Some(start)).await {
            Err(HubError::UnexpectedStatus { status: 416, .. }) => {
                self.restart("the hub has no such part of the file").await?;
                return self.hub.send(Method::GET, address.clone(), None).await;
            }
            other => other?,
        };
        if response.status() != StatusCode::PARTIAL_CONTENT {
            self.restart("the hub sends the file from its beginning only").await?;
        } else if !continues(&response, start, self.expected.bytes) {
            return Err(self.hub.not_a_hub("it sent another part of the file than was asked for"));
        }
        Ok(response)
    }

    async fn write(&mut self, block: Vec<u8>) -> Result<(), HubError> {
        self.done_bytes = self
            .with_partial(move |partial| {
                partial.write(&block)?;
                Ok(partial.bytes())
            })
            .await?;
        Ok(())
    }

    async fn restart(&mut self, reason: &'static str) -> Result<(), HubError> {
        let reporter = self.hub.fetch.reporter.clone();
        self.done_bytes = 0;
        self.with_partial(move |partial| partial.restart(reason, &reporter)).await
    }

    async fn with_partial<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PartialFile) -> Result<T, HubError> + Send + 'static,
    ) -> Result<T, HubError> {
        let partial = Arc::clone(&self.partial);
        blocking(move || work(&mut partial.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}

/// Whether the answer goes on at byte `start` of a file of that length.
fn continues(response: &Response, start: u64, total_bytes: u64) -> bool {
    let range = header(response.headers(), "content-range").and_then(|range| range.strip_prefix("bytes "));
    let Some((span, total)) = range.and_then(|range| range.split_once('/')) else { return false };
    let first = span.split_once('-').and_then(|(first, _)| first.parse().ok());
    first == Some(start) && (total == "*" || total.parse() == Ok(total_bytes))
}
