//! `moa serve`: every mixture behind one endpoint, and a page.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::sync::Arc;

use moa_server::{ServeError, Server, ServerOptions};
use tokio_util::sync::CancellationToken;

use crate::cli::{ServeArgs, ServeCommand};
use crate::complaint::Complaint;
use crate::served::ServedModels;
use crate::workspace::{self, Workspace};

pub(crate) async fn execute(workspace: &Workspace, arguments: ServeArgs) -> Result<(), Complaint> {
    if let Some(ServeCommand::HashKey) = arguments.command {
        return hash_key();
    }
    let config = Arc::new(workspace.config()?);
    let mut settings = config.server().clone();
    if let Some(host) = arguments.host {
        settings.listen.set_ip(host);
    }
    if let Some(port) = arguments.port {
        settings.listen.set_port(port);
    }
    settings.allow_anonymous |= arguments.allow_anonymous;
    let is_open = settings.keys.is_empty();
    raise_open_files();
    let store = workspace::store_for_run(!arguments.no_store).map(Arc::new);
    let source = Arc::new(ServedModels::new(workspace, &config, store.clone())?);
    let watchers = workspace.telemetry.watchers();
    let server = Server::new(ServerOptions { config, settings, source, store, watchers });
    let listener = server.bind().await.map_err(complaint)?;
    let address = listener
        .local_addr()
        .map_err(|error| Complaint::failed(format!("cannot tell where the server listens: {error}")))?;
    // The first signal ends the server in good order, the second one at once.
    let stop = CancellationToken::new();
    let _shield = workspace.interrupts.shield(stop.clone());
    let keys = if is_open { "no key is needed" } else { "a key is needed" };
    let told = format!(
        "moa serves at http://{address} ({keys})\n  the page     http://{address}/\n  OpenAI API   http://{address}/v1\n"
    );
    let _ = io::stderr().lock().write_all(told.as_bytes());
    server.serve(listener, stop).await.map_err(complaint)
}

/// Lets the server have as many open files as it may. Every run has a connection to its client and one to each service that answers; many
/// systems give a program a thousand at first, and far more for the asking.
fn raise_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let limit = getrlimit(Resource::Nofile);
        let wanted = Rlimit { current: limit.maximum, ..limit };
        if let Err(error) = setrlimit(Resource::Nofile, wanted) {
            tracing::debug!(%error, "the limit of open files stays as it is");
        }
    }
}

fn complaint(error: ServeError) -> Complaint {
    let hint = error.hint().map(str::to_owned);
    let complaint = match error {
        ServeError::Anonymous { .. } => Complaint::usage(error),
        _ => Complaint::failed(error),
    };
    complaint.with_hint(hint)
}

/// Prints what stands for a key in the configuration. The key comes in through standard input, so that no history of commands has it.
fn hash_key() -> Result<(), Complaint> {
    if io::stdin().is_terminal() {
        let _ = io::stderr().write_all(b"key: ");
    }
    let mut key = String::new();
    io::stdin()
        .lock()
        .read_line(&mut key)
        .map_err(|error| Complaint::failed(format!("cannot read the key: {error}")))?;
    if key.trim().is_empty() {
        return Err(Complaint::usage("there is no key on standard input")
            .with_hint(Some("openssl rand -hex 32 | tee my-key | moa serve hash-key".to_owned())));
    }
    super::print(&format!("{}\n", moa_server::key_hash(&key)))
}
