//! The command line.

use clap::{Parser, ValueEnum};

/// Runs mixtures against a mock at a rate and prints when each began and ended.
#[derive(Debug, Parser)]
pub(crate) struct Cli {
    /// The mock's base URL
    #[arg(long)]
    pub(crate) url: String,
    /// Who asks
    #[arg(long, value_enum)]
    pub(crate) contender: Contender,
    /// Agents of each layer, such as 6,6,6; none is a single model
    #[arg(long, value_delimiter = ',')]
    pub(crate) layers: Vec<u32>,
    /// Runs per second
    #[arg(long, default_value_t = 20.0)]
    pub(crate) rate: f64,
    /// How many runs
    #[arg(long, default_value_t = 200)]
    pub(crate) runs: u32,
    /// Asks for streams
    #[arg(long)]
    pub(crate) stream: bool,
    /// Also prints when each piece of the answer came
    #[arg(long)]
    pub(crate) pieces: bool,
    /// Where the events go
    #[arg(long, value_enum, default_value_t = StoreKind::None)]
    pub(crate) store: StoreKind,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Contender {
    /// The HTTP client alone: one call, or the layers written by hand
    Direct,
    /// moa's engine: a mixture, or a single model
    Mixture,
}

/// Where the events go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StoreKind {
    /// Nowhere
    None,
    /// Into a store on disk
    Disk,
    /// Into a store whose database is locked all the time
    Stalled,
}
