//! Listening, and stopping in good order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{App, Server};
use crate::write_idle::WriteIdle;

/// Connections at the same time.
const MOST_CONNECTIONS: usize = 8_192;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);

/// The largest head of a request.
const MOST_HEAD_BYTES: usize = 64 * 1024;

/// How long responses may take to reach their clients once no run goes on.
const LAST_BYTES: Duration = Duration::from_secs(2);

/// How long the end waits for the last events to be on disk.
const FLUSH_PATIENCE: Duration = Duration::from_secs(10);

/// What waits after a failure to accept: there are too many open files, say.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why a server does not start or has not ended in good order.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Everybody could ask.
    #[error("the server would listen on {address}, where others can reach it, and nobody needs a key")]
    Anonymous {
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The last events are not on disk.
    #[error("the last runs could not be stored whole: {message}")]
    Flush {
        /// What the store says.
        message: String,
    },
}

impl ServeError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Anonymous { .. } => Some(
                "set keys ([server.keys.NAME] with sha256 = \"...\", which `moa serve hash-key` prints), listen on 127.0.0.1, or \
                 say --allow-anonymous",
            ),
            Self::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
                Some("another program listens there: choose another port with --port")
            }
            Self::Listen { .. } | Self::Flush { .. } => None,
        }
    }
}

impl Server {
    /// Listens as the settings say.
    ///
    /// # Errors
    /// When the address cannot be had, or when everybody who can reach it could ask without a key.
    pub async fn bind(&self) -> Result<TcpListener, ServeError> {
        let settings = &self.app.settings;
        let address = settings.listen;
        if !address.ip().is_loopback() && settings.keys.is_empty() && !settings.allow_anonymous {
            return Err(ServeError::Anonymous { address });
        }
        TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })
    }

    /// Serves until `stop` is cancelled, and then in good order to the end: requests that come are refused, runs that go on may end
    /// within the time that the settings give them, and those that do not are stored as interrupted.
    ///
    /// # Errors
    /// When the last events could not be stored.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> Result<(), ServeError> {
        let app = Arc::clone(&self.app);
        let connections = Connections {
            service: TowerToHyperService::new(self.router()),
            tasks: TaskTracker::new(),
            finish: CancellationToken::new(),
            kill: CancellationToken::new(),
            write_idle: app.settings.write_idle,
        };
        let accepting = CancellationToken::new();
        let accept = connections.accept(listener, accepting.clone());
        let end = async {
            stop.cancelled().await;
            app.stop.cancel();
            // New connections are still taken, to be told that the server is about to end.
            if tokio::time::timeout(app.settings.drain, app.runs.drained()).await.is_err() {
                app.runs.cut();
                app.runs.drained().await;
            }
            accepting.cancel();
        };
        tokio::join!(accept, end);
        connections.close().await;
        flush(&app).await
    }
}

/// Waits for the last events to be on disk.
async fn flush(app: &App) -> Result<(), ServeError> {
    let Some(store) = app.store.clone() else { return Ok(()) };
    let flushed = tokio::task::spawn_blocking(move || store.recorder()?.flush(FLUSH_PATIENCE)).await;
    match flushed {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(ServeError::Flush { message: error.to_string() }),
        Err(error) => Err(ServeError::Flush { message: error.to_string() }),
    }
}

/// The connections that are open.
struct Connections {
    service: TowerToHyperService<axum::Router>,
    tasks: TaskTracker,
    /// Ends each connection after the response that is under way.
    finish: CancellationToken,
    /// Ends each connection where it stands.
    kill: CancellationToken,
    write_idle: Duration,
}

impl Connections {
    async fn accept(&self, listener: TcpListener, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        loop {
            let accepted = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                accepted = async {
                    // Never closed.
                    let place = Arc::clone(&places).acquire_owned().await.ok();
                    (place, listener.accept().await)
                } => accepted,
            };
            match accepted {
                (Some(place), Ok((stream, _))) => {
                    let connection = self.connection(stream);
                    self.tasks.spawn(async move {
                        connection.await;
                        drop(place);
                    });
                }
                (_, Err(error)) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
                (None, Ok(_)) => return,
            }
        }
    }

    fn connection(&self, stream: TcpStream) -> impl Future<Output = ()> + Send + use<> {
        // Each token leaves by itself.
        let _ = stream.set_nodelay(true);
        let io = TokioIo::new(WriteIdle::new(stream, self.write_idle));
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(MOST_HEAD_BYTES);
        let connection = builder.serve_connection(io, self.service.clone());
        let (finish, kill) = (self.finish.clone(), self.kill.clone());
        async move {
            let mut connection = std::pin::pin!(connection);
            let mut is_finishing = false;
            loop {
                tokio::select! {
                    result = connection.as_mut() => {
                        if let Err(error) = result {
                            tracing::debug!(%error, "a connection ended");
                        }
                        return;
                    }
                    () = kill.cancelled() => return,
                    () = finish.cancelled(), if !is_finishing => {
                        is_finishing = true;
                        connection.as_mut().graceful_shutdown();
                    }
                }
            }
        }
    }

    /// Lets the responses that are under way reach their clients, and closes.
    async fn close(self) {
        self.finish.cancel();
        self.tasks.close();
        if tokio::time::timeout(LAST_BYTES, self.tasks.wait()).await.is_err() {
            self.kill.cancel();
            self.tasks.wait().await;
        }
    }
}
