//! An endpoint: one address, with the connections that its models share.

use std::fmt;
use std::sync::{Arc, OnceLock};

use moa_core::Failure;

use crate::client::Connection;
use crate::dialect::Dialect;
use crate::settings::EndpointSettings;

/// One address of an OpenAI-compatible service. Models behind it share its connections; clones are the same endpoint.
#[derive(Clone)]
pub struct Endpoint {
    inner: Arc<Inner>,
}

struct Inner {
    settings: EndpointSettings,
    connection: OnceLock<Connection>,
}

impl Endpoint {
    /// An endpoint of the given settings. Key and certificates are read when a model is asked for the first time.
    #[must_use]
    pub fn new(settings: EndpointSettings) -> Self {
        Self { inner: Arc::new(Inner { settings, connection: OnceLock::new() }) }
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &EndpointSettings {
        &self.inner.settings
    }

    /// Reads the key and the certificates, without asking the endpoint anything.
    ///
    /// # Errors
    /// `Unauthorized` when the key cannot be had, `InvalidRequest` when headers, proxy or certificates cannot be used.
    pub fn check(&self) -> Result<(), Failure> {
        self.connection().map(drop)
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.settings().dialect.settled(&self.settings().address)
    }

    /// What failed attempts are not remembered of: a key that is put in place later is found.
    pub(crate) fn connection(&self) -> Result<&Connection, Failure> {
        if let Some(connection) = self.inner.connection.get() {
            return Ok(connection);
        }
        let opened = Connection::open(&self.inner.settings)?;
        Ok(self.inner.connection.get_or_init(|| opened))
    }

    /// The endpoint for people: its name and its host.
    pub(crate) fn shown(&self) -> String {
        let settings = self.settings();
        let host = settings.address.host_and_port();
        if settings.name == host { host } else { format!("{} ({host})", settings.name) }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}
