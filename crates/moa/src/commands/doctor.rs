//! `moa doctor`: what this machine offers, and whether all is in order.

use std::fmt::Write as _;

use moa_hub::ModelState;
use moa_terminal::quantities;

use crate::complaint::Complaint;
use crate::workspace::{self, Workspace};

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
    for device in &system.devices {
        let memory = quantities::bytes(device.memory_bytes);
        row("device", &format!("{} ({}, {memory})", device.name, device.description));
    }
    let mut trouble = None;
    match workspace.config() {
        Ok(config) => {
            let files: Vec<String> =
                config.files().map(|(kind, path)| format!("{} ({kind})", path.display())).collect();
            row(
                "configuration",
                &if files.is_empty() { "defaults only".to_owned() } else { files.join(", ") },
            );
            row("preset", &config.default_preset().value);
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
