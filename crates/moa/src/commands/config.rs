//! `moa config`: check, show, schema, init.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use crate::cli::ConfigCommand;
use crate::complaint::Complaint;
use crate::workspace::Workspace;

pub(crate) fn execute(workspace: &Workspace, command: ConfigCommand) -> Result<(), Complaint> {
    match command {
        ConfigCommand::Check { file } => check(workspace, file.as_deref()),
        ConfigCommand::Show => show(workspace),
        ConfigCommand::Schema => super::print_json(&moa_config::schema()),
        ConfigCommand::Init { file, force } => init(&file, force),
    }
}

fn check(workspace: &Workspace, file: Option<&Path>) -> Result<(), Complaint> {
    let config = match file {
        Some(file) => workspace.config_of(file.to_owned())?,
        None => workspace.config()?,
    };
    let mut text = String::new();
    for (kind, path) in config.files() {
        let _ = writeln!(text, "{kind}: {}", path.display());
    }
    let _ = writeln!(text, "in order: {} presets", config.presets().count());
    super::print(&text)
}

fn show(workspace: &Workspace) -> Result<(), Complaint> {
    let config = workspace.config()?;
    let values = config.show();
    let width = values.iter().map(|value| value.key.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for value in values {
        let _ = writeln!(text, "{:width$} = {}  # {}", value.key, value.value, value.origin);
    }
    super::print(&text)
}

fn init(file: &Path, force: bool) -> Result<(), Complaint> {
    let mut options = OpenOptions::new();
    options.write(true).truncate(true);
    if force {
        options.create(true)
    } else {
        options.create_new(true)
    };
    let mut opened = options.open(file).map_err(|error| {
        let complaint = Complaint::failed(format!("cannot write {}: {error}", file.display()));
        match error.kind() {
            io::ErrorKind::AlreadyExists => {
                complaint.with_hint(Some("--force replaces it; another name can be given".to_owned()))
            }
            _ => complaint,
        }
    })?;
    opened
        .write_all(moa_config::init_template().as_bytes())
        .map_err(|error| Complaint::failed(format!("cannot write {}: {error}", file.display())))?;
    super::print(&format!("wrote {}\n", file.display()))
}
