//! Ctrl-C and SIGTERM: a running mixture is stopped and reports; anything else is given up where it stands.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// Where signals go.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupts {
    running: Arc<Mutex<Option<CancellationToken>>>,
}

/// For as long as this lives, the first signal cancels its run instead of ending the program.
pub(crate) struct Shield {
    running: Arc<Mutex<Option<CancellationToken>>>,
}

impl Interrupts {
    /// Lets the first signal cancel `run`; a second one ends the program all the same.
    pub(crate) fn shield(&self, run: CancellationToken) -> Shield {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(run);
        Shield { running: Arc::clone(&self.running) }
    }

    /// Waits for a signal that ends the program.
    pub(crate) async fn fatal(&self) -> io::Result<()> {
        let mut signals = Signals::new()?;
        loop {
            signals.next().await?;
            let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).clone();
            match running {
                Some(run) if !run.is_cancelled() => run.cancel(),
                _ => return Ok(()),
            }
        }
    }
}

impl Drop for Shield {
    fn drop(&mut self) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The signals that ask a program to stop.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> io::Result<()> {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        Ok(())
    }
}

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn next(&mut self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
