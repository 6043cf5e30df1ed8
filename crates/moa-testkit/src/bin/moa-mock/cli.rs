//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use moa_testkit::load::Arrivals;

/// A mock of OpenAI-compatible services on 127.0.0.1, to try a configuration without spending money.
///
/// Prints its base URL on a line of its own and serves until it is told to end (Ctrl-C, SIGTERM). Without a script it answers every
/// model with words without meaning.
#[derive(Debug, Parser)]
#[command(name = "moa-mock", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) serve: Serve,
    /// How many threads work.
    #[arg(long, global = true, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..), value_name = "N")]
    pub(crate) threads: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sends requests at a rate and reports latencies (open loop: counted from when each was due)
    Load(Load),
    /// Serves as a forward HTTP proxy to servers on this machine
    Proxy(Proxy),
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The script
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The port, in place of the script's; 0 takes a free one
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,
    /// Writes a line of JSON for every request that ends
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Writes the certificate of the authority that clients must trust, where the script has `tls`
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Prints a commented script to begin with
    #[arg(long)]
    pub(crate) print_example: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Load {
    /// The service's base URL, such as <http://127.0.0.1:8090/v1>
    #[arg(long)]
    pub(crate) url: String,
    /// The model to ask for
    #[arg(long)]
    pub(crate) model: String,
    /// Requests per second
    #[arg(long, default_value_t = 20.0, value_name = "N")]
    pub(crate) rate: f64,
    /// For how long requests are sent
    #[arg(long, default_value_t = 10.0, value_name = "N")]
    pub(crate) seconds: f64,
    /// How the requests are spread
    #[arg(long, value_enum, default_value_t = Spread::Constant)]
    pub(crate) arrivals: Spread,
    /// For the spread, if it is random
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) seed: u64,
    /// Asks for streams
    #[arg(long)]
    pub(crate) stream: bool,
    /// The user's message
    #[arg(long, default_value = "Say something.", value_name = "TEXT")]
    pub(crate) prompt: String,
    /// A user's message of so many bytes, in place of --prompt
    #[arg(long, value_name = "N", conflicts_with = "prompt")]
    pub(crate) prompt_bytes: Option<usize>,
    /// The most tokens to ask for
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u32>,
    /// How long a request may take
    #[arg(long, value_parser = duration, default_value = "60s", value_name = "DURATION")]
    pub(crate) timeout: Duration,
    /// The environment variable that holds the key to send
    #[arg(long, value_name = "NAME")]
    pub(crate) api_key_env: Option<String>,
    /// Reports as JSON, times in microseconds
    #[arg(long)]
    pub(crate) json: bool,
    /// Lets the load go to another machine, which must be yours
    #[arg(long)]
    pub(crate) allow_remote: bool,
}

/// How requests are spread over time.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Spread {
    /// At even distances
    Constant,
    /// At random, as many users are
    Poisson,
}

impl From<Spread> for Arrivals {
    fn from(spread: Spread) -> Self {
        match spread {
            Spread::Constant => Self::Constant,
            Spread::Poisson => Self::Poisson,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Proxy {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) port: u16,
    /// Asks for basic credentials, made up for the test
    #[arg(long, value_name = "USER:PASSWORD")]
    pub(crate) credentials: Option<String>,
    /// Where a host is found; may be given several times
    #[arg(long = "host", value_parser = host, value_name = "HOST:PORT=ADDRESS:PORT")]
    pub(crate) hosts: Vec<(String, SocketAddr)>,
}

fn duration(text: &str) -> Result<Duration, String> {
    moa_testkit::parse_duration(text).ok_or_else(|| "write it like \"50ms\" or \"1.5s\"".to_owned())
}

fn host(text: &str) -> Result<(String, SocketAddr), String> {
    let parts =
        text.split_once('=').and_then(|(host, address)| Some((host.to_owned(), address.parse().ok()?)));
    parts.ok_or_else(|| "write it like api.example:443=127.0.0.1:8443".to_owned())
}
