//! Small files of known content on the web, such as those that a repository keeps.

use reqwest::{Client, Url};
use sha2::{Digest as _, Sha256};

use crate::checksum::Checksum;
use crate::error::HubError;
use crate::hub::Hub;
use crate::progress::Source;
use crate::source::{host_of, reason_of};

/// A file on the web, as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebFile {
    /// Its address.
    pub address: String,
    /// Its size.
    pub bytes: u64,
    /// Its sum.
    pub sha256: Checksum,
}

impl Hub {
    /// Downloads a file. No token is sent to anybody.
    ///
    /// # Errors
    /// When nothing may be fetched, the server does not answer in time, or what it sends is not what it has to be.
    ///
    /// # Cancel safety
    /// Dropping the future ends the download.
    pub async fn web_file(&self, file: &WebFile) -> Result<Vec<u8>, HubError> {
        // Whoever allows the hub allows the web.
        if !self.options().sources.contains(&Source::HuggingFace) {
            return Err(HubError::Offline { model: file.address.clone() });
        }
        let address = Url::parse(&file.address).map_err(|error| HubError::InvalidOption {
            name: "the address of a file",
            reason: error.to_string(),
        })?;
        let (host, patience) = (host_of(&address), &self.options().patience);
        let unreachable = |error| HubError::Unreachable { host: host.clone(), reason: reason_of(error) };
        let client = Client::builder()
            .connect_timeout(patience.connect)
            .read_timeout(patience.stall)
            .user_agent(concat!("moa-hub/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(unreachable)?;
        let mut response = client.get(address).send().await.map_err(unreachable)?;
        if !response.status().is_success() {
            return Err(HubError::UnexpectedStatus { host, status: response.status().as_u16() });
        }
        let mut content = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            content.extend_from_slice(&chunk);
            // What the server says about the size is not trusted.
            if content.len() as u64 > file.bytes {
                break;
            }
        }
        check(file, &content)?;
        Ok(content)
    }
}

fn check(file: &WebFile, content: &[u8]) -> Result<(), HubError> {
    let (what, actual) = (file.address.clone(), content.len() as u64);
    if actual != file.bytes {
        return Err(HubError::WrongSize { what, expected: file.bytes, actual });
    }
    let mut hasher = Sha256::new();
    hasher.update(content);
    let actual = Checksum::of(hasher);
    if actual == file.sha256 {
        Ok(())
    } else {
        Err(HubError::WrongChecksum { what, expected: file.sha256, actual })
    }
}
