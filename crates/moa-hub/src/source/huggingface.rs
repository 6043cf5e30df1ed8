//! The Hugging Face hub and its mirrors.

use reqwest::Method;
use reqwest::header::ETAG;
use serde::Deserialize;

use super::connection::{Connection, header};
use super::download::Download;
use super::{Fetch, blocking};
use crate::catalogue::{Expected, HubFile};
use crate::checksum::Checksum;
use crate::error::HubError;
use crate::hub::accept_existing;
use crate::partial::PartialFile;

/// Fetches the target from the hub, continuing what an earlier pull has left.
pub(crate) async fn fetch(fetch: Fetch<'_>) -> Result<(), HubError> {
    let hub = Connection::open(fetch)?;
    let remote = Remote::inspect(&hub).await?;
    let expected = remote.agree(&hub).await?;
    // Where the catalogue knows the sum, the file on disk was looked at before.
    if fetch.target.expected.is_none()
        && accept_existing(fetch.target, Some(expected), fetch.reporter).await?
    {
        return Ok(());
    }
    let (path, free_space) = (fetch.target.path.clone(), fetch.free_space.clone());
    let (lock, reporter) = (fetch.lock.clone(), fetch.reporter.clone());
    let partial = blocking(move || {
        let partial =
            PartialFile::open(&path, expected, remote.etag.as_deref(), &free_space, lock, &reporter)?;
        partial.require_space(0)?;
        Ok(partial)
    });
    Download::new(&hub, partial.await?, expected).run().await
}

/// What the hub says about a file.
struct Remote {
    bytes: u64,
    /// The sum, which is the name that the hub gives to the content of large files.
    sha256: Option<Checksum>,
    /// The name of the content, where it is not its sum.
    etag: Option<String>,
}

impl Remote {
    /// Asks for the file's size and sum without fetching it.
    async fn inspect(hub: &Connection<'_>) -> Result<Self, HubError> {
        let response = hub.send(Method::HEAD, hub.address.clone(), None).await?;
        let headers = response.headers();
        // A referral to another host has a length and a name of its own; the linked ones are the file's.
        let tag = header(headers, "x-linked-etag").or_else(|| header(headers, ETAG.as_str()));
        let etag = tag.map(|tag| tag.trim_start_matches("W/").trim_matches('"').to_owned());
        let sha256 = etag.as_deref().and_then(|tag| tag.parse().ok());
        let is_referral = response.status().is_redirection();
        let own_length = header(headers, "content-length").filter(|_| !is_referral);
        let length = header(headers, "x-linked-size").or(own_length);
        match length.and_then(|length| length.parse().ok()) {
            Some(bytes) => Ok(Self { bytes, sha256, etag: etag.filter(|_| sha256.is_none()) }),
            None => Err(hub.not_a_hub("it does not say how long the file is")),
        }
    }

    /// What the file has to be: what the catalogue says, which the hub may not contradict, or else what the hub says.
    async fn agree(&self, hub: &Connection<'_>) -> Result<Expected, HubError> {
        let target = hub.fetch.target;
        let what = || format!("{} on {}", target.hub_file.file, hub.host);
        let Some(expected) = target.expected else {
            let sha256 = match self.sha256 {
                Some(sha256) => sha256,
                None => ask_for_checksum(hub).await?,
            };
            return Ok(Expected { sha256, bytes: self.bytes });
        };
        if let Some(actual) = self.sha256.filter(|sha256| *sha256 != expected.sha256) {
            return Err(HubError::WrongChecksum { what: what(), expected: expected.sha256, actual });
        }
        if self.bytes != expected.bytes {
            return Err(HubError::WrongSize { what: what(), expected: expected.bytes, actual: self.bytes });
        }
        Ok(expected)
    }
}

/// A file in the answer of the hub's API.
#[derive(Deserialize)]
struct PathInfo {
    path: String,
    lfs: Option<LargeFile>,
}

#[derive(Deserialize)]
struct LargeFile {
    oid: Checksum,
}

/// Asks the hub's API for the sum, which mirrors that serve the files themselves leave out of the headers.
async fn ask_for_checksum(hub: &Connection<'_>) -> Result<Checksum, HubError> {
    let HubFile { repository, file, revision } = &hub.fetch.target.hub_file;
    let folders = file.rsplit_once('/').map(|(folders, _)| folders.split('/'));
    let segments = ["api", "models"].into_iter().chain(repository.split('/')).chain(["tree", revision]);
    let address = hub.fetch.options.endpoint.address_of(segments.chain(folders.into_iter().flatten()))?;
    let none = || HubError::NoChecksum { host: hub.host.clone(), file: file.clone() };
    let response = hub.send(Method::GET, address, None).await?;
    let body = tokio::time::timeout(hub.fetch.options.patience.answer, response.bytes()).await;
    let Ok(Ok(body)) = body else { return Err(none()) };
    let infos: Vec<PathInfo> = serde_json::from_slice(&body).map_err(|_| none())?;
    let info = infos.into_iter().find(|info| info.path == *file);
    info.and_then(|info| info.lfs).map(|lfs| lfs.oid).ok_or_else(none)
}
