//! The most memory that this process has had in use, as far as the system tells it.

/// Begins anew: from here on the most counts. Says nothing where the system cannot do that.
pub(crate) fn reset() {
    // Documented in proc(5): 5 resets the peak to what is in use.
    #[cfg(target_os = "linux")]
    if let Err(error) = std::fs::write("/proc/self/clear_refs", "5") {
        tracing::debug!(%error, "the peak of memory cannot be reset");
    }
}

/// Bytes, the pages of mapped files included. `None` where the system does not say.
pub(crate) fn bytes() -> Option<u64> {
    of_status(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn of_status(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
#[path = "peak_memory_tests.rs"]
mod tests;
