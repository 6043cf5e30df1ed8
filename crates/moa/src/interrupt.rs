//! Ctrl-C, SIGTERM and SIGHUP: a running mixture is stopped and reports; anything else is given up where it stands.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// Where signals go.
#[derive(Clone, Default)]
pub(crate) struct Interrupts {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    running: Option<CancellationToken>,
    /// What is being done, the innermost last: each says what is left of it if it is given up now.
    doing: Vec<Box<dyn Fn() -> String + Send>>,
}

/// For as long as this lives, the first signal cancels its run instead of ending the program.
pub(crate) struct Shield {
    shared: Arc<Mutex<Shared>>,
}

/// For as long as this lives, a signal that ends the program says what is left of what was being done.
pub(crate) struct Doing {
    shared: Arc<Mutex<Shared>>,
}

impl Interrupts {
    /// Lets the first signal cancel `run`; a second one ends the program all the same.
    pub(crate) fn shield(&self, run: CancellationToken) -> Shield {
        lock(&self.shared).running = Some(run);
        Shield { shared: Arc::clone(&self.shared) }
    }

    /// Notes that something is begun. `left` says what is left of it when it is given up.
    pub(crate) fn doing(&self, left: impl Fn() -> String + Send + 'static) -> Doing {
        lock(&self.shared).doing.push(Box::new(left));
        Doing { shared: Arc::clone(&self.shared) }
    }

    /// Waits for a signal that ends the program, and says what is left of what was being done.
    pub(crate) async fn fatal(&self, mut signals: Signals) -> io::Result<String> {
        loop {
            signals.next().await?;
            let shared = lock(&self.shared);
            match &shared.running {
                Some(run) if !run.is_cancelled() => run.cancel(),
                _ => {
                    let left = shared.doing.last().map(|left| left());
                    return Ok(left.map_or_else(|| "stopped".to_owned(), |left| format!("stopped; {left}")));
                }
            }
        }
    }
}

impl Drop for Shield {
    fn drop(&mut self) {
        lock(&self.shared).running = None;
    }
}

impl Drop for Doing {
    fn drop(&mut self) {
        lock(&self.shared).doing.pop();
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The signals that ask a program to stop. From the moment this exists they no longer end it.
pub(crate) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    /// Must be called within the asynchronous runtime.
    pub(crate) fn new() -> io::Result<Self> {
        use std::io::IsTerminal as _;

        use tokio::signal::unix::{SignalKind, signal};

        // Without a terminal there is none to restore, and listening would undo what `nohup` has set.
        let has_terminal = io::stderr().is_terminal();
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: has_terminal.then(|| signal(SignalKind::hangup())).transpose()?,
        })
    }

    async fn next(&mut self) -> io::Result<()> {
        let hang_up = async {
            match &mut self.hang_up {
                Some(hang_up) => hang_up.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = hang_up => {}
        }
        Ok(())
    }
}

#[cfg(not(unix))]
impl Signals {
    /// They are listened for from the first [`Signals::next`] on.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn next(&mut self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
