//! Why a mock, a proxy or a load could not start.

use std::io;

use thiserror::Error;

/// Why a mock, a proxy or a load could not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MockError {
    /// The port cannot be listened on.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port; 0 for any free one.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// The script contradicts itself.
    #[error("the script is wrong: {0}")]
    Script(String),
    /// The certificate cannot be made.
    #[error("cannot make the certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The TLS library does not take the certificate.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] tokio_rustls::rustls::Error),
}

impl MockError {
    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
                Some("another program has the port: take another one, or 0 for any that is free")
            }
            Self::Listen { .. } => Some("ports below 1024 are for root"),
            Self::Script(_) | Self::Certificate(_) | Self::Tls(_) => None,
        }
    }
}
