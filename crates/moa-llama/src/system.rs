//! llama.cpp's process-wide state, and what it finds on this machine.

use std::sync::{Mutex, OnceLock, PoisonError};

use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::{LlamaBackendDeviceType, list_llama_ggml_backend_devices};

use crate::native;

/// Sets llama.cpp up, once per process.
pub(crate) fn initialize() {
    static BACKEND: OnceLock<Option<LlamaBackend>> = OnceLock::new();
    BACKEND.get_or_init(|| {
        native::route_logs();
        #[cfg(feature = "dynamic-backends")]
        llama_cpp_2::llama_backend::load_backends();
        // Fails only when somebody else in the process has done the same.
        LlamaBackend::init().ok()
    });
}

/// What the engine can compute with on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SystemInfo {
    /// The instruction sets and other features that llama.cpp was built with and uses, such as `AVX512`.
    pub features: Vec<String>,
    /// What our own kernels compute with; `None` where the processor has nothing that they know, so that ggml's compute.
    pub kernels: Option<&'static str>,
    /// The processors that models can run on.
    pub devices: Vec<Device>,
    /// Cores that the process may use.
    pub cores: usize,
}

/// A processor that models can run on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Device {
    /// Its short name, such as `CPU` or `CUDA0`.
    pub name: String,
    /// What it calls itself.
    pub description: String,
    /// Whether it is a GPU.
    pub is_gpu: bool,
    /// Its memory in bytes, as far as it is known.
    pub memory_bytes: u64,
}

/// Looks at the machine.
#[must_use]
pub fn system_info() -> SystemInfo {
    static LOCK: Mutex<()> = Mutex::new(());
    initialize();
    // The description is written into a buffer that all callers share.
    let description = {
        let _lock = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
        native::system_description()
    };
    let devices = list_llama_ggml_backend_devices()
        .into_iter()
        .map(|device| Device {
            is_gpu: matches!(
                device.device_type,
                LlamaBackendDeviceType::Gpu | LlamaBackendDeviceType::IntegratedGpu
            ),
            name: device.name,
            description: device.description,
            memory_bytes: device.memory_total as u64,
        })
        .collect();
    SystemInfo {
        features: features(&description),
        kernels: moa_kernels::Instructions::best().map(moa_kernels::Instructions::name),
        devices,
        cores: std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get),
    }
}

/// The most memory that this process ever held, its share of mapped files included; `None` where the system does not say.
///
/// # Source
/// `proc_pid_status(5)`: `VmHWM`, in kibibytes.
#[must_use]
pub fn peak_memory_bytes() -> Option<u64> {
    peak_of(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn peak_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The features that are on, out of a line like `CPU : SSE3 = 1 | AVX = 0 | OPENMP = 1 |`.
fn features(description: &str) -> Vec<String> {
    description
        .split('|')
        .filter_map(|entry| {
            let (name, value) = entry.split_once('=')?;
            let name = name.rsplit(':').next().unwrap_or(name).trim();
            (value.trim() != "0" && !name.is_empty()).then(|| match value.trim() {
                "1" => name.to_owned(),
                other => format!("{name}={other}"),
            })
        })
        .collect()
}

#[cfg(test)]
#[path = "system_tests.rs"]
mod tests;
