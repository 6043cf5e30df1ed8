//! The log as lines of JSON in a file.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use moa_testkit::Log;

use crate::complaint::Complaint;

/// How often ended requests are written.
const PERIOD: Duration = Duration::from_millis(100);

/// Writes ended requests, in a thread of its own so that the disk holds up no answer.
pub(crate) struct LogFile {
    path: PathBuf,
    stop: mpsc::Sender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl LogFile {
    pub(crate) fn start(path: PathBuf, log: &Log) -> Result<Self, Complaint> {
        let failed =
            |error: io::Error| Complaint::failed(format!("cannot write {}: {error}", path.display()));
        let file = File::create(&path).map_err(failed)?;
        let log = log.clone();
        log.follow();
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name("log".to_owned());
        let thread = thread.spawn(move || write(file, &log, &stopped)).map_err(failed)?;
        Ok(Self { path, stop, thread })
    }

    /// Writes what is left.
    pub(crate) fn finish(self) -> Result<(), Complaint> {
        drop(self.stop);
        let written = self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the writer panicked")));
        written.map_err(|error| Complaint::failed(format!("cannot write {}: {error}", self.path.display())))
    }
}

fn write(file: File, log: &Log, stopped: &mpsc::Receiver<()>) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    loop {
        let is_last = stopped.recv_timeout(PERIOD) != Err(RecvTimeoutError::Timeout);
        for request in log.take_ended() {
            serde_json::to_writer(&mut file, &request)?;
            file.write_all(b"\n")?;
        }
        file.flush()?;
        if is_last {
            return Ok(());
        }
    }
}
