//! `moa doctor`: what this machine offers, and whether all is in order.

use std::fmt::Write as _;

use moa_config::{Config, Overrides};
use moa_hub::ModelState;
use moa_terminal::quantities;

use crate::complaint::Complaint;
use crate::local::LocalModels;
use crate::memory_plan::MemoryPlan;
use crate::workspace::{self, Workspace, config_complaint};

pub(crate) fn execute(workspace: &Workspace) -> Result<(), Complaint> {
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<14} {value}");
    };
    row("moa", env!("CARGO_PKG_VERSION"));
    row("platform", &format!("{} {}", std::env::consts::OS, std::env::consts::ARCH));
    let system = moa_llama::system_info();
    row("cores", &system.cores.to_string());
    row("instructions", &system.features.join(" "));
    row("kernels", system.kernels.unwrap_or("ggml's: ours know none of these instructions"));
    for device in &system.devices {
        let memory = quantities::bytes(device.memory_bytes);
        row("device", &format!("{} ({}, {memory})", device.name, device.description));
    }
    let mut trouble = None;
    if let Some((total, available)) = memory_bytes() {
        row("memory", &format!("{}, {} available", quantities::bytes(total), quantities::bytes(available)));
    }
    match workspace.config() {
        Ok(config) => {
            let files: Vec<String> =
                config.files().map(|(kind, path)| format!("{} ({kind})", path.display())).collect();
            row(
                "configuration",
                &if files.is_empty() { "defaults only".to_owned() } else { files.join(", ") },
            );
            let preset = config.default_preset().value.clone();
            row("preset", &preset);
            match plan(workspace, &config, &preset) {
                Ok(Some(plan)) => {
                    row("memory plan", &plan.to_string());
                    for line in plan.order() {
                        row("", &line);
                    }
                }
                Ok(None) => row("memory plan", "unknown until the models of the preset are on disk"),
                Err(complaint) => trouble = Some(complaint),
            }
            match workspace.hub(&config) {
                Ok(hub) => {
                    row("models", &hub.options().models_folder.display().to_string());
                    let listed = hub.list().unwrap_or_default();
                    let ready: Vec<String> = listed
                        .iter()
                        .filter(|model| model.state == ModelState::Verified)
                        .map(|model| {
                            let size = model.bytes.map_or_else(String::new, quantities::bytes);
                            format!("{} ({size})", model.reference)
                        })
                        .collect();
                    row("", &if ready.is_empty() { "none on disk yet".to_owned() } else { ready.join(", ") });
                }
                Err(complaint) => trouble = Some(complaint),
            }
        }
        Err(complaint) => trouble = Some(complaint),
    }
    match workspace::store_path().and_then(|path| workspace::store().map(|_| path)) {
        Ok(path) => row("runs", &path.display().to_string()),
        Err(complaint) => trouble = trouble.or(Some(complaint)),
    }
    super::print(&text)?;
    match trouble {
        Some(complaint) => Err(complaint),
        None => super::print("all in order\n"),
    }
}

/// How the models of a preset share memory.
fn plan(workspace: &Workspace, config: &Config, preset: &str) -> Result<Option<MemoryPlan>, Complaint> {
    let local = LocalModels::new(workspace, config, false)?;
    let preset = config.preset(preset, &Overrides::default()).map_err(|error| config_complaint(&error))?;
    MemoryPlan::of(&preset, &local)
}

/// The machine's memory, and what of it programs can still have; `None` where the system does not say.
///
/// # Source
/// `proc_meminfo(5)`: `MemTotal` and `MemAvailable`, in kibibytes.
fn memory_bytes() -> Option<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let bytes = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
    };
    Some((bytes("MemTotal")?, bytes("MemAvailable")?))
}
