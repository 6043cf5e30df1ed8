//! The HTTP client alone: what a program pays that asks one model and nothing stands between, or that asks the layers of a mixture with a
//! loop written by hand. It is the floor: client, network and the machine's own wake-ups, and no care for anything.

use std::sync::Arc;

use futures::StreamExt as _;
use futures::future::try_join_all;
use moa_testkit::Stamp;
use serde_json::{Value, json};

use crate::cli::Cli;
use crate::mixture::MAX_TOKENS;
use crate::report::{Line, question, tag};

/// A client.
pub(crate) struct Direct {
    client: reqwest::Client,
    url: String,
    layers: Vec<u32>,
    stream: bool,
    pieces: bool,
}

impl Direct {
    pub(crate) fn new(cli: &Cli) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
        let url = format!("{}/chat/completions", cli.url);
        Ok(Self { client, url, layers: cli.layers.clone(), stream: cli.stream, pieces: cli.pieces })
    }

    /// Asks the layers, if there are any, and then once. Every network read of a stream counts as a piece.
    pub(crate) async fn ask(self: Arc<Self>, run: u64) -> Result<Line, String> {
        if self.layers.is_empty() { self.ask_once(run).await } else { self.ask_layers(run).await }
    }

    async fn ask_layers(&self, run: u64) -> Result<Line, String> {
        let begin = Stamp::now();
        let user = json!({ "role": "user", "content": question(run) });
        let mut messages = vec![user.clone()];
        for agents in self.layers.iter().copied().chain([1]) {
            let answers = (0..agents).map(|_| self.answer(&messages));
            let answers = try_join_all(answers).await.map_err(|error| error.to_string())?;
            messages = vec![json!({ "role": "system", "content": answers.join("\n\n") }), user.clone()];
        }
        Ok(Line {
            tag: tag(run),
            begin_ns: begin.as_nanos(),
            end_ns: Stamp::now().as_nanos(),
            ..Line::default()
        })
    }

    /// One answer, whole.
    async fn answer(&self, messages: &[Value]) -> Result<String, reqwest::Error> {
        let body = json!({ "model": "proposer", "messages": messages, "max_tokens": MAX_TOKENS });
        let response = self.client.post(&self.url).json(&body).send().await?.error_for_status()?;
        let answer = response.json::<Value>().await?;
        Ok(answer["choices"][0]["message"]["content"].as_str().unwrap_or_default().to_owned())
    }

    async fn ask_once(&self, run: u64) -> Result<Line, String> {
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
