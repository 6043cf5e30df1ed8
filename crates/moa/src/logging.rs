//! What happens inside, on stderr, for those who ask for it.

use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging: nothing by default, our own steps with one `-v`, the libraries' too with two. `MOA_LOG` overrides it.
pub(crate) fn start(verbose: u8) {
    let default = match verbose {
        0 => "off",
        1 => "moa=debug,moa_core=debug,moa_config=debug,moa_hub=debug,moa_llama=debug,moa_store=debug",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_env("MOA_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_target(true);
    tracing_subscriber::registry().with(filter).with(lines).init();
}
