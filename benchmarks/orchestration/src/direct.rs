//! The HTTP client alone: what a program pays that asks one model and nothing stands between.

use std::sync::Arc;

use futures::StreamExt as _;
use moa_testkit::Stamp;
use serde_json::{Value, json};

use crate::cli::Cli;
use crate::mixture::MAX_TOKENS;
use crate::report::{Line, question, tag};

/// A client.
pub(crate) struct Direct {
    client: reqwest::Client,
    url: String,
    stream: bool,
    pieces: bool,
}

impl Direct {
    pub(crate) fn new(cli: &Cli) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
        let url = format!("{}/chat/completions", cli.url);
        Ok(Self { client, url, stream: cli.stream, pieces: cli.pieces })
    }

    /// Asks once. Every network read of a stream counts as a piece.
    pub(crate) async fn ask(self: Arc<Self>, run: u64) -> Result<Line, String> {
        let begin = Stamp::now();
        let body = json!({
            "model": "alone",
            "messages": [{ "role": "user", "content": question(run) }],
            "max_tokens": MAX_TOKENS,
            "stream": self.stream,
        });
        let text = |error: reqwest::Error| error.to_string();
        let response = self.client.post(&self.url).json(&body).send().await.map_err(text)?;
        let mut pieces_ns = Vec::new();
        if self.stream {
            let mut chunks = response.error_for_status().map_err(text)?.bytes_stream();
            while let Some(chunk) = chunks.next().await {
                let chunk = chunk.map_err(text)?;
                if self.pieces {
                    // Several chunks that were read at once came at the same moment.
                    let numbered = chunk.windows(11).filter(|bytes| bytes == b"\"content\":\"").count();
                    pieces_ns.extend(std::iter::repeat_n(Stamp::now().as_nanos(), numbered));
                }
            }
            // The first event carries the role and an empty text.
            pieces_ns.drain(..pieces_ns.len().min(1));
        } else {
            response.error_for_status().map_err(text)?.json::<Value>().await.map_err(text)?;
        }
        let end_ns = Stamp::now().as_nanos();
        Ok(Line { tag: tag(run), begin_ns: begin.as_nanos(), end_ns, pieces_ns, ..Line::default() })
    }
}
